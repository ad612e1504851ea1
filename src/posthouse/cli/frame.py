"""What all commands share: where the data is, an open house, and trouble told in one sentence."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

from posthouse.bootstrap.mishaps import full, is_full, of_database, of_system
from posthouse.bootstrap.premises import Trouble
from posthouse.core.errors import Refusal
from posthouse.core.ports.store import Overloaded, Unavailable

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.catalogue_entries.entry import Language

R = TypeVar("R")

DEFAULT_DATA = Path("var")

OUTPUT = "POSTHOUSE_OUTPUT"

TROUBLE, FOUND, ENDED_BADLY, TIMED_OUT = 1, 3, 4, 5
"""Exit codes; see the package."""

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        readable=False,  # whether it can be read is for us to say, in our words
        help="The data directory.  [POSTHOUSE_DATA; else ./var]",
    ),
]


def _form(context: typer.Context, option: typer.CallbackParam, value: bool) -> bool:
    """`--json` or `--text` as given; else POSTHOUSE_OUTPUT; else JSON unless a person reads."""
    source = context.get_parameter_source(str(option.name))
    if source is not None and source.name == "COMMANDLINE":
        return value
    wanted = os.environ.get(OUTPUT, "")
    if wanted not in ("", "json", "text"):
        raise Trouble(f"{OUTPUT} is {wanted!r}: set it to json or text, or unset it.")
    return wanted == "json" if wanted else not sys.stdout.isatty()


AsJson = Annotated[
    bool,
    typer.Option(
        "--json/--text",
        help="Answer with JSON, or for people.  [POSTHOUSE_OUTPUT; else JSON unless on a terminal]",
        callback=_form,
        show_default=False,
    ),
]


class Frame(TyperGroup):
    """The root command: whatever stops a command is told in one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer keeps the types of its own click to itself
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            tell(in_words(refusal))
        except Trouble as trouble:
            tell(str(trouble))
        except Unavailable:
            tell(full(_place(ctx)) if is_full(_place(ctx)) else _LATE)
        except Overloaded:
            tell("Too much is waiting to be written: try again in a moment.")
        except BrokenPipeError:
            # Who read our answer, as `head` does, has enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(TROUBLE) from None
        except Exception as error:
            known = _of_heavier_parts(error, _place(ctx))
            if known is None:
                _speak_plainly(error)
                raise
            tell(known)
        raise typer.Exit(TROUBLE)


def _speak_plainly(error: Exception) -> None:
    """A usage error without what the parser of values puts in front of its sentence."""
    if isinstance(said := getattr(error, "message", None), str):
        error.message = said.removeprefix("Value error, ")  # type: ignore[attr-defined]


def _place(ctx: Any) -> Path:  # noqa: ANN401 - as `Frame.invoke`
    """The data directory of the command that ran."""
    return ctx.obj or Path(os.environ.get("POSTHOUSE_DATA") or DEFAULT_DATA)


def _of_heavier_parts(error: Exception, data: Path) -> str | None:
    """The sentence of an exception whose module a quick command has not even loaded."""
    kind = type(error)
    if kind.__name__ in _SENTENCES and kind.__module__.startswith("posthouse."):
        return str(error)
    if kind.__module__.partition(".")[0] in ("sqlite3", "pysqlite3", "sqlalchemy"):
        return of_database(getattr(error, "orig", error), data)
    return of_system(error, data) if isinstance(error, OSError) else None


_LATE = (
    "The database could not be written to, or not in time, so whether this was done is not certain: "
    "look (`posthouse messages list`) before you try again, and run `posthouse doctor` if it goes on."
)

_SENTENCES = frozenset({"BadSettings", "BrokenLibrary", "UnknownFailpoint", "OtherSecret"})
"""Exceptions of ours that are a sentence already, by name: their modules may not have been loaded."""


def tell(sentence: str) -> None:
    """Say it on standard error, on one line."""
    typer.echo(" ".join(sentence.split()), err=True)


def in_words(refusal: Refusal) -> str:
    """A refusal in the operator's language."""
    from posthouse.cli.wording import reworded
    from posthouse.core.catalogue import explain

    language = spoken()
    told = explain(refusal, language)
    return reworded(told.code, told.detail, told.suggested_action, language)


def spoken() -> "Language":
    """The language of the environment: Chinese where it says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def where(context: typer.Context, data: Path | None) -> Path:
    """The data directory: `--data` behind the command, else before it, else POSTHOUSE_DATA, else ./var."""
    root = context.find_root()
    root.obj = data or _place(root)
    place: Path = root.obj
    return place


def in_house(data: Path, do: "Callable[[House], Awaitable[R]]") -> R:
    """Open the installation, do something in it, close it."""
    import asyncio

    from posthouse.bootstrap.house import open_house

    quiet()

    async def run() -> R:
        return await do(house)

    house = open_house(data)
    try:
        return asyncio.run(run())
    finally:
        house.close()


def quiet() -> None:
    """Log nothing: a command says what happened in its own words."""
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def leave_cleanly() -> None:
    """Whoever stops us with SIGTERM lets us remove what is half done."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)
