"""`posthouse backup` and `restore`: an installation in one encrypted file, and back."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from posthouse.bootstrap.premises import SECRET_FILE
from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, leave_cleanly, quiet, where
from posthouse.core.times import rfc3339

if TYPE_CHECKING:
    from posthouse.bootstrap.restore import Restored

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


def backup(
    context: typer.Context,
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE if it is there.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Back up database and settings into one encrypted file, while the server runs or not."""
    from posthouse.bootstrap.backup import back_up

    place = where(context, data)
    quiet()
    leave_cleanly()
    since = time.monotonic()
    with _Progress() as progress:
        made = back_up(place, file, replace=force, progress=progress)
    manifest, seconds = made.manifest, time.monotonic() - since
    counted = {what: manifest.tables.get(what, 0) for what in ("messages", "accounts", "transfers")}
    if as_json:
        show.document(
            {
                "file": str(file),
                "size": made.size,
                "created_at": rfc3339(manifest.created_at),
                "schema": manifest.schema,
                **counted,
                "drifts": manifest.drifts,
                "seconds": round(seconds, 3),
            }
        )
        return
    show.facts(
        {
            "file": file,
            "size": f"{made.size:,} bytes",
            "of": show.clock(manifest.created_at),
            **{what: f"{count:,}" for what, count in counted.items()},
            "drifts": f"{manifest.drifts}: run `posthouse ledger check`" if manifest.drifts else None,
            "took": f"{seconds:.1f} s",
        }
    )
    typer.echo(
        "It opens only with this installation's secret key, which is not in it: "
        f"keep {SECRET_FILE} elsewhere, too."
    )
    typer.echo(f"To restore: posthouse restore {file} --data DIR --secret-key {SECRET_FILE}")


def restore(
    context: typer.Context,
    file: File,
    secret_key: Annotated[
        Path | None,
        typer.Option(
            "--secret-key",
            metavar="FILE",
            help="The secret key of its installation.  [as set; else secret.key in the data directory]",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move the installation that is there aside.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup, and hold every open message until `posthouse messages release`."""
    from posthouse.bootstrap.restore import restore as put_back

    place = where(context, data)
    quiet()
    leave_cleanly()
    since = time.monotonic()
    with _Progress() as progress:
        restored = put_back(file, place, secret_key=secret_key, replace=replace, progress=progress)
    if as_json:
        manifest, aside = restored.manifest, restored.aside
        show.document(
            {
                "data": str(place),
                "created_at": rfc3339(manifest.created_at),
                "seconds": round(time.monotonic() - since, 3),
                "messages": manifest.tables["messages"],
                "held": {state.value: count for state, count in sorted(restored.held.items())},
                "pull_off": list(restored.quieted),
                "replaced": str(aside) if aside is not None else None,
            }
        )
    else:
        _tell(place, restored)


def _tell(place: Path, restored: "Restored") -> None:
    manifest = restored.manifest
    at = show.clock(manifest.created_at)
    typer.echo(f"{place} is what it was at {at}, with {manifest.tables['messages']:,} messages in all.")
    if restored.aside is not None:
        typer.echo(f"What was there before is in {restored.aside}.")
    by_state = ", ".join(f"{count:,} {state}" for state, count in sorted(restored.held.items()))
    typer.echo(f"Open messages, which may have been sent since, and are held: {by_state or 'none'}.")
    typer.echo(
        f"Requests that were answered after {at} are not known here, nor are their idempotency keys: "
        "a client that repeats one sends again."
    )
    if restored.held:
        typer.echo(
            f"To send them: posthouse messages release --all --data {place} (with --dry-run, to see them)"
        )
    if restored.quieted:
        typer.echo(
            "Channels that pulled from their vendors' queues, which give everything once, do so no more: "
            f"{', '.join(restored.quieted)}. Where this installation takes the other's place: "
            f"posthouse channels set NAME --set pull=on --data {place}"
        )
    typer.echo(f"To start: posthouse serve --data {place}")


class _Progress:
    """How far we are, on one line of standard error, where that is a terminal."""

    def __init__(self) -> None:
        self._told = ""
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._told:
            typer.echo("\r" + " " * len(self._told) + "\r", nl=False, err=True)

    def __call__(self, what: str, done: int, total: int) -> None:
        told = f"{what} {done * 100 // max(total, 1)} %"
        if self._shown and told != self._told:
            typer.echo("\r" + told.ljust(len(self._told)), nl=False, err=True)
            self._told = told
