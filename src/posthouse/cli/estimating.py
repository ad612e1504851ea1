"""`posthouse send --dry-run`: what a message would be, cost and take for its way."""

from typing import Any

import typer

from posthouse.cli import show

POSITIONS_SHOWN = 5


def tell(found: dict[str, Any], *, as_json: bool) -> None:
    """The answer of `/v1/sms/estimate`, for people or as it is."""
    if as_json:
        show.document(found)
        return
    price, each, room = found["price"], found["price_per_segment"], found["characters"]
    filled = f", {room['used']} of {room['used'] + room['left']} characters" if room else ""
    show.facts(
        {
            "to": found["to"],
            "parts": f"{found['segments']} ({found['encoding']}{filled})",
            "price": f"{price['amount']} {price['currency']} ({each['amount']} a part)",
            "vendor": (found["vendor"] or "none") + (" (simulated)" if found["simulated"] else ""),
            "route": "; ".join(f"{step['channel']}: {step['why']}" for step in found["candidates"])
            or "no channel is configured",
            "at": found["send_at"],
        }
    )
    for culprit in found["culprits"]:
        typer.echo(_culprit(culprit))
    fewer = found["segments_if_replaced"]
    if fewer is not None and fewer < found["segments"]:
        typer.echo(f"Without them: {fewer} instead of {found['segments']} parts.")
    if not found["affordable"]:
        typer.echo("The balance does not suffice for it.")
    typer.echo("Nothing was sent.")


def _culprit(culprit: dict[str, Any]) -> str:
    places = culprit["positions"]
    at = ", ".join(str(place + 1) for place in places[:POSITIONS_SHOWN])
    more = ", …" if len(places) > POSITIONS_SHOWN else ""
    instead = culprit["suggestion"]
    remedy = "" if instead is None else f": write {instead} instead" if instead else ": leave it out"
    return f"{culprit['character']} ({culprit['codepoint']}) at character {at}{more} is not in GSM-7{remedy}."
