"""`posthouse messages export`: any number of messages as CSV or NDJSON, a page in memory at a time."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, BinaryIO, Literal
from unicodedata import category, normalize

import typer

from posthouse.bootstrap.premises import draft
from posthouse.cli.frame import Data, in_house, leave_cleanly, tell, where
from posthouse.cli.wanted import (
    AccountOption,
    BatchOption,
    Filters,
    Owners,
    ReferenceOption,
    SinceOption,
    StateOption,
    ToOption,
    UntilOption,
    pages,
    states,
    understood,
)

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House

Form = Literal["csv", "ndjson"]

COLUMNS = (
    *("sms_id", "account", "to", "state", "reason", "vendor", "segments", "encoding", "amount", "currency"),
    *("created_at", "send_at", "expires_at", "updated_at", "purpose", "from", "signature", "template_id"),
    *("reference", "metadata", "batch_id", "simulated", "attempts"),
)


def export(
    context: typer.Context,
    *,
    form: Annotated[Form, typer.Option("--format", help="ndjson: one JSON document a line.")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="A file of one's own (0600).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE if it is there.")] = False,
    masked: Annotated[bool, typer.Option("--masked", help="Numbers as 138****8000.")] = False,
    bom: Annotated[bool, typer.Option("--bom", help="Begin with the mark that tells Excel: UTF-8.")] = False,
    state: StateOption = None,
    to: ToOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    batch: BatchOption = None,
    reference: ReferenceOption = None,
    account: AccountOption = None,
    data: Data = None,
) -> None:
    """All messages, newest first, with whole numbers and without their texts.

    In CSV, text that a spreadsheet would take for a formula has an apostrophe put before it; numbers
    such as +8613800138000 stay as they are.
    """
    filters = Filters(state, to, since, until, batch, reference, account)
    states(filters.state)
    place = where(context, data)
    leave_cleanly()
    with _target(output, replace=force) as file:
        count = in_house(
            place, lambda house: _copy(house, filters, _Sheet(file, form, bom=bom, masked=masked))
        )
    if output is not None:
        tell(f"{count:,} messages are in {output}.")


@contextmanager
def _target(output: Path | None, *, replace: bool) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears whole or not at all."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with draft(output, replace=replace) as file:
        yield file


class _Sheet:
    """Where rows go, and how they look; they are written a page at a time."""

    def __init__(self, file: BinaryIO, form: Form, *, bom: bool, masked: bool) -> None:
        self.masked = masked
        self._file, self._form, self._bom = file, form, bom
        self._page = StringIO(newline="")

    def begin(self) -> Callable[[dict[str, Any]], None]:
        """Write what stands before the rows; answers what writes one."""
        if self._bom:
            self._page.write("\ufeff")
        return _csv(self._page) if self._form == "csv" else _ndjson(self._page)

    def turn(self) -> None:
        """The page is full."""
        self._file.write(self._page.getvalue().encode())
        self._page.seek(0)
        self._page.truncate()


async def _copy(house: "House", filters: Filters, sheet: _Sheet) -> int:
    from posthouse.cli.messages import record

    wanted, owners, count = await understood(house, filters), Owners(house), 0
    progress, write = sys.stderr.isatty(), sheet.begin()
    async for page in pages(house, wanted):
        for message in page:
            write(record(message, await owners.of(message.account_id), masked=sheet.masked))
        sheet.turn()
        count += len(page)
        if progress:
            sys.stderr.write(f"\r{count:,} messages")
            sys.stderr.flush()
    if progress:
        sys.stderr.write("\n")
    return count


def _ndjson(file: IO[str]) -> Callable[[dict[str, Any]], None]:
    import msgspec

    encoder = msgspec.json.Encoder()

    def write(told: dict[str, Any]) -> None:
        file.write(encoder.encode(told).decode() + "\n")

    return write


def _csv(file: IO[str]) -> Callable[[dict[str, Any]], None]:
    import csv

    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)

    def write(told: dict[str, Any]) -> None:
        told |= told.pop("price")
        writer.writerow([_cell(told[name]) for name in COLUMNS])

    return write


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def _cell(value: object) -> object:
    """A value that no spreadsheet runs."""
    if isinstance(value, str):
        return f"'{value}" if _is_run(value) and not _NUMBER.fullmatch(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _is_run(text: str) -> bool:
    """Whether a spreadsheet may take it for a formula: it folds wide signs, and skips what does not show."""
    first = next((sign for sign in normalize("NFKC", text) if category(sign)[0] not in "CMZ"), "")
    return text.startswith(("\t", "\r", "\n")) or first in ("=", "+", "-", "@")
