"""`posthouse doctor`: look at everything an installation stands on, and say how to mend what is wrong."""

import typer

from posthouse.cli import show
from posthouse.cli.frame import FOUND, AsJson, Data, quiet, where


def doctor(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Check this machine and the data directory. Exit code 3 when something is wrong."""
    from posthouse.cli.checks import examine

    quiet()
    findings = examine(where(context, data))
    well = all(finding.ok for finding in findings)
    if as_json:
        checks = [
            {"name": each.name, "ok": each.ok, "found": each.found, "fix": None if each.ok else each.fix}
            for each in findings
        ]
        show.document({"ok": well, "checks": checks})
    else:
        for finding in findings:
            typer.echo(f"{'✓' if finding.ok else '✗'} {finding.name}: {finding.found}")
            if not finding.ok:
                typer.echo(f"  → {finding.fix}")
        typer.echo("All is well." if well else "Mend what is marked ✗, then run doctor again.")
    if not well:
        raise typer.Exit(FOUND)
