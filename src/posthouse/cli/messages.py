"""`posthouse messages`: list, get, and the whole story of one."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read
from posthouse.core.ids import show as public

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.message import State
    from posthouse.core.ports.queries import AccountRecord, MessageRecord, Trace

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The message's id: sms_…")]


@app.command("list")
def list_messages(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Messages of all accounts, newest first; numbers are masked."""
    from posthouse.core.phone import mask

    wanted = None if state is None else _state(state)
    accounts, found = in_house(where(context, data), lambda house: _list(house, wanted, limit))
    if as_json:
        show.document({"data": [_record(message, accounts, masked=True) for message in found]})
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
                show.money(message.price, accounts[message.account_id].currency),
                accounts[message.account_id].name,
                show.clock(message.created_at),
            )
            for message in found
        ],
        empty="There is no message." if state is None else f"No message is {state}.",
    )


@app.command()
def get(context: typer.Context, message_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """One message, as its sender sees it."""
    number = _number(message_id)
    account, message = in_house(where(context, data), lambda house: _get(house, number))
    record = _record(message, {account.id: account})
    if as_json:
        show.document(record)
        return
    price = record.pop("price")
    told = {name: value for name, value in record.items() if value not in (None, {})}
    show.facts({**told, "price": f"{price['amount']} {price['currency']}"})


@app.command()
def trace(context: typer.Context, message_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """Everything that happened to one message: every decision, call, answer and receipt."""
    number = _number(message_id)
    account, found = in_house(where(context, data), lambda house: _trace(house, number))
    if not as_json:
        from posthouse.cli import story

        story.tell(found, account)
        return
    import msgspec

    from posthouse.web.dialects.v1.records import of_trace

    show.document(msgspec.to_builtins(of_trace(found, account.currency)))


def _number(message_id: str) -> int:
    number = read(MESSAGE, message_id)
    if number is None:
        raise Refusal(Code.NOT_FOUND, resource="message")
    return number


def _state(text: str) -> "State":
    from posthouse.core.message import State

    try:
        return State(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no state: use {', '.join(State)}.") from None


async def _list(
    house: "House", state: "State | None", limit: int
) -> tuple[dict[int, "AccountRecord"], list["MessageRecord"]]:
    from posthouse.core.ports.queries import ListMessages

    found = await house.store.read(ListMessages(None, limit=limit, state=state))
    owners = {message.account_id: message for message in found}
    return {account_id: await _owner(house, message) for account_id, message in owners.items()}, found


async def _get(house: "House", number: int) -> tuple["AccountRecord", "MessageRecord"]:
    from posthouse.core.ports.queries import GetMessage

    message = await house.store.read(GetMessage(None, number))
    if message is None:
        raise Refusal(Code.NOT_FOUND, resource="message")
    return await _owner(house, message), message


async def _trace(house: "House", number: int) -> tuple["AccountRecord", "Trace"]:
    from posthouse.core.ports.queries import GetTrace

    found = await house.store.read(GetTrace(None, number))
    if found is None:
        raise Refusal(Code.NOT_FOUND, resource="message")
    return await _owner(house, found.message), found


async def _owner(house: "House", message: "MessageRecord") -> "AccountRecord":
    from posthouse.core.ports.queries import GetAccount

    account = await house.store.read(GetAccount(message.account_id))
    if account is None:
        raise Refusal(Code.NOT_FOUND, resource="account")
    return account


def _record(
    message: "MessageRecord", accounts: "dict[int, AccountRecord]", *, masked: bool = False
) -> dict[str, Any]:
    import msgspec

    from posthouse.core.phone import mask
    from posthouse.web.dialects.v1.records import of_record

    account = accounts[message.account_id]
    record: dict[str, Any] = msgspec.to_builtins(of_record(message, account.currency))
    if masked:
        record["to"] = mask(message.recipient)
    return record | {"account": account.name}
