"""`posthouse messages reschedule`: another time for messages that still wait for theirs."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from posthouse.cli import show
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, in_words, tell, where
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.changes import Moved

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="The messages' ids: sms_…")]
At = Annotated[
    str,
    typer.Option(
        "--at", metavar="TIME", help="When instead: 2026-12-01T08:00, 15m, 2h; 90 days ahead at most."
    ),
]


class Put(NamedTuple):
    """Where a message was put: later than asked for out of quiet hours."""

    send_at: int
    asked: int


def reschedule(
    context: typer.Context, message_ids: Ids, at: At, data: Data = None, as_json: AsJson = False
) -> None:
    """Give scheduled messages another time; each stays valid as long as it was.

    Each is tried; those that cannot be moved are told on standard error, with exit code 1.
    """
    wanted = list(dict.fromkeys(message_ids))
    found = in_house(where(context, data), lambda house: _move(house, wanted, at))
    refused = {message_id: no for message_id, no in found.items() if isinstance(no, Refusal)}
    for message_id, refusal in refused.items():
        tell(in_words(refusal) if len(wanted) == 1 else f"{message_id}: {in_words(refusal)}")
    if as_json:
        if len(refused) < len(wanted) or len(wanted) > 1:
            show.document({"data": [_fields(message_id, each) for message_id, each in found.items()]})
    else:
        for message_id, each in found.items():
            if not isinstance(each, Refusal):
                told = _fields(message_id, each)
                typer.echo(f"{message_id} goes at {show.moved(told['send_at'], told['postponed_from'])}.")
    if refused:
        raise typer.Exit(TROUBLE)


def _fields(message_id: str, found: "Put | Refusal") -> dict[str, str | None]:
    from posthouse.core.times import rfc3339

    told: dict[str, str | None] = dict.fromkeys(("send_at", "postponed_from", "code"))
    if isinstance(found, Refusal):
        told["code"] = found.code.value
    else:
        told["send_at"] = rfc3339(found.send_at)
        told["postponed_from"] = None if found.send_at == found.asked else rfc3339(found.asked)
    return {"sms_id": message_id} | told


async def _move(house: "House", message_ids: list[str], at: str) -> "dict[str, Put | Refusal]":
    from posthouse.cli.times import future

    send_at = future(at, house.clock.now())
    found: dict[str, Put | Refusal] = {}
    for message_id in message_ids:
        try:
            found[message_id] = Put((await _one(house, message_id, send_at)).send_at, send_at)
        except Refusal as refusal:
            found[message_id] = refusal
    return found


async def _one(house: "House", message_id: str, send_at: int) -> "Moved":
    from posthouse.cli.wanted import Owners
    from posthouse.core.ports.queries import GetMessage
    from posthouse.services.schedule import Schedule

    number = read(MESSAGE, message_id)
    message = None if number is None else await house.store.read(GetMessage(None, number))
    if message is None:
        raise Refusal(Code.NOT_FOUND, resource="message", name=message_id)
    owner = await Owners(house).of(message.account_id)
    schedule = Schedule(house.store, house.clock, house.settings.time_zone())
    return await schedule.move(owner, message.id, send_at, None)
