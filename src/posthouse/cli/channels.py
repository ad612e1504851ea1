"""`posthouse channels`: what is connected, and how; trying channels out is in `channel_trying.py`."""

from typing import Annotated, Any, Literal

import typer

from posthouse.cli import channel_trying, channel_typed, show
from posthouse.cli.channel_typed import (
    Account,
    CallbackFrom,
    Concurrency,
    Costs,
    Countries,
    Desk,
    Name,
    Rate,
    Settings,
    Weight,
    at_desk,
    tell,
    wishes,
)
from posthouse.cli.frame import AsJson, Data, where

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="Its kind: `channels kinds` lists them.")],
    *,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to call it; as its vendor without.")
    ] = None,
    told: Settings = None,
    cost: Costs = None,
    countries: Countries = None,
    rate: Rate = None,
    concurrency: Concurrency = None,
    weight: Weight = None,
    callback_from: CallbackFrom = None,
    account: Account = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Connect a vendor. A running server uses it within a second."""
    wished = wishes(
        told=channel_typed.settings(told),
        cost=cost,
        countries=countries,
        rate=rate,
        concurrency=concurrency,
        weight=weight,
        callback_from=callback_from,
    )

    async def run(desk: Desk) -> dict[str, Any]:
        command = await desk.channels.draft(vendor, desk.owner, wished, name=name)
        await desk.channels.add(command)
        return await desk.shown(await desk.channels.get(command.record.channel.name, desk.owner))

    tell(at_desk(where(context, data), account, run, vendor=vendor), as_json=as_json)


@app.command("list")
def list_channels(
    context: typer.Context,
    vendor: Annotated[str | None, typer.Option(metavar="VENDOR", help="Only this vendor's.")] = None,
    state: Annotated[
        Literal["active", "draining"] | None, typer.Option(help="Only those in this state.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Only this account's own.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """All channels, oldest first."""

    async def run(desk: Desk) -> list[dict[str, Any]]:
        return [
            await desk.shown(each)
            for each in await desk.channels.every()
            if vendor in (None, each.channel.vendor)
            and state in (None, each.channel.state.value)
            and (account is None or each.channel.account_id == desk.owner)
        ]

    rows = at_desk(where(context, data), account, run)
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("channel", "vendor", "account", "state", "countries", "cost", "rate", "weight", ""),
        [
            (
                row["name"],
                row["vendor"],
                row["account"],
                "broken" if row["broken"] else row["state"],
                ",".join(row["countries"]) or channel_typed.ALL,
                row["cost"],
                row["rate_per_s"] or channel_typed.ANY,
                row["weight"],
                "simulator" if row["simulated"] else row["broken"],
            )
            for row in rows
        ],
        empty="There is no channel.",
    )


@app.command("show")
def show_channel(
    context: typer.Context, name: Name, account: Account = None, data: Data = None, as_json: AsJson = False
) -> None:
    """One channel, with everything but its secrets."""

    async def run(desk: Desk) -> dict[str, Any]:
        return await desk.shown(await desk.channels.get(name, desk.owner))

    tell(at_desk(where(context, data), account, run), as_json=as_json)


@app.command("set")
def change(
    context: typer.Context,
    name: Name,
    *,
    told: Settings = None,
    cost: Costs = None,
    countries: Countries = None,
    rate: Rate = None,
    concurrency: Concurrency = None,
    weight: Weight = None,
    callback_from: CallbackFrom = None,
    account: Account = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change a channel; the rest stays. KEY= takes a setting back, COUNTRY=none a cost."""
    settings = channel_typed.settings(told)

    async def run(desk: Desk) -> dict[str, Any]:
        before = (await desk.channels.get(name, desk.owner)).channel
        wished = wishes(
            told=settings,
            cost=cost,
            countries=countries,
            rate=rate,
            concurrency=concurrency,
            weight=weight,
            callback_from=callback_from,
            before=dict(before.costs),
        )
        return await desk.shown(await desk.channels.change(name, desk.owner, wished))

    tell(at_desk(where(context, data), account, run), as_json=as_json)


@app.command()
def rotate(
    context: typer.Context,
    name: Name,
    *,
    told: Settings = None,
    callback: Annotated[
        bool, typer.Option("--callback", help="Another callback address too; the old one dies at once.")
    ] = False,
    account: Account = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put new credentials in place of the old ones, which are wiped."""
    settings = channel_typed.settings(told)
    if not settings and not callback:
        raise typer.BadParameter("give new credentials with --set, or --callback.")

    async def run(desk: Desk) -> dict[str, Any]:
        record = await desk.channels.rotate(name, desk.owner, settings, callback=callback)
        return await desk.shown(record)

    tell(at_desk(where(context, data), account, run), as_json=as_json)


@app.command()
def drain(
    context: typer.Context, name: Name, account: Account = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Give a channel nothing new; what it has is finished, and its receipts are heard."""
    _move(context, name, "draining", account=account, data=data, as_json=as_json)


@app.command()
def undrain(
    context: typer.Context, name: Name, account: Account = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Give a channel messages again."""
    _move(context, name, "active", account=account, data=data, as_json=as_json)


@app.command()
def remove(
    context: typer.Context, name: Name, account: Account = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Forget a channel and its credentials; receipts that are still to come are lost. Drain it first."""

    async def run(desk: Desk) -> dict[str, Any]:
        record = await desk.channels.get(name, desk.owner)
        row = await desk.shown(record)
        await desk.channels.remove(name, desk.owner)
        return row

    row = at_desk(where(context, data), account, run)
    show.answer(row, f"Channel {row['name']} is removed.", as_json=as_json)


def _move(
    context: typer.Context, name: str, state: str, *, account: str | None, data: Data, as_json: bool
) -> None:
    from posthouse.core.routing import ChannelState

    async def run(desk: Desk) -> dict[str, Any]:
        return await desk.shown(await desk.channels.move(name, desk.owner, ChannelState(state)))

    row = at_desk(where(context, data), account, run)
    show.answer(row, f"Channel {row['name']} is {row['state']}.", as_json=as_json)


app.command("test")(channel_trying.try_out)
app.command("balance")(channel_trying.balance)
app.command("health")(channel_trying.health)
app.command("kinds")(channel_trying.kinds)
