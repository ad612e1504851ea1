"""`posthouse tail`: what happens to messages, as it happens; with a server or without."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.wanted import AccountOption, Owners, ToOption, recipient_in

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.queries import EventPage, Happening

LOOK_EVERY_S = 0.3
PAGE = 500
LOOKED_BACK_MAX = 100_000
STAGED_FOR_US = 10_000_000
"""How long the acceptance of one batch may keep the events behind it waiting."""


class Filter(NamedTuple):
    """Which events are shown; what is None does not matter."""

    kinds: frozenset[str] | None = None
    account_id: int | None = None
    recipient: str | None = None
    vendor: str | None = None

    def lets(self, event: "Happening") -> bool:
        """Whether this one is wanted."""
        return (
            (self.kinds is None or event.kind in self.kinds)
            and self.account_id in (None, event.account_id)
            and self.recipient in (None, event.recipient)
            and self.vendor in (None, event.vendor, event.channel)
        )


def tail(
    context: typer.Context,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", metavar="STATE", help="Only this, as delivered or refused; repeatable."),
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Only what went wrong.")] = False,
    to: ToOption = None,
    vendor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this vendor or channel.")
    ] = None,
    account: AccountOption = None,
    last: Annotated[
        int, typer.Option("--last", "-n", min=0, max=10_000, metavar="N", help="Begin with the last N.")
    ] = 10,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="End after N; else with Ctrl-C.")
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Whole numbers, not 138****8000.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show what happens to messages, one line an event, as it happens."""
    kinds = _kinds(state or (), errors=errors)
    tell = _Lines(reveal=reveal, as_json=as_json)

    async def follow(house: "House") -> None:
        owner = None if account is None else await house.administer.account(account)
        recipient = None if to is None else await recipient_in(house, to, owner)
        wanted = Filter(kinds, None if owner is None else owner.id, recipient, vendor)
        owners, told = Owners(house), 0
        async for event in _events(house, wanted, last):
            tell.line(event, (await owners.of(event.account_id)).name)
            told += 1
            if told == count:
                return

    place = where(context, data)
    with suppress(KeyboardInterrupt):
        in_house(place, follow)


def _kinds(named: Iterable[str], *, errors: bool) -> frozenset[str] | None:
    from posthouse.core.message import Happened, State

    known = frozenset[str](State) | frozenset[str](Happened)
    wanted = frozenset(named)
    if unknown := wanted - known:
        raise typer.BadParameter(f"{min(unknown)!r} never happens: use {', '.join(sorted(known))}.")
    if errors:
        wanted |= {Happened.REFUSED, Happened.NOT_SENT, State.UNKNOWN, State.UNDELIVERED}
        wanted |= {State.FAILED, State.EXPIRED, State.UNCONFIRMED}
    return wanted or None


async def _events(house: "House", wanted: Filter, last: int) -> "AsyncIterator[Happening]":
    """The last events, then every new one."""
    import asyncio

    page = await _read(house, limit=PAGE if last else 1)
    after = page.next_after
    for event in await _backlog(house, page, wanted, last):
        yield event
    while True:
        page = await _read(house, limit=PAGE, after_id=after)
        after = page.next_after
        for event in filter(wanted.lets, page.events):
            yield event
        if len(page.events) < PAGE:
            await asyncio.sleep(LOOK_EVERY_S)


async def _backlog(house: "House", page: "EventPage", wanted: Filter, last: int) -> "list[Happening]":
    """The last events that are wanted, oldest first, from among the last hundred thousand."""
    found: list[Happening] = []
    looked = 0
    while last and page.events:
        found = [*filter(wanted.lets, page.events), *found]
        looked += PAGE
        if len(found) >= last or looked >= LOOKED_BACK_MAX:
            break
        page = await _read(house, limit=PAGE, before_id=page.events[0].id)
    return found[-last:] if last else []


async def _read(
    house: "House", *, limit: int, after_id: int | None = None, before_id: int | None = None
) -> "EventPage":
    from posthouse.core.ports.queries import ListEvents

    since = house.clock.now() - STAGED_FOR_US
    return await house.store.read(ListEvents(limit, since, after_id, before_id))


class _Lines:
    """How events look."""

    def __init__(self, *, reveal: bool, as_json: bool) -> None:
        self._reveal = reveal
        self._as_json = as_json
        self._day = ""

    def line(self, event: "Happening", account: str) -> None:
        """One line; before the first of a day, the day."""
        from posthouse.cli import story
        from posthouse.core.ids import MESSAGE
        from posthouse.core.ids import show as public
        from posthouse.core.phone import mask

        to = event.recipient if self._reveal else mask(event.recipient)
        data = story.facts(event.data)
        if self._as_json:
            show.document(_fields(event, to, account, data))
            return
        day = time.strftime("%Y-%m-%d %Z", time.localtime(event.at / 1_000_000))
        if day != self._day:
            self._day = day
            show.line(f"-- {day}")
        why = ", ".join([*([event.channel] if event.channel else []), *story.details(data)])
        name = public(MESSAGE, event.message_id)
        show.line(f"{story.clock(event.at)}  {name}  {to:<16} {event.kind:<12} {why}".rstrip())


def _fields(event: "Happening", to: str, account: str, data: dict[str, Any]) -> dict[str, Any]:
    from posthouse.core.ids import MESSAGE
    from posthouse.core.ids import show as public
    from posthouse.core.times import rfc3339

    return {
        "at": rfc3339(event.at),
        "sms_id": public(MESSAGE, event.message_id),
        "to": to,
        "account": account,
        "kind": event.kind,
        "sequence": event.sequence,
        "channel": event.channel,
        "vendor": event.vendor,
        "data": data or None,
    }
