"""`posthouse messages`: list, get, and the whole story of one; cancel, reschedule, wait, export."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import canceling, exporting, releasing, rescheduling, show, waiting
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.wanted import (
    AccountOption,
    BatchOption,
    Filters,
    Owners,
    ReferenceOption,
    SinceOption,
    StateOption,
    ToOption,
    UntilOption,
    pages,
    states,
    understood,
)
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read
from posthouse.core.ids import show as public

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.queries import AccountRecord, MessageRecord, Trace

app = typer.Typer(no_args_is_help=True)
app.command("cancel")(canceling.cancel)
app.command("reschedule")(rescheduling.reschedule)
app.command("wait")(waiting.wait)
app.command("export")(exporting.export)
app.command("release")(releasing.release)

TIMES = frozenset({"created_at", "send_at", "expires_at", "updated_at", "postponed_from"})

Id = Annotated[str, typer.Argument(metavar="ID", help="The message's id: sms_…")]


@app.command("list")
def list_messages(
    context: typer.Context,
    *,
    state: StateOption = None,
    to: ToOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    batch: BatchOption = None,
    reference: ReferenceOption = None,
    account: AccountOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Messages of all accounts, newest first; numbers are masked."""
    from posthouse.core.phone import mask

    filters = Filters(state, to, since, until, batch, reference, account)
    states(filters.state)  # a usage error, whatever the directory
    found = in_house(where(context, data), lambda house: _list(house, filters, limit))
    if as_json:
        show.document({"data": [record(message, owner, masked=True) for message, owner in found]})
        return
    show.table(
        ("id", "to", "state", "reason", "vendor", "parts", "price", "account", "accepted"),
        [
            (
                public(MESSAGE, message.id),
                mask(message.recipient),
                message.state,
                message.reason,
                message.vendor,
                message.parts,
                show.money(message.price, owner.currency),
                owner.name,
                show.clock(message.created_at),
            )
            for message, owner in found
        ],
        empty="No message fits these filters." if filters.any else "There is no message.",
    )


@app.command()
def get(context: typer.Context, message_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """One message, as its sender sees it."""
    message, owner = in_house(where(context, data), lambda house: _get(house, _number(message_id)))
    told = record(message, owner)
    if as_json:
        show.document(told)
        return
    price = told.pop("price")
    known = {
        name: show.told_clock(value) if name in TIMES else value
        for name, value in told.items()
        if value not in (None, {})
    }
    show.facts({**known, "price": f"{price['amount']} {price['currency']}"})


@app.command()
def trace(context: typer.Context, message_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """Everything that happened to one message: every decision, call, answer and receipt."""
    found, owner = in_house(where(context, data), lambda house: _trace(house, _number(message_id)))
    if not as_json:
        from posthouse.cli import story

        story.tell(found, owner)
        return
    from posthouse.web.dialects.v1.records import of_trace

    show.document(show.as_document(of_trace(found, owner.currency, whole=True)))


def record(message: "MessageRecord", owner: "AccountRecord", *, masked: bool = False) -> dict[str, Any]:
    """A message as `/v1` shows it, with the name of its account."""
    from posthouse.core.phone import mask
    from posthouse.web.dialects.v1.records import of_record

    told = show.as_document(of_record(message, owner.currency))
    if masked:
        told["to"] = mask(message.recipient)
    return told | {"account": owner.name}


def _number(message_id: str) -> int:
    number = read(MESSAGE, message_id)
    if number is None:
        raise Refusal(Code.NOT_FOUND, resource="message", name=message_id)
    return number


async def _list(house: "House", filters: Filters, limit: int) -> "list[tuple[MessageRecord, AccountRecord]]":
    wanted, owners = await understood(house, filters), Owners(house)
    return [
        (message, await owners.of(message.account_id))
        async for page in pages(house, wanted, limit)
        for message in page
    ]


async def _get(house: "House", number: int) -> "tuple[MessageRecord, AccountRecord]":
    from posthouse.core.ports.queries import GetMessage

    message = await house.store.read(GetMessage(None, number))
    if message is None:
        raise Refusal(Code.NOT_FOUND, resource="message", name=public(MESSAGE, number))
    return message, await Owners(house).of(message.account_id)


async def _trace(house: "House", number: int) -> "tuple[Trace, AccountRecord]":
    from posthouse.core.ports.queries import GetTrace

    found = await house.store.read(GetTrace(None, number))
    if found is None:
        raise Refusal(Code.NOT_FOUND, resource="message", name=public(MESSAGE, number))
    return found, await Owners(house).of(found.message.account_id)
