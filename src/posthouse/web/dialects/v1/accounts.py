"""Accounts, for operators: open them, change them, add money."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ledger import Balance, from_micro, to_micro
from posthouse.core.ports.admin import USUAL_LIMIT, AccountStatus, CreateAccount, UpdateAccount
from posthouse.core.ports.queries import GetStanding, ListAccounts
from posthouse.core.quiet import quiet_hours
from posthouse.core.routing import UnknownPolicy
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.account_rules import LimitsByPurpose, limits_of
from posthouse.web.dialects.v1.admin_records import (
    AccountRow,
    AccountRows,
    CreditReply,
    of_account,
    of_balance,
    of_opening,
)
from posthouse.web.dialects.v1.admin_wire import FAULTS, AccountChanges, AccountRequest, CreditRequest
from posthouse.web.dialects.v1.pages import PageQuery, cut, position
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create, mark_of
from posthouse.web.services import Services

CREATE, CREDIT = "accounts.create", "accounts.credit"


class Accounts:
    """The calls about accounts."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._clock = services.clock
        self._submit = services.submit
        self._administer = services.administer
        self._directory = services.directory

    async def page(self, call: Call[PageQuery]) -> AccountRows:
        """All accounts with their money, oldest first."""
        wanted = call.wanted
        found = await self._store.read(ListAccounts(wanted.limit + 1, position(wanted.cursor) or 0))
        page, cursor = cut(found, wanted.limit, lambda row: row[0].id)
        return AccountRows([of_account(account, balance) for account, balance in page], cursor)

    async def create(self, call: Call[AccountRequest]) -> bytes:
        """Open an account."""
        wanted = call.wanted
        opening = CreateAccount(
            wanted.name,
            AccountStatus(wanted.status),
            amount_of(wanted.balance, "balance"),
            self._clock.now(),
            region=wanted.region,
            unknown_policy=UnknownPolicy(wanted.unknown_policy),
            strict_numbers=wanted.strict_numbers,
            rate_limit=wanted.rate_limit,
        )
        reply = msgspec.json.encode(of_opening(opening))
        return await create(
            call,
            self._submit,
            CREATE,
            reply,
            lambda once: self._administer.open_account(replace(opening, once=once)),
        )

    async def get(self, call: Call[Nothing]) -> AccountRow:
        """One account."""
        return await self._row(call.path["name"])

    async def update(self, call: Call[AccountChanges]) -> AccountRow:
        """Change settings; messages accepted before keep what they were accepted with."""
        wanted, name = call.wanted, call.path["name"]
        given = msgspec.structs.asdict(wanted)
        changes = {field: value for field, value in given.items() if value is not msgspec.UNSET}
        if "status" in changes:
            changes["status"] = AccountStatus(changes["status"])
        if "unknown_policy" in changes:
            changes["unknown_policy"] = UnknownPolicy(changes["unknown_policy"])
        if "rate_limit" in changes:
            changes["rate_limit"] = changes["rate_limit"] or USUAL_LIMIT
        if "quiet_hours" in changes:
            hours = changes["quiet_hours"]
            changes["quiet_hours"] = "none" if hours is None else quiet_hours(hours)
        if "recipient_limits" in changes:
            changes["recipient_limits"] = limits_of(changes["recipient_limits"] or LimitsByPurpose())
        await self._administer.update_account(UpdateAccount(name, **changes))
        self._directory.forget()
        return await self._row(name)

    async def credit(self, call: Call[CreditRequest]) -> CreditReply:
        """Add money, once for each idempotency key."""
        wanted, name = call.wanted, call.path["name"]
        mark = mark_of(call.headers, wanted)
        amount = amount_of(wanted.amount, "amount")
        once = None
        if mark is not None:  # its reply is the balance, which only the store knows
            once = self._submit.once(call.caller, CREDIT, mark.key, mark.about(name), b"")
        credited = await self._administer.credit(name, amount, once)
        call.replayed = credited.replayed
        currency = (await self._administer.account(name)).currency
        return CreditReply(name, from_micro(amount), of_balance(credited.balance, currency))

    async def _row(self, name: str) -> AccountRow:
        account = await self._administer.account(name)
        standing = await self._store.read(GetStanding(account.id, 0))
        return of_account(account, Balance() if standing is None else standing.balance)


def amount_of(text: str, param: str) -> int:
    """Micro-units from an amount as given. Refuses with INVALID_VALUE what is none, or below zero."""
    try:
        micro = to_micro(text) if len(text) <= _DIGITS_MAX else -1
    except ValueError:
        micro = -1
    if micro < 0:
        raise Refusal(Code.INVALID_VALUE, param=param, kind="amount")
    return micro


_DIGITS_MAX = 32


_NAME = {"name": "The account's name, as acme."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about accounts."""
    accounts = Accounts(services)
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
            body_max=SMALL,
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
            example={
                "status": "approved",
                "quiet_hours": "21:00-08:00",
                "recipient_limits": {"marketing": {"minute": 1, "hour": 5, "day": 10}},
            },
            handle=accounts.update,
            reply=AccountRow,
            scope="accounts:write",
            refusals=(Code.NOT_FOUND,),
            body_max=SMALL,
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
            body_max=SMALL,
            path_params=_NAME,
            example={"amount": "100.00", "idempotency_key": "transfer-4711"},
        ),
    )
