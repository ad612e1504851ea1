"""`posthouse routes`: which messages go over which channels; `explain` is in `route_explaining.py`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import route_explaining, show, typed
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.rules import Rule
    from posthouse.services.routes import Routes

app = typer.Typer(no_args_is_help=True)

NONE = "none"

_OPTIONS = {
    "name": "NAME",
    "position": "--position",
    "accounts": "--account",
    "purposes": "--purpose",
    "countries": "--country",
    "prefixes": "--prefix",
    "templates": "-t",
    "hours": "--hours",
    "channels": "--channel",
    "receipt_within_s": "--receipt-within",
}
"""What these commands call the fields of `/v1/routes`."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="The route's name.")]
Position = Annotated[
    int | None,
    typer.Option(metavar="N", help="Of the routes that apply, the one with the lowest decides."),
]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", metavar="NAME", help="Only this account's; repeatable.")
]
Purposes = Annotated[
    list[str] | None,
    typer.Option("--purpose", metavar="PURPOSE", help="Only otp, notification or marketing; repeatable."),
]
Countries = Annotated[
    list[str] | None, typer.Option("--country", metavar="CC", help="Only to this country; repeatable.")
]
Prefixes = Annotated[
    list[str] | None,
    typer.Option("--prefix", metavar="+NNN", help="Only to numbers that begin so; repeatable."),
]
Templates = Annotated[
    list[str] | None,
    typer.Option("--template", "-t", metavar="ID", help="Only with this template; repeatable."),
]
Hours = Annotated[
    str | None,
    typer.Option(metavar="HH:MM-HH:MM", help="Only at this time of the day, in the configured zone."),
]
Channels = Annotated[
    list[str] | None,
    typer.Option("--channel", metavar="NAME", help="A channel or vendor, in the order to try; repeatable."),
]
Only = Annotated[
    bool | None, typer.Option("--only/--and-others", help="Whether no others may; others follow if not said.")
]
Within = Annotated[
    str | None,
    typer.Option(
        "--receipt-within", metavar="SPAN", help="Another channel tries when no receipt came in: 60s, 5m."
    ),
]


@app.command("list")
def list_routes(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """All routes, in the order in which they are held against messages."""

    async def look(house: "House") -> list[dict[str, Any]]:
        routes = _service(house)
        return [await _fields(routes, rule) for rule in await routes.all()]

    rows = in_house(where(context, data), look)
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("position", "name", "messages", "channels"),
        [(row["position"], row["name"], _meant(row), _way(row)) for row in rows],
        empty="There are no routes: of the channels that can carry a message, sound and cheap ones go first.",
    )


@app.command()
def add(
    context: typer.Context,
    name: Name,
    *,
    channel: Channels = None,
    only: Only = None,
    position: Position = None,
    account: Accounts = None,
    purpose: Purposes = None,
    country: Countries = None,
    prefix: Prefixes = None,
    template: Templates = None,
    hours: Hours = None,
    receipt_within: Within = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say which messages go over which channels first, or over no others. Servers notice within a second."""
    fields = _given(
        channels=channel,
        only=only,
        position=position,
        accounts=account,
        purposes=purpose,
        countries=country,
        prefixes=prefix,
        templates=template,
        hours=hours,
        receipt_within_s=receipt_within,
    )

    async def make(house: "House") -> dict[str, Any]:
        routes = _service(house)
        rule = await routes.draft(name, fields)
        await routes.save(rule)
        return await _fields(routes, rule)

    _tell(_done(where(context, data), make, name), as_json=as_json)


@app.command("set")
def set_route(
    context: typer.Context,
    name: Name,
    *,
    channel: Channels = None,
    only: Only = None,
    position: Position = None,
    account: Accounts = None,
    purpose: Purposes = None,
    country: Countries = None,
    prefix: Prefixes = None,
    template: Templates = None,
    hours: Hours = None,
    receipt_within: Within = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change a route; what is not named stays, and `none` takes a condition away."""
    fields = _given(
        channels=channel,
        only=only,
        position=position,
        accounts=account,
        purposes=purpose,
        countries=country,
        prefixes=prefix,
        templates=template,
        hours=hours,
        receipt_within_s=receipt_within,
    )
    if not fields:
        raise typer.BadParameter("say what to change; `posthouse routes list` tells how things are.")

    async def change(house: "House") -> dict[str, Any]:
        routes = _service(house)
        return await _fields(routes, await routes.change(name, fields))

    _tell(_done(where(context, data), change, name), as_json=as_json)


@app.command()
def remove(context: typer.Context, name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Forget a route."""

    async def drop(house: "House") -> dict[str, Any]:
        routes = _service(house)
        return await _fields(routes, await routes.drop(name))

    told = _done(where(context, data), drop, name)
    show.answer(told, f"Route {name} is gone.", as_json=as_json)


def _given(**typed_as: Any) -> dict[str, Any]:
    """The fields that were typed; `none` empties a list, and takes away what is none."""
    fields: dict[str, Any] = {}
    for name, value in typed_as.items():
        if value == [NONE]:
            fields[name] = []
        elif value not in (None, []):
            fields[name] = None if value == NONE else value
    if (span := fields.get("receipt_within_s")) is not None:
        fields["receipt_within_s"] = typed.seconds(span, "--receipt-within")
    return fields


def _done(place: Path, do: Callable[["House"], Awaitable[dict[str, Any]]], name: str) -> dict[str, Any]:
    try:
        return in_house(place, do)
    except Refusal as refusal:
        raise renamed(refusal, _OPTIONS, {"route": name}) from refusal


def _service(house: "House") -> "Routes":
    from posthouse.services.routes import Routes
    from posthouse.vendors.registry import KNOWN

    return Routes(house.store, house.clock, KNOWN)


async def _fields(routes: "Routes", rule: "Rule") -> dict[str, Any]:
    """A route as `/v1/routes` shows it."""
    from posthouse.web.dialects.v1.routing import of_rule

    return show.as_document(of_rule(rule, await routes.accounts(rule)))


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    show.answer(told, f"{told['name']} ({told['position']}): {_meant(told)}: {_way(told)}.", as_json=as_json)


def _meant(told: dict[str, Any]) -> str:
    """Which messages a route is for."""
    words = ("accounts", "purposes", "countries", "prefixes", "templates")
    said = [f"{name} {', '.join(told[name])}" for name in words if told[name]]
    if told["hours"] is not None:
        said.append(told["hours"])
    return "; ".join(said) or "all"


def _way(told: dict[str, Any]) -> str:
    """Where a route leads."""
    way = ", ".join(told["channels"]) or "as usual"
    if told["only"]:
        way += " only"
    if told["receipt_within_s"] is not None:
        way += f"; another when no receipt came in {told['receipt_within_s']} s"
    return way


app.command("explain")(route_explaining.explain)
