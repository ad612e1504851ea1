"""`posthouse ledger`: recompute the books."""

import typer

from posthouse.cli import show
from posthouse.cli.frame import FOUND, AsJson, Data, in_house, where

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The books."""


@app.command()
def check(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Recompute every balance from the first transfer. Exit code 3 when something does not add up."""
    from posthouse.core.ports.queries import CheckLedger

    audit = in_house(where(context, data), lambda house: house.store.read(CheckLedger()))
    counted = {"accounts": audit.accounts, "transfers": audit.transfers, "messages": audit.messages}
    if as_json:
        drifts = [
            {
                "account_id": drift.account_id,
                "what": drift.what,
                "expected": drift.expected,
                "found": drift.found,
            }
            for drift in audit.drifts
        ]
        show.document({"ok": not drifts, **counted, "drifts": drifts})
    else:
        for drift in audit.drifts:
            typer.echo(
                f"drift: account {drift.account_id}, {drift.what}: "
                f"expected {drift.expected}, found {drift.found}"
            )
        looked = ", ".join(f"{what}: {count}" for what, count in counted.items())
        typer.echo(f"drifts: {len(audit.drifts)} ({looked})" if audit.drifts else f"no drift ({looked})")
    if audit.drifts:
        raise typer.Exit(FOUND)
