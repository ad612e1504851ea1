"""`posthouse messages wait`: stay until a message's fate is known. `send --wait` does the same."""

import time
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from posthouse.bootstrap.premises import held
from posthouse.cli import show
from posthouse.cli.frame import ENDED_BADLY, TIMED_OUT, AsJson, Data, in_house, tell, where
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read
from posthouse.core.ids import show as public

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.queries import AccountRecord, Trace

LOOK_EVERY_S = 0.1
PATIENCE_S = 60.0

Until = Literal["final", "sent"]
Timeout = Annotated[
    float, typer.Option(min=0, max=86_400, metavar="SECONDS", help="How long to wait at most.")
]


class Fate(Enum):
    """How a wait ended, with the exit code that tells it."""

    WELL = 0
    BADLY = ENDED_BADLY
    OPEN = TIMED_OUT


def wait(
    context: typer.Context,
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message's id: sms_…")],
    until: Annotated[Until, typer.Option(help="sent: a vendor having it is enough.")] = "final",
    timeout: Timeout = PATIENCE_S,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Wait for a message's fate.

    Exit code 0: delivered (or sent, where that is all that is wanted, or all that a channel can tell);
    4: it ended otherwise; 5: the time was up.
    """
    number = read(MESSAGE, message_id) or 0  # the number of none: not found, in a directory that is
    place, looked = where(context, data), False

    def look(trace: "Trace", _owner: "AccountRecord") -> None:
        nonlocal looked
        if not looked and fate_of(trace, until) is Fate.OPEN and held(place) is None:
            tell(
                f"No server runs on {place}, so nothing moves: "
                f"start one with `posthouse serve --data {place}`."
            )
        looked = True

    trace, owner, fate = in_house(place, lambda house: watch(house, number, until, timeout, look))
    if as_json:
        from posthouse.cli.messages import record

        show.document(record(trace.message, owner))
    else:
        typer.echo(ending(trace, fate, timeout))
    if fate is not Fate.WELL:
        raise typer.Exit(fate.value)


def ending(trace: "Trace", fate: Fate, timeout: float) -> str:
    """One sentence about how a wait ended."""
    message = trace.message
    told = f"{public(MESSAGE, message.id)} is {message.state}" + (
        f" ({message.reason})" if message.reason else ""
    )
    return f"{told} after {timeout:g} s: it goes on without us." if fate is Fate.OPEN else f"{told}."


def fate_of(trace: "Trace", until: Until) -> Fate:
    """Where a message stands, for one who waits."""
    from posthouse.core.message import FINAL, State

    message = trace.message
    if message.state == State.DELIVERED:
        return Fate.WELL
    if message.state in FINAL:
        return Fate.BADLY
    # On a channel without receipts nothing is looked at again: `sent` is all there will be.
    last_word = until == "sent" or message.look_at is None
    return Fate.WELL if message.state == State.SENT and last_word else Fate.OPEN


async def watch(
    house: "House",
    number: int,
    until: Until,
    timeout: float,  # noqa: ASYNC109 - what to do when it is up is ours to say
    seen: "Callable[[Trace, AccountRecord], None] | None" = None,
) -> "tuple[Trace, AccountRecord, Fate]":
    """Look at a message until its fate is known or the time is up; `seen` is told of every look."""
    import asyncio

    from posthouse.cli.wanted import Owners
    from posthouse.core.ports.queries import GetTrace

    end, owners = time.monotonic() + timeout, Owners(house)
    while True:
        trace = await house.store.read(GetTrace(None, number))
        if trace is None:
            raise Refusal(Code.NOT_FOUND, resource="message", name=public(MESSAGE, number))
        owner = await owners.of(trace.message.account_id)
        if seen is not None:
            seen(trace, owner)
        fate = fate_of(trace, until)
        if fate is not Fate.OPEN or time.monotonic() >= end:
            return trace, owner, fate
        await asyncio.sleep(LOOK_EVERY_S)
