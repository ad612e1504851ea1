"""`posthouse config`: what is set, where, and whether it can be understood."""

import os
from pathlib import Path

import typer

from posthouse.cli import show
from posthouse.cli.asking import KEY
from posthouse.cli.frame import FOUND, OUTPUT, AsJson, Data, where

app = typer.Typer(no_args_is_help=True)

BESIDE = frozenset({"POSTHOUSE_DATA", "POSTHOUSE_BASE_URL", "POSTHOUSE_FAILPOINT", KEY, OUTPUT})
"""Names in the environment that mean something and are no settings."""


@app.command("show")
def show_settings(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Every setting with its value and where it comes from; secrets are masked."""
    from posthouse.settings import SECRET, read

    place = where(context, data)
    reading = read(place)
    told = [
        (name, "(set)" if name in SECRET and origin.value else origin.value, origin)
        for name, origin in reading.origins.items()
    ]
    if as_json:
        show.document(
            {
                "data": [
                    {"name": name, "value": value, "source": origin.source, "from": origin.place}
                    for name, value, origin in told
                ],
                "faults": reading.faults,
            }
        )
        return
    show.table(
        ("setting", "value", "from"),
        [(name, '""' if value == "" else value, origin.place) for name, value, origin in told],
        empty="",
    )
    for fault in reading.faults:
        typer.echo(fault, err=True)


@app.command()
def check(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Whether posthouse.toml and the environment can be understood. Exit code 3 when not."""
    place = where(context, data)
    faults = faults_of(place)
    if as_json:
        show.document({"ok": not faults, "faults": faults})
    else:
        for fault in faults:
            typer.echo(f"✗ {fault}")
        if not faults:
            typer.echo("All settings can be understood; `posthouse config show` lists them.")
    if faults:
        raise typer.Exit(FOUND)


def faults_of(place: Path) -> list[str]:
    """A sentence for each thing that is wrong, and for each name in the environment that means nothing."""
    from posthouse.settings import PREFIX, Settings, nearest, read

    names = BESIDE | {PREFIX + name.upper() for name in Settings.__struct_fields__}
    return read(place).faults + [
        f"{name} in the environment means nothing here: correct or unset it{nearest(name, sorted(names))}"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name not in names
    ]
