"""`posthouse ledger`: recompute the books."""

from typing import Annotated

import typer

from posthouse.cli import show
from posthouse.cli.frame import FOUND, AsJson, Data, in_house, where

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The books."""


First = Annotated[
    int | None, typer.Option("--first", metavar="N", min=0, help="Show so many drifts at most.  [all]")
]


@app.command()
def check(context: typer.Context, first: First = None, data: Data = None, as_json: AsJson = False) -> None:
    """Recompute every balance from the first transfer. Exit code 3 when something does not add up."""
    from posthouse.core.ports.queries import CheckLedger

    audit = in_house(where(context, data), lambda house: house.store.read(CheckLedger()))
    counted = {"accounts": audit.accounts, "transfers": audit.transfers, "messages": audit.messages}
    found, shown = len(audit.drifts), audit.drifts[:first]
    if as_json:
        drifts = [
            {
                "account_id": drift.account_id,
                "what": drift.what,
                "expected": drift.expected,
                "found": drift.found,
            }
            for drift in shown
        ]
        show.document({"ok": not found, **counted, "drift_count": found, "drifts": drifts})
    else:
        for drift in shown:
            typer.echo(
                f"drift: account {drift.account_id}, {drift.what}: "
                f"expected {drift.expected}, found {drift.found}"
            )
        looked = ", ".join(f"{what}: {count}" for what, count in counted.items())
        typer.echo(f"drifts: {found} ({looked})" if found else f"no drift ({looked})")
    if found:
        raise typer.Exit(FOUND)
