"""The command line: one small file for each group of commands.

Exit codes:
    0  done, and well
    1  trouble, or a refusal: one sentence on standard error says what to do
    2  the command was not understood
    3  a check (`doctor`, `ledger check`, `config check`) found something; a code is not valid
    4  the message that was waited for ended without being delivered
    5  the time to wait for it was up

Standard output holds the answer alone: on a terminal for people, else as one compact JSON document.
`--json`, `--text` and POSTHOUSE_OUTPUT force the one or the other. All else goes to standard error.
Every command takes `--data DIR`, before or behind its name; else `POSTHOUSE_DATA`, else `./var`.
"""

from typing import Annotated

import typer

from posthouse import __version__
from posthouse.cli import backup, doctor, explaining, inbox, sending, serving, tail
from posthouse.cli.frame import Data, Frame
from posthouse.cli.grouping import later

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
app.command("inbox")(inbox.inbox)
app.command("errors")(explaining.errors)
for _name, _help in {
    "accounts": "Accounts and their money.",
    "keys": "Credentials: issue, list, revoke.",
    "messages": "Look messages up, and read their stories.",
    "templates": "Texts with places for values: versions, vendors' bindings, previews.",
    "channels": "Connections to vendors: add, try, drain, change.",
    "signatures": "Signatures, and where each is approved.",
    "batches": "Many messages at once: look, move, stop.",
    "otp": "One-time passwords: send, check, look up; test numbers.",
    "guard": "What holds up pumped traffic: rules, blocks, safe numbers.",
    "suppressions": "Numbers that an account does not write to.",
    "routes": "Which messages go over which channels, and why.",
    "config": "What is set, and where.",
    "ledger": "The books.",
}.items():
    app.add_typer(later(), name=_name, help=_help)
app.add_typer(later(), name="route", help="The same as routes.", hidden=True)
