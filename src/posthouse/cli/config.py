"""`posthouse config`: what is set, where, and whether it can be understood."""

import os
from pathlib import Path

import typer

from posthouse.cli import show
from posthouse.cli.asking import KEY
from posthouse.cli.frame import FOUND, OUTPUT, TROUBLE, AsJson, Data, tell, where

app = typer.Typer(no_args_is_help=True)

BESIDE = frozenset({"POSTHOUSE_DATA", "POSTHOUSE_BASE_URL", "POSTHOUSE_FAILPOINT", KEY, OUTPUT})
"""Names in the environment that mean something and are no settings."""


@app.command("show")
def show_settings(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Every setting with its value and where it comes from; secrets are masked."""
    from posthouse.settings import SECRET, read

    place = where(context, data)
    reading = read(place)
    missing = _missing(place)
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
    else:
        show.table(
            ("setting", "value", "from"),
            [(name, '""' if value == "" else value, origin.place) for name, value, origin in told],
            empty="",
        )
        for fault in reading.faults:
            tell(fault)
    if missing:
        tell(missing)
        raise typer.Exit(TROUBLE)


@app.command()
def check(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Whether posthouse.toml and the environment can be understood. Exit code 3 when not.

    1 when there is no installation that they could be the settings of.
    """
    place = where(context, data)
    faults = faults_of(place)
    if as_json:
        show.document({"ok": not faults, "faults": faults})
    else:
        for fault in faults:
            typer.echo(f"✗ {fault}")
        if not faults:
            typer.echo("All settings can be understood; `posthouse config show` lists them.")
    missing = _missing(place)
    if missing:
        tell(missing)
    if faults or missing:
        raise typer.Exit(FOUND if faults else TROUBLE)


def _missing(place: Path) -> str | None:
    """What is said of a directory that holds no installation: its settings may not be the ones meant."""
    from posthouse.bootstrap.house import found

    if found(place):
        return None
    return (
        f"There is no installation in {place.absolute()}, so only the environment and what is there counts: "
        f"run `posthouse init --data {place}`, or give the right --data."
    )


def faults_of(place: Path) -> list[str]:
    """A sentence for each thing that is wrong, and for each name in the environment that means nothing."""
    from posthouse.settings import PREFIX, Settings, nearest, read

    names = BESIDE | {PREFIX + name.upper() for name in Settings.__struct_fields__}
    return read(place).faults + [
        f"{name} in the environment means nothing here: correct or unset it{nearest(name, sorted(names))}"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name not in names
    ]
