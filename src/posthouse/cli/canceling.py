"""`posthouse messages cancel`: stop messages that no vendor has, with a server or without."""

from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.cli import show
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, in_words, tell, where
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="The messages' ids: sms_…")]


def cancel(context: typer.Context, message_ids: Ids, data: Data = None, as_json: AsJson = False) -> None:
    """Stop messages that are scheduled or queued; what they held is released.

    Each is tried; those that cannot be stopped are told on standard error, with exit code 1.
    """
    wanted = list(dict.fromkeys(message_ids))
    refused = in_house(where(context, data), lambda house: _cancel(house, wanted))
    for message_id, refusal in refused.items():
        tell(in_words(refusal) if len(wanted) == 1 else f"{message_id}: {in_words(refusal)}")
    stopped = [message_id for message_id in wanted if message_id not in refused]
    if as_json:
        if stopped or len(wanted) > 1:
            show.document({"data": [_fields(message_id, refused.get(message_id)) for message_id in wanted]})
    else:
        for message_id in stopped:
            typer.echo(f"{message_id} is canceled.")
    if refused:
        raise typer.Exit(TROUBLE)


def _fields(message_id: str, refusal: Refusal | None) -> dict[str, object]:
    return {
        "sms_id": message_id,
        "canceled": refusal is None,
        "code": None if refusal is None else refusal.code.value,
    }


async def _cancel(house: "House", message_ids: list[str]) -> dict[str, Refusal]:
    refused = {}
    for message_id in message_ids:
        try:
            await _stop(house, message_id)
        except Refusal as refusal:
            refused[message_id] = refusal
    return refused


async def _stop(house: "House", message_id: str) -> None:
    from posthouse.core.ports.life import Cancel
    from posthouse.core.ports.queries import GetMessage

    number = read(MESSAGE, message_id)
    message = None if number is None else await house.store.read(GetMessage(None, number))
    if message is None:
        raise Refusal(Code.NOT_FOUND, resource="message", name=message_id)
    await house.store.write(Cancel(message.account_id, message.id, house.clock.now()))
