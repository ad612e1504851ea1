"""`posthouse routes explain`: which way a message would go."""

from pathlib import Path
from typing import Annotated, Any

import typer

from posthouse.cli import show, typed
from posthouse.cli.asking import server_of
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal

_OPTIONS = {
    "to": "TO",
    "vendor": "--vendor",
    "account": "--account",
    "template_id": "-t",
    "purpose": "--purpose",
}
"""What this command calls the fields of `/v1/routes/explain`."""


def explain(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="TO", help="The recipient: +8613800138000 or 13800138000.")],
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="To count its parts.")] = None,
    *,
    template: Annotated[
        str | None, typer.Option("--template", "-t", metavar="ID", help="The template it would be sent with.")
    ] = None,
    purpose: Annotated[typed.Kind | None, typer.Option(help="What it is for.")] = None,
    vendor: Annotated[
        str | None,
        typer.Option("--vendor", "--via", metavar="NAME", help="The vendor or channel the sender asks for."),
    ] = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Which way a message would go now, and why. Nothing is sent."""
    place = where(context, data)
    asked = {"to": to, "body": text, "template_id": template, "purpose": purpose, "vendor": vendor}
    wanted = {"account": account} | {name: value for name, value in asked.items() if value is not None}
    server = server_of(place)
    if server is not None:
        found = server.post("/v1/routes/explain", wanted)
    else:
        try:
            found = _alone(place, wanted)
        except Refusal as refusal:
            raise renamed(refusal, _OPTIONS, {"account": account}) from refusal
    if as_json:
        show.document(found)
        return
    cost = found["cost"]
    show.facts(
        {
            "to": f"{found['to']} ({found['country']})",
            "for": f"account {found['account']}, {found['purpose']}",
            "route": found["rule"] or "none applies",
            "channel": found["channel"] or "none",
            "cost": None if cost is None else f"{cost['amount']} {cost['currency']}",
            "health": None if server is not None else "not known: no server runs here",
        }
    )
    show.table(
        ("channel", "vendor", "cost", "why"),
        [(way["channel"], way["vendor"], way["cost"]["amount"], way["why"]) for way in found["candidates"]]
        + [(left["channel"], "", "", left["why"]) for left in found["considered"]],
        empty="No channel is configured.",
    )


def _alone(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    import json

    from posthouse.bootstrap.alone import explain_alone
    from posthouse.web.body import Form
    from posthouse.web.dialects.v1.routing import of_explanation, question
    from posthouse.web.dialects.v1.routing_wire import FAULTS, ExplainRequest

    request = Form(ExplainRequest, faults=FAULTS).read(json.dumps(wanted).encode())
    asked = question(request, typed.DEFAULT)
    return show.as_document(of_explanation(in_house(place, lambda house: explain_alone(house, asked))))
