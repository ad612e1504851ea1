"""`posthouse init`, `serve` and `migrate`: make an installation, run it, bring it up to date."""

import contextlib
import logging
import signal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from posthouse.bootstrap.premises import (
    KEY_FILE,
    Trouble,
    first_key,
    held,
    keep_first_key,
    locked,
    reached_at,
    tell_address,
)
from posthouse.cli.frame import AsJson, Data, quiet, where

if TYPE_CHECKING:
    from posthouse.services.administer import Issued
    from posthouse.settings import Settings


class Part(StrEnum):
    """What a process does: accept and send, only accept, only send. One at a time on a data directory."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


Host = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Address to listen on.  [127.0.0.1]")]
Port = Annotated[
    int | None, typer.Option(metavar="PORT", min=1, max=65_535, help="Port to listen on.  [8025]")
]


def init(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Make an installation: database, account "default", sandbox channel, one operator key."""
    from posthouse.cli.keys import show_issued

    place = where(context, data)
    quiet()
    if held(place) is not None:
        raise _initialised(place)
    with locked(place):
        issued = _initialise(place)
    if issued is None:
        raise _initialised(place)
    if not as_json:
        typer.echo(f"Posthouse is set up in {place}. The operator's key of account {issued.account}:")
    show_issued(issued, as_json=as_json)
    if not as_json:
        typer.echo(f"To start: posthouse serve --data {place}")


def serve(
    context: typer.Context,
    data: Data = None,
    host: Host = None,
    port: Port = None,
    role: Annotated[Part, typer.Option(help="What this process does.")] = Part.ALL,
) -> None:
    """Serve the API and send what is accepted, until SIGTERM or Ctrl-C."""
    signal.signal(signal.SIGTERM, _leave)
    place = where(context, data)
    with contextlib.suppress(KeyboardInterrupt), locked(place):
        _serve(place, host, port, role)


def migrate(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Bring the database to the schema of this release. Harmless when it is there already."""
    from posthouse.bootstrap.house import found, prepare
    from posthouse.cli import show
    from posthouse.settings import load
    from posthouse.storage.migrating import head

    place = where(context, data)
    if not found(place):
        raise Trouble(
            f"There is no installation in {place.absolute()}: "
            f"run `posthouse init --data {place}` first, or give the right --data."
        )
    _tell_events(load(place))
    with locked(place):  # a server of another release would write on by its own rules
        prepare(place)
    if as_json:
        show.document({"schema": head()})
    else:
        typer.echo(f"The database in {place} has schema {head()}, as this release needs it.")


def _serve(place: Path, host: str | None, port: int | None, role: Part) -> None:
    from posthouse.bootstrap.house import open_house
    from posthouse.bootstrap.server import Role, listen, serve
    from posthouse.observe import Metrics
    from posthouse.settings import load

    settings = load(place)
    _tell_events(settings)
    host, port = host or settings.host, port or settings.port
    listener = listen(host, port)
    with listener:
        _initialise(place, keep=True)
        address = reached_at(host, port)
        metrics = Metrics()
        house = open_house(place, metrics.committed)

        def started() -> None:
            tell_address(place, address)
            if settings.log_format != "json":  # machines read events alone, without the key
                _greet(place, address)

        try:
            serve(house, metrics, listener, started, Role(role.value))
        finally:
            house.close()


def _tell_events(settings: "Settings") -> None:
    from posthouse.observe import configure

    configure(
        json=settings.log_format == "json", level=logging.getLevelNamesMapping()[settings.log_level.upper()]
    )


def _initialise(place: Path, *, keep: bool = False) -> "Issued | None":
    """Fill an empty installation. With `keep`, the first key is in its file before the store knows it."""
    import asyncio

    from posthouse.bootstrap.house import open_house, prepare

    def remember(issued: "Issued") -> None:
        if keep:
            keep_first_key(place, issued.credential.key)

    prepare(place)
    house = open_house(place)
    try:
        return asyncio.run(house.administer.initialise(issued=remember))
    finally:
        house.close()


def _greet(place: Path, address: str) -> None:
    """Where we are, and one line that sends a message as it stands."""
    key = first_key(place)
    typer.echo(f"Posthouse serves {address} with the data in {place}")
    if key is None:
        typer.echo(
            "Put your key for <key> below; to make another: "
            f"posthouse keys create --account default --data {place}"
        )
    else:
        typer.echo(f"Key ({place / KEY_FILE}): {key}")
    typer.echo(
        f'curl -X POST {address}/v1/sms/send -H "Authorization: Bearer {key or "<key>"}" '
        '-H "Content-Type: application/json" '
        '-d \'{"to":"+8613800138000","body":"Hello from Posthouse"}\''
    )


def _initialised(place: Path) -> Trouble:
    return Trouble(
        f"{place} is initialised already: for a new key run "
        f"`posthouse keys create --account default --role operator --data {place}`."
    )


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
