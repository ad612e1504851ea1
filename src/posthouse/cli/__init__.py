"""The command line: one small file for each group of commands.

Exit codes:
    0  done, and well
    1  trouble, or a refusal: one sentence on standard error says what to do
    2  the command was not understood
    3  a check (`doctor`, `ledger check`, `config check`) found something
    4  the message that was waited for ended without being delivered
    5  the time to wait for it was up

Standard output holds the answer alone: on a terminal for people, else as one compact JSON document.
`--json`, `--text` and POSTHOUSE_OUTPUT force the one or the other. All else goes to standard error.
Every command takes `--data DIR`, before or behind its name; else `POSTHOUSE_DATA`, else `./var`.
"""

from typing import Annotated

import typer

from posthouse import __version__
from posthouse.cli import (
    accounts,
    backup,
    batches,
    config,
    doctor,
    explaining,
    keys,
    ledger,
    messages,
    releasing,
    sending,
    serving,
    signatures,
    suppressions,
    tail,
    templates,
)
from posthouse.cli.frame import Data, Frame

__all__ = ["app"]

EXIT_CODES = """Exit codes: 0 done; 1 trouble or a refusal, told in one sentence; 2 not understood;
3 a check found something; 4 waited for, and not delivered; 5 waited for in vain."""

app = typer.Typer(
    cls=Frame,
    help="Posthouse: one SMS API in front of many vendors and carriers.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help costs a fraction of a second less
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"posthouse {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    data: Data = None,
    _version_too: Annotated[
        bool, typer.Option("--version", help="Show the release.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = data


app.command("init")(serving.init)
app.command("serve")(serving.serve)
app.command("migrate")(serving.migrate)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)
app.command("send")(sending.send)
app.command("tail")(tail.tail)
app.command("errors")(explaining.errors)
app.add_typer(accounts.app, name="accounts", help="Accounts and their money.")
app.add_typer(keys.app, name="keys", help="Credentials: issue, list, revoke.")
messages.app.command("release")(releasing.release)
app.add_typer(messages.app, name="messages", help="Look messages up, and read their stories.")
app.add_typer(
    templates.app,
    name="templates",
    help="Texts with places for values: versions, vendors' bindings, previews.",
)
app.add_typer(signatures.app, name="signatures", help="Signatures, and where each is approved.")
app.add_typer(batches.app, name="batches", help="Many messages at once: look, move, stop.")
app.add_typer(suppressions.app, name="suppressions", help="Numbers that an account does not write to.")
app.add_typer(config.app, name="config", help="What is set, and where.")
app.add_typer(ledger.app, name="ledger", help="The books.")
