"""The calls of `/v1` about accounts, keys and prices, declared."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.web.body import Form
from posthouse.web.dialects.v1.accounts import Accounts
from posthouse.web.dialects.v1.activate import Activation
from posthouse.web.dialects.v1.admin_records import (
    AccountRow,
    AccountRows,
    CreditReply,
    IssuedReply,
    KeyRow,
    KeyRows,
    PricesReply,
    TrialReply,
)
from posthouse.web.dialects.v1.admin_wire import (
    FAULTS,
    AccountChanges,
    AccountRequest,
    ActivateRequest,
    CreditRequest,
    KeyRequest,
    KeysQuery,
    PageQuery,
    PricesRequest,
)
from posthouse.web.dialects.v1.keys import Keys
from posthouse.web.dialects.v1.prices import Prices
from posthouse.web.endpoint import Nothing, Route
from posthouse.web.services import Services

_KEY = {"id": "The key's id, as sk_9hTq2LmXw4."}
_NAME = {"name": "The account's name, as acme."}
_SMALL = 64 * 1024
_EXAMPLE = {"prices": {"*": "0.05", "US": "0.08", "JP": None}}


def administration(services: Services) -> tuple[Route[Any], ...]:
    """Every call, in the order of the reference."""
    return (*_keys(Keys(services)), *_accounts(Accounts(services)), *_prices(Prices(services)))


def activation(services: Services) -> Route[Any]:
    """The one call that needs no key, because it makes one."""
    return Route(
        method="POST",
        path="/v1/activate",
        name="activate",
        summary="Open an account on trial",
        form=Form(ActivateRequest),
        handle=Activation(services).activate,
        reply=TrialReply,
        status=201,
        scope=None,
        refusals=(Code.LOCAL_ONLY, Code.TRIALS_EXHAUSTED, Code.RATE_LIMITED),
        idempotent=True,
        bodiless=True,
        body_max=_SMALL,
    )


def _keys(keys: Keys) -> tuple[Route[Any], ...]:
    return (
        Route(
            method="GET",
            path="/v1/keys",
            name="keys.list",
            summary="The keys of an account",
            form=Form(KeysQuery),
            handle=keys.page,
            reply=KeyRows,
            scope="keys:read",
            refusals=(Code.NOT_FOUND,),
        ),
        Route(
            method="POST",
            path="/v1/keys",
            name="keys.create",
            summary="Issue a key",
            form=Form(KeyRequest, faults=FAULTS),
            handle=keys.create,
            reply=IssuedReply,
            status=201,
            scope="keys:write",
            refusals=(Code.NOT_FOUND,),
            idempotent=True,
            bodiless=True,
            body_max=_SMALL,
            example={"name": "billing service", "scopes": ["messages:write", "messages:read"]},
        ),
        Route(
            method="GET",
            path="/v1/keys/{id}",
            name="keys.get",
            summary="Look a key up",
            form=Form(Nothing),
            handle=keys.get,
            reply=KeyRow,
            scope="keys:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_KEY,
        ),
        Route(
            method="DELETE",
            path="/v1/keys/{id}",
            name="keys.revoke",
            summary="Revoke a key",
            form=Form(Nothing),
            handle=keys.revoke,
            reply=KeyRow,
            scope="keys:write",
            refusals=(Code.NOT_FOUND, Code.LAST_OPERATOR_KEY),
            path_params=_KEY,
        ),
    )


def _accounts(accounts: Accounts) -> tuple[Route[Any], ...]:
    return (
        Route(
            method="GET",
            path="/v1/accounts",
            name="accounts.list",
            summary="All accounts with their money",
            form=Form(PageQuery),
            handle=accounts.page,
            reply=AccountRows,
            scope="accounts:read",
        ),
        Route(
            method="POST",
            path="/v1/accounts",
            name="accounts.create",
            summary="Open an account",
            form=Form(AccountRequest, faults=FAULTS),
            handle=accounts.create,
            reply=AccountRow,
            status=201,
            scope="accounts:write",
            refusals=(Code.ALREADY_EXISTS,),
            idempotent=True,
            body_max=_SMALL,
            example={"name": "acme", "balance": "100.00", "status": "approved"},
        ),
        Route(
            method="GET",
            path="/v1/accounts/{name}",
            name="accounts.get",
            summary="Look an account up",
            form=Form(Nothing),
            handle=accounts.get,
            reply=AccountRow,
            scope="accounts:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_NAME,
        ),
        Route(
            method="PATCH",
            path="/v1/accounts/{name}",
            name="accounts.update",
            summary="Change an account's settings",
            form=Form(AccountChanges, faults=FAULTS),
            example={"status": "approved", "rate_limit": 500},
            handle=accounts.update,
            reply=AccountRow,
            scope="accounts:write",
            refusals=(Code.NOT_FOUND,),
            body_max=_SMALL,
            path_params=_NAME,
        ),
        Route(
            method="POST",
            path="/v1/accounts/{name}/credit",
            name="accounts.credit",
            summary="Add money to an account",
            form=Form(CreditRequest),
            handle=accounts.credit,
            reply=CreditReply,
            scope="accounts:write",
            refusals=(Code.NOT_FOUND,),
            idempotent=True,
            body_max=_SMALL,
            path_params=_NAME,
            example={"amount": "100.00", "idempotency_key": "transfer-4711"},
        ),
    )


def _prices(prices: Prices) -> tuple[Route[Any], ...]:
    return (
        Route(
            method="GET",
            path="/v1/account/prices",
            name="account.prices",
            summary="What the account behind the key pays",
            form=Form(Nothing),
            handle=prices.own,
            reply=PricesReply,
            scope="account:read",
        ),
        Route(
            method="GET",
            path="/v1/accounts/{name}/prices",
            name="accounts.prices",
            summary="What an account pays",
            form=Form(Nothing),
            handle=prices.of_account,
            reply=PricesReply,
            scope="accounts:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_NAME,
        ),
        Route(
            method="PUT",
            path="/v1/accounts/{name}/prices",
            name="accounts.set_prices",
            summary="Set prices of an account",
            form=Form(PricesRequest),
            example=_EXAMPLE,
            handle=prices.set_of_account,
            reply=PricesReply,
            scope="accounts:write",
            refusals=(Code.NOT_FOUND,),
            body_max=_SMALL,
            path_params=_NAME,
        ),
        Route(
            method="GET",
            path="/v1/prices",
            name="prices.get",
            summary="The prices that new accounts begin with",
            form=Form(Nothing),
            handle=prices.default,
            reply=PricesReply,
            scope="accounts:read",
        ),
        Route(
            method="PUT",
            path="/v1/prices",
            name="prices.set",
            summary="Set prices that new accounts begin with",
            form=Form(PricesRequest),
            example=_EXAMPLE,
            handle=prices.set_default,
            reply=PricesReply,
            scope="accounts:write",
            body_max=_SMALL,
        ),
    )
