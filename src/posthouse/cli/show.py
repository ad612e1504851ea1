"""How answers look: JSON documents, tables, amounts and times."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import category

import typer


def document(value: object) -> None:
    """One compact JSON document."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def as_document(reply: object) -> dict[str, Any]:
    """A reply of `/v1` as a JSON document has it."""
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(reply)
    return told


def plain(text: str) -> str:
    """A text that a vendor or caller wrote, as a terminal may have it: what is not printable is escaped.

    Control characters move the cursor and worse, bidirectional marks turn the line round. Wide spaces stay.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or category(char) == "Zs" else char.encode("unicode_escape").decode()
        for char in text
    )


def line(text: str) -> None:
    """One line for people."""
    typer.echo(plain(text))


def answer(told: object, sentence: str, *, as_json: bool) -> None:
    """What was done, as a document or in a sentence."""
    if as_json:
        document(told)
    else:
        line(sentence)


def facts(pairs: Mapping[str, object]) -> None:
    """Names and values, one a line; what is not known is left out."""
    width = max(len(name) for name in pairs) + 2
    for name, value in pairs.items():
        if value is not None:
            line(f"{name:<{width}}{value}")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """Rows under their headings; `empty` is said when there are none."""
    if not rows:
        typer.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, no_wrap=True)
    for row in rows:
        drawn.add_row(*("" if value is None else plain(str(value)) for value in row))
    # A row that is wider than the terminal wraps: better than an id that is cut off.
    # (With a height, too, it is not asked how wide the terminal is.)
    Console(highlight=False, markup=False, width=10_000, height=1).print(drawn, soft_wrap=True)


def money(micro: int, currency: str) -> str:
    """An amount with its currency."""
    from posthouse.core.ledger import from_micro

    return f"{from_micro(micro)} {currency}"


def amount(text: str) -> int:
    """Micro-units from an amount as typed; anything else is a usage error."""
    from posthouse.core.ledger import AMOUNT_MAX, from_micro, to_micro

    try:
        micro = to_micro(text)
    except ValueError:
        micro = -1
    if micro < 0:
        raise typer.BadParameter(
            f"{text!r} is no amount: use currency units with at most six decimals, "
            f"as 100 or 0.05, up to {from_micro(AMOUNT_MAX)}."
        )
    return micro


def clock(at: int) -> str:
    """A time for people, in this machine's zone, which it names."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def told_clock(told: str) -> str:
    """The same for a time as a server or an event tells it, in RFC 3339; anything else stays as it is."""
    from datetime import datetime

    from posthouse.core.times import micros

    try:
        when = datetime.fromisoformat(told)
    except ValueError:
        return told
    return told if when.tzinfo is None else clock(micros(when))


def moved(send_at: str | None, postponed_from: str | None) -> str | None:
    """When a message goes, as a server tells it, and whether quiet hours have to do with that."""
    if send_at is None:
        return None
    behind = "" if postponed_from is None else f" (in quiet hours; asked for {told_clock(postponed_from)})"
    return f"{told_clock(send_at)}{behind}"


def short(text: str, columns: int) -> str:
    """The beginning of a text that is longer than so many columns of a terminal."""
    from unicodedata import east_asian_width

    used = 0
    for place, char in enumerate(text):
        used += 2 if east_asian_width(char) in "WF" else 1
        if used > columns:
            return f"{text[: max(place - 1, 0)]}…"
    return text


def count(number: int, noun: str) -> str:
    """So many of something, as `1 word` and `1,200 words`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
