"""Which messages a command is about: the filters that `messages list` and `messages export` share."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from posthouse.cli.times import past
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.message import State
    from posthouse.core.ports.queries import AccountRecord, MessageRecord, Wanted

PAGE = 1000

StateOption = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Only in this state; repeatable.")
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="NUMBER", help="Only to this number.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Accepted then or later: 2026-12-01, 2h, 7d.")
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Accepted before then.")]
BatchOption = Annotated[str | None, typer.Option("--batch", metavar="ID", help="Only of this batch: bat_…")]
ReferenceOption = Annotated[
    str | None, typer.Option("--reference", metavar="TEXT", help="Only with this reference.")
]
AccountOption = Annotated[str | None, typer.Option("--account", metavar="NAME", help="Only of this account.")]


class Filters(NamedTuple):
    """The filters as typed."""

    state: Sequence[str] | None = None
    to: str | None = None
    since: str | None = None
    until: str | None = None
    batch: str | None = None
    reference: str | None = None
    account: str | None = None

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return any(self)


def states(words: Sequence[str] | None) -> "frozenset[State]":
    """The states that were named.

    Raises:
        BadParameter: there is no such state.
    """
    from posthouse.core.message import State

    named = frozenset(words or ())
    if unknown := named - frozenset(State):
        raise typer.BadParameter(f"{min(unknown)!r} is no state: use {', '.join(State)}.")
    return frozenset(State(word) for word in named)


async def recipient_in(
    house: "House", text: str, account: "AccountRecord | None", option: str = "--to"
) -> str:
    """A number in E.164, read as this account would, else the first one. Refuses what is none."""
    from posthouse.core import phone
    from posthouse.services.administer import DEFAULT

    reader = account or await house.administer.account(DEFAULT)
    return phone.read_field(text, option, region=reader.region).e164


async def understood(house: "House", filters: Filters) -> "Wanted":
    """The filters in the store's terms."""
    from posthouse.core.ports.queries import Wanted

    named = states(filters.state)
    now = house.clock.now()
    account = None if filters.account is None else await house.administer.account(filters.account)
    recipient = None if filters.to is None else await recipient_in(house, filters.to, account)
    batch_id = None
    if filters.batch is not None:
        batch_id = read(BATCH, filters.batch)
        if batch_id is None:
            raise Refusal(Code.NOT_FOUND, resource="batch", name=filters.batch)
    return Wanted(
        account_id=None if account is None else account.id,
        state=named,
        recipient=recipient,
        since=None if filters.since is None else past(filters.since, now, "--since"),
        until=None if filters.until is None else past(filters.until, now, "--until"),
        batch_id=batch_id,
        reference=filters.reference,
    )


async def pages(
    house: "House", wanted: "Wanted", limit: int | None = None
) -> "AsyncIterator[list[MessageRecord]]":
    """Messages newest first, a page at a time; a page may be empty."""
    from posthouse.core.ports.queries import ListMessages

    before, left = None, limit
    while left is None or left > 0:
        page = await house.store.read(ListMessages(wanted, PAGE if left is None else min(left, PAGE), before))
        yield page.messages
        before = page.next_before
        if before is None:
            return
        left = None if left is None else left - len(page.messages)


class Owners:
    """The accounts that messages belong to, each looked up once."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._known: dict[int, AccountRecord] = {}

    async def of(self, account_id: int) -> "AccountRecord":
        """The account. Refuses with NOT_FOUND."""
        from posthouse.core.ports.queries import GetAccount

        known = self._known.get(account_id)
        if known is None:
            known = await self._house.store.read(GetAccount(account_id))
            if known is None:
                raise Refusal(Code.NOT_FOUND, resource="account")
            self._known[account_id] = known
        return known
