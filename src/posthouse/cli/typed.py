"""What is typed for templates and signatures: texts, values, lengths, parameters, whose they are."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from posthouse.bootstrap.premises import Trouble

DEFAULT = "default"
"""The account that every installation begins with."""

STDIN = "-"
FILE_MAX = 10_000_000
"""Bytes of a file that is read at once."""

AccountName = Annotated[str, typer.Option("--account", metavar="NAME", help="Whose it is.")]
TemplateId = Annotated[str, typer.Argument(metavar="ID", help="The template's id.")]
SignatureId = Annotated[str, typer.Argument(metavar="ID", help="The signature's id.")]
Vendor = Annotated[str, typer.Argument(metavar="VENDOR", help="A vendor, or a channel by its name.")]
Kind = Literal["otp", "notification", "marketing"]
State = Literal["draft", "pending", "approved", "rejected"]
StateOption = Annotated[State | None, typer.Option(help="How far the vendor's review has come.")]
ReasonOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="What the vendor says, as why it rejects.")
]
VersionOption = Annotated[
    int | None, typer.Option("--version", metavar="N", min=1, help="This version instead of the newest.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")]
MaxOption = Annotated[
    list[str] | None,
    typer.Option("--max", metavar="NAME=N", help="The longest value of a variable (64); repeatable."),
]


_LENGTH = re.compile(r"\d{1,9}", re.ASCII)


def written(text: str) -> str:
    """A text as typed; `-` stands for standard input, whose last line break is not part of it."""
    if text != STDIN:
        return text
    return _read(sys.stdin.buffer, "Standard input").removesuffix("\n").removesuffix("\r")


def contents(path: Path) -> str:
    """A whole file, or standard input where it is called `-`; a byte order mark is not part of it.

    Raises:
        Trouble: it is not UTF-8, or too large.
        OSError: it cannot be read.
    """
    if str(path) == STDIN:
        return _read(sys.stdin.buffer, "Standard input")
    with path.open("rb") as file:
        return _read(file, str(path))


def _read(file: BinaryIO, name: str) -> str:
    content = file.read(FILE_MAX + 1)
    if len(content) > FILE_MAX:
        raise Trouble(f"{name} is larger than {FILE_MAX // 1_000_000} MB: cut it into several files.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Trouble(f"{name} is not UTF-8: save the text as UTF-8 and try again.") from error


def values(pairs: Sequence[str] | None, option: str = "-v") -> dict[str, str] | None:
    """NAME=VALUE as often as it was given; None where it was not.

    Raises:
        BadParameter: one of them is none, or there twice.
    """
    if not pairs:
        return None
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name and sign):
            raise typer.BadParameter(f"{pair!r} is no NAME=VALUE.", param_hint=option)
        if name in found:
            raise typer.BadParameter(f"{name} was given twice.", param_hint=option)
        found[name] = value
    return found


def lengths(pairs: Sequence[str] | None) -> dict[str, int] | None:
    """NAME=N as often as it was given; None where it was not.

    Raises:
        BadParameter: one of them is none.
    """
    from posthouse.core.template import VALUE_MAX

    found = values(pairs, "--max")
    if found is None:
        return None
    for name, length in found.items():
        if not _LENGTH.fullmatch(length) or not 1 <= int(length) <= VALUE_MAX:
            raise typer.BadParameter(
                f"{name}={length} is no length: use 1 to {VALUE_MAX:,}.", param_hint="--max"
            )
    return {name: int(length) for name, length in found.items()}


_SPAN = re.compile(r"(\d{1,9})([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str, option: str) -> int:
    """How long a span as `15m 12h 7d` is; a bare number is seconds.

    Raises:
        BadParameter: it is none.
    """
    span = _SPAN.fullmatch(text.strip())
    if span is None:
        raise typer.BadParameter(f"{text!r} is no span: write 15m, 12h, 7d or seconds.", param_hint=option)
    return int(span[1]) * _SECONDS[span[2]]


def parameters(given: Sequence[str] | None) -> Sequence[str] | Mapping[str, str] | None:
    """A vendor's parameters: our variables in its order, or THEIRS=OURS; None where none was given.

    Raises:
        BadParameter: there are some of both, or one is none.
    """
    if not given:
        return None
    named = ["=" in each for each in given]
    if not any(named):
        return list(given)
    if not all(named):
        raise typer.BadParameter(
            "give every parameter as THEIRS=OURS, or every one as OURS, in the vendor's order.",
            param_hint="--param",
        )
    return values(given, "--param")
