"""`posthouse batches`: list, get; another time for what waits of one, and an end to what is left."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show, typed
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.rescheduling import At
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.batches import BatchRecord
    from posthouse.core.ports.queries import AccountRecord

app = typer.Typer(no_args_is_help=True)

PAGE = 100

Id = Annotated[str, typer.Argument(metavar="ID", help="The batch's id: bat_…")]


@app.command("list")
def list_batches(
    context: typer.Context,
    *,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="TEXT", help="Only with this reference.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Batches of an account, newest first."""
    owner, found = in_house(where(context, data), lambda house: _list(house, account, reference, limit))
    if as_json:
        show.document({"data": [_fields(batch, owner) for batch in found]})
        return
    rows = [_fields(batch, owner) for batch in found]
    show.table(
        ("id", "messages", "done", "states", "price", "reference", "accepted"),
        [
            (
                row["batch_id"],
                row["count"],
                "yes" if row["done"] else "no",
                _states(row),
                show.money(batch.amount, owner.currency),
                row["reference"],
                show.clock(batch.created_at),
            )
            for row, batch in zip(rows, found, strict=True)
        ],
        empty="There is no batch.",
    )


@app.command()
def get(context: typer.Context, batch_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """What has become of a batch."""
    owner, batch = in_house(where(context, data), lambda house: _found(house, batch_id))
    told = _fields(batch, owner)
    if as_json:
        show.document(told)
        return
    price = show.money(batch.amount, owner.currency)
    show.facts(told | {"done": "yes" if batch.done else "no", "states": _states(told), "price": price})


@app.command()
def reschedule(
    context: typer.Context, batch_id: Id, at: At, data: Data = None, as_json: AsJson = False
) -> None:
    """Give every message of a batch that is still scheduled another time."""
    moved, send_at, loud = in_house(where(context, data), lambda house: _move(house, batch_id, at))
    if as_json:
        from posthouse.core.times import rfc3339

        postponed_to = None if loud == send_at else rfc3339(loud)
        show.document(
            {
                "batch_id": batch_id,
                "moved": moved,
                "send_at": rfc3339(send_at),
                "postponed_to": postponed_to,
            }
        )
        return
    verb = "goes" if moved == 1 else "go"
    typer.echo(f"{show.count(moved, 'message')} of {batch_id} {verb} at {show.clock(send_at)}.")
    if loud != send_at:
        typer.echo(f"That lies in quiet hours: those for marketing go at {show.clock(loud)}.")


@app.command()
def cancel(context: typer.Context, batch_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """Stop every message of a batch that no vendor has; what they held is released."""
    canceled = in_house(where(context, data), lambda house: _cancel(house, batch_id))
    verb = "is" if canceled == 1 else "are"
    show.answer(
        {"batch_id": batch_id, "canceled": canceled},
        f"{show.count(canceled, 'message')} of {batch_id} {verb} canceled."
        if canceled
        else f"Nothing is left of {batch_id} that could be canceled.",
        as_json=as_json,
    )


async def _list(
    house: "House", name: str, reference: str | None, limit: int
) -> "tuple[AccountRecord, list[BatchRecord]]":
    from posthouse.core.ports.batches import ListBatches

    owner = await house.administer.account(name)
    found: list[BatchRecord] = []
    before: int | None = None
    while len(found) < limit:
        asked = ListBatches(owner.id, reference, min(limit - len(found), PAGE), before)
        page = await house.store.read(asked)
        found += page.batches
        before = page.next_before
        if before is None:
            break
    return owner, found


async def _found(house: "House", batch_id: str) -> "tuple[AccountRecord, BatchRecord]":
    """A batch, and whose it is: its messages know. Refuses with NOT_FOUND."""
    from posthouse.cli.wanted import Owners
    from posthouse.core.ports.batches import GetBatch
    from posthouse.core.ports.queries import Wanted
    from posthouse.services.browse import page

    number = read(BATCH, batch_id)
    if number is not None:
        messages = (await page(house.store, Wanted(batch_id=number), 1, None)).messages
        for message in messages:
            batch = await house.store.read(GetBatch(message.account_id, number))
            if batch is not None:
                return await Owners(house).of(message.account_id), batch
    raise Refusal(Code.NOT_FOUND, resource="batch", name=batch_id)


async def _move(house: "House", batch_id: str, at: str) -> tuple[int, int, int]:
    """How many were moved, to when, and to when those for marketing."""
    from posthouse.cli.times import future
    from posthouse.services.schedule import Schedule

    owner, batch = await _found(house, batch_id)
    send_at, zone = future(at, house.clock.now()), house.settings.time_zone()
    moved, _ = await Schedule(house.store, house.clock, zone).move_batch(owner, batch.id, send_at)
    return moved, send_at, send_at if owner.quiet_hours is None else owner.quiet_hours.over(send_at, zone)


async def _cancel(house: "House", batch_id: str) -> int:
    from posthouse.services.stop import Stop

    owner, batch = await _found(house, batch_id)
    canceled, _ = await Stop(house.store, house.clock).batch(owner.id, batch.id)
    return canceled


def _fields(batch: "BatchRecord", owner: "AccountRecord") -> dict[str, Any]:
    """A batch as `/v1` shows it, with the name of its account."""
    from posthouse.web.dialects.v1.batches import of_batch

    return show.as_document(of_batch(batch, owner.currency)) | {"account": owner.name}


def _states(told: dict[str, Any]) -> str:
    return " ".join(f"{state}:{count}" for state, count in told["states"].items())
