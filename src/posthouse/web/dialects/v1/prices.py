"""Prices: one's own list, and for operators every account's and the one that new accounts copy."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.core.ledger import CURRENCY
from posthouse.core.ports.admin import PLATFORM
from posthouse.core.ports.queries import GetPrices
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.accounts import amount_of
from posthouse.web.dialects.v1.admin_records import PricesReply, of_prices
from posthouse.web.dialects.v1.admin_wire import PricesRequest
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.services import Services


class Prices:
    """The calls about prices. What was accepted keeps the price it was accepted at."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._administer = services.administer
        self._directory = services.directory

    async def own(self, call: Call[Nothing]) -> PricesReply:
        """What the caller's account pays."""
        account = call.caller.account
        return await self._list(account.id, account.name, account.currency)

    async def of_account(self, call: Call[Nothing]) -> PricesReply:
        """What an account pays."""
        account = await self._administer.account(call.path["name"])
        return await self._list(account.id, account.name, account.currency)

    async def set_of_account(self, call: Call[PricesRequest]) -> PricesReply:
        """Set lines of an account's list."""
        account = await self._administer.account(call.path["name"])
        await self._set(account.id, call.wanted)
        return await self._list(account.id, account.name, account.currency)

    async def default(self, call: Call[Nothing]) -> PricesReply:
        """What new accounts begin with."""
        return await self._list(PLATFORM, None, CURRENCY)

    async def set_default(self, call: Call[PricesRequest]) -> PricesReply:
        """Set lines of the list that new accounts copy; the accounts there are keep theirs."""
        await self._set(PLATFORM, call.wanted)
        return await self._list(PLATFORM, None, CURRENCY)

    async def _set(self, account_id: int, wanted: PricesRequest) -> None:
        lines = {
            country: None if price is None else amount_of(price, f"prices.{country}")
            for country, price in wanted.prices.items()
        }
        await self._administer.set_prices(account_id, lines)
        self._directory.forget()

    async def _list(self, account_id: int, name: str | None, currency: str) -> PricesReply:
        prices = await self._store.read(GetPrices(account_id))
        return of_prices(prices, name, currency)


_NAME = {"name": "The account's name, as acme."}
_EXAMPLE = {"prices": {"*": "0.05", "US": "0.08", "JP": None}}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about prices."""
    prices = Prices(services)
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
            body_max=SMALL,
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
            body_max=SMALL,
        ),
    )
