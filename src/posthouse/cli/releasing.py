"""`posthouse messages release`: send, after all, what a restored backup holds."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.cli import show
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, tell, where
from posthouse.cli.wanted import StateOption, states
from posthouse.core.ids import MESSAGE, read
from posthouse.core.ids import show as public

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.message import State
    from posthouse.core.ports.holding import HeldMessage

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="Held messages: sms_…")]
Everything = Annotated[bool, typer.Option("--all", help="All that are held.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Count what would be released and show the first 100.")
]

AT_ONCE = 500
SHOWN = 100


def release(
    context: typer.Context,
    message_ids: Ids = None,
    *,
    everything: Everything = False,
    state: StateOption = None,
    dry_run: DryRun = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put messages that a restored backup holds back to where they were; what is due is sent at once.

    Look first what was sent after the backup: a message of that time would be sent again. `unknown`
    ones are asked about before anything else.
    """
    named = states(state)
    if (message_ids is not None) == (everything or bool(named)):
        raise typer.BadParameter("name messages, or --all, or the --state they are in.")
    place = where(context, data)
    if message_ids is not None:
        wanted = list(dict.fromkeys(message_ids))
        missing, shown = in_house(place, lambda house: _each(house, wanted, dry_run=dry_run))
        count = len(wanted) - len(missing)
    else:
        missing = []
        count, shown = in_house(place, lambda house: _many(house, named, dry_run=dry_run))
    for message_id in missing:
        tell(f"{message_id} is not held: `posthouse messages release --all --dry-run` shows what is.")
    if as_json:
        told = {"would_release": count, "data": _fields(shown)} if dry_run else {"released": count}
        show.document({**told, "not_held": missing})
    elif count or not missing:
        if dry_run:
            _show(shown)
        typer.echo(f"{'Would be released' if dry_run else 'Released'}: {count:,}.")
    if missing:
        raise typer.Exit(TROUBLE)


def _show(held: "list[HeldMessage]") -> None:
    rows = [
        (public(MESSAGE, each.id), each.state, _due(each.due_at or each.look_at), show.clock(each.held_at))
        for each in held
    ]
    if rows:
        show.table(("id", "state", "due", "held since"), rows, empty="")


def _fields(held: "list[HeldMessage]") -> list[dict[str, object]]:
    from posthouse.core.times import rfc3339, rfc3339_or_none

    return [
        {
            "sms_id": public(MESSAGE, each.id),
            "state": each.state,
            "due_at": rfc3339_or_none(each.due_at or each.look_at),
            "held_at": rfc3339(each.held_at),
        }
        for each in held
    ]


def _due(at: int | None) -> str:
    return "at once" if at is None else show.clock(at)


async def _each(
    house: "House", message_ids: list[str], *, dry_run: bool
) -> "tuple[list[str], list[HeldMessage]]":
    """Release these; answers those that are not held, and of a dry run what is."""
    from posthouse.core.ports.holding import ListHeld, Release

    missing = []
    shown: list[HeldMessage] = []
    for message_id in message_ids:
        number = read(MESSAGE, message_id)
        if number is None:
            missing.append(message_id)
        elif dry_run:
            found = await house.store.read(ListHeld(limit=1, after_id=number - 1))
            if found and found[0].id == number:
                shown += found
            else:
                missing.append(message_id)
        elif not await house.store.write(Release((number,), house.clock.now())):
            missing.append(message_id)
    return missing, shown[:SHOWN]


async def _many(
    house: "House", named: "frozenset[State]", *, dry_run: bool
) -> "tuple[int, list[HeldMessage]]":
    """Release all in these states, step by step; answers how many, and the first of them."""
    from posthouse.core.ports.holding import Release

    count = 0
    first: list[HeldMessage] = []
    async for page in _pages(house, named):
        if dry_run:
            count += len(page)
        else:
            count += await house.store.write(Release(tuple(each.id for each in page), house.clock.now()))
        first = first or page[:SHOWN]
    return count, first


async def _pages(house: "House", named: "frozenset[State]") -> "AsyncIterator[list[HeldMessage]]":
    from posthouse.core.ports.holding import ListHeld

    after = 0
    while page := await house.store.read(ListHeld(named, AT_ONCE, after)):
        yield page
        after = page[-1].id
