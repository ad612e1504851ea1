"""What all commands share: where the data is, an open house, and trouble told in one sentence."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from posthouse.bootstrap.premises import Trouble
from posthouse.core.catalogue_entries.entry import Language
from posthouse.core.errors import Refusal
from posthouse.core.ports.store import Overloaded, Unavailable

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House

R = TypeVar("R")

DEFAULT_DATA = Path("var")

TROUBLE, FOUND = 1, 3
"""Exit codes; see the package."""

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data directory.  [POSTHOUSE_DATA; else ./var]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]


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
            tell(
                "The database could not be written to in time: "
                "try again, and run `posthouse doctor` if it goes on."
            )
        except Overloaded:
            tell("Too much is waiting to be written: try again in a moment.")
        except Exception as error:
            known = _of_heavier_parts(error)
            if known is None:
                raise
            tell(known)
        raise typer.Exit(TROUBLE)


def _of_heavier_parts(error: Exception) -> str | None:
    """The sentence of an exception whose module a quick command has not even loaded."""
    kind = type(error)
    if (kind.__module__, kind.__name__) in _SENTENCES:
        return str(error)
    if kind.__module__.partition(".")[0] in ("sqlite3", "pysqlite3"):
        return f"The database cannot be used ({error}): `posthouse doctor` says what is wrong with it."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used ({error.strerror}): check that it is there and whose it is."
    return None


_SENTENCES = frozenset(
    {
        ("posthouse.settings", "BadSettings"),
        ("posthouse.storage.engine.sqlite", "BrokenLibrary"),
        ("posthouse.observe", "UnknownFailpoint"),
        ("posthouse.services.administer", "OtherSecret"),
    }
)


def tell(sentence: str) -> None:
    """Say it on standard error, on one line."""
    typer.echo(" ".join(sentence.split()), err=True)


def in_words(refusal: Refusal) -> str:
    """A refusal in the operator's language."""
    from posthouse.core.catalogue import explain

    language = spoken()
    told = explain(refusal, language)
    return told.detail + ("" if language == "zh" else " ") + told.suggested_action


def spoken() -> Language:
    """The language of the environment: Chinese where it says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def where(context: typer.Context, data: Path | None) -> Path:
    """The data directory: `--data` behind the command, else before it, else POSTHOUSE_DATA, else ./var."""
    given: Path | None = data or context.find_root().obj
    return given or Path(os.environ.get("POSTHOUSE_DATA") or DEFAULT_DATA)


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
