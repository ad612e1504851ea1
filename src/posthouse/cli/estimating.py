"""`posthouse send --dry-run`: what a message would be, cost and take for its way."""

from collections.abc import Sequence
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
            "at": show.moved(found["send_at"], found["postponed_from"]),
        }
    )
    for culprit in found["culprits"]:
        typer.echo(misfit(culprit["character"], culprit["positions"], culprit["suggestion"]))
    fewer = found["segments_if_replaced"]
    if fewer is not None and fewer < found["segments"]:
        typer.echo(f"Without them: {fewer} instead of {found['segments']} parts.")
    if not found["affordable"]:
        typer.echo("The balance does not suffice for it.")
    typer.echo("Nothing was sent.")


def misfit(char: str, positions: Sequence[int], instead: str | None) -> str:
    """Where a character stands that GSM-7 has not, and what could stand there instead (positions from 0)."""
    at = ", ".join(str(place + 1) for place in positions[:POSITIONS_SHOWN])
    more = ", …" if len(positions) > POSITIONS_SHOWN else ""
    remedy = "" if instead is None else f": write {instead} instead" if instead else ": leave it out"
    return f"{char} (U+{ord(char):04X}) at character {at}{more} is not in GSM-7{remedy}."
