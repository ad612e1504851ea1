"""How answers look: JSON documents, tables, amounts and times."""

import json
from collections.abc import Mapping, Sequence
from unicodedata import category

import typer


def document(value: object) -> None:
    """One compact JSON document."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


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
    Console(highlight=False, markup=False, width=10_000).print(drawn, soft_wrap=True)


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
    """A time of day for people, in this machine's zone."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
