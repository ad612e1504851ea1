"""Templates as vendors write them, given one by one or as rows of a list."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli.typed import Kind, State
from posthouse.core.errors import Code, Refusal

if TYPE_CHECKING:
    from posthouse.services.templates import Foreign

Notation = Literal["aliyun", "tencent", "huawei", "twilio"]

ROWS_MAX = 1_000

COLUMNS = ("vendor", "vendor_template_id", "text", "name", "kind", "id", "names", "state")
"""Of a list: the second and third must be there. Names stand between commas, or in JSON in a list."""
NEEDED = ("vendor", "vendor_template_id", "text")
OPTIONS = {name: f"column {name}" for name in COLUMNS} | {"template_id": "column id"}
"""What a list calls the fields of the API."""

_ONE_OF: Mapping[str, Sequence[str]] = {
    "vendor": get_args(Notation),
    "kind": get_args(Kind),
    "state": get_args(State),
}


class Row(NamedTuple):
    """A row by the line of the file on which it ends, and its template, or what is wrong with it."""

    line: int
    found: "Foreign | Refusal"


@dataclass(frozen=True, slots=True)
class Given:
    """A vendor's template and what it is to be here, as typed; the fields are those of a file's row."""

    vendor: str | None
    vendor_template_id: str | None
    text: str | None
    name: str | None
    kind: str
    id: str | None
    names: Sequence[str] | None
    state: str | None

    def whole(self) -> "Foreign":
        """The template; called by the vendor's id where it got no name.

        Raises:
            BadParameter: something is missing.
        """
        from posthouse.core.message import Lane
        from posthouse.core.ports.templates import Approval
        from posthouse.core.translation import Notation as Written
        from posthouse.services.templates import Foreign

        if self.vendor is None:
            raise typer.BadParameter("say whose template it is.", param_hint="--vendor")
        if not self.vendor_template_id:
            raise typer.BadParameter("give the vendor's id of it.", param_hint="--vendor-id")
        if self.text is None:
            raise typer.BadParameter("give its text.", param_hint="TEXT")
        return Foreign(
            vendor=Written(self.vendor),
            text=self.text,
            vendor_template_id=self.vendor_template_id,
            name=self.name or self.vendor_template_id,
            kind=Lane.of(self.kind),
            names=self.names,
            template_id=self.id,
            state=Approval(self.state or Approval.DRAFT),
        )


def rows_of(content: str, given: Given) -> list[Row]:
    """The rows of a list, CSV or JSON lines; what a row does not say is as it is `given`.

    Raises:
        BadParameter: an option was given that cannot hold for all of them.
        Trouble: the list cannot be read to its end, or there is nothing in it.
    """
    for option, value in (
        ("--vendor-id", given.vendor_template_id),
        ("--id", given.id),
        ("--name", given.name),
    ):
        if value is not None:
            raise typer.BadParameter(
                "belongs to one template; rows of a list have their own.", param_hint=option
            )
    written = _json_lines(content) if content.lstrip().startswith("{") else _csv(content)
    rows: list[Row] = []
    for number, fields in written:
        if len(rows) == ROWS_MAX:
            raise Trouble(f"The list has more than {ROWS_MAX:,} rows: take them over in several runs.")
        try:
            rows.append(Row(number, _row(fields, given)))
        except Refusal as refusal:
            rows.append(Row(number, refusal))
    if not rows:
        raise Trouble("There is no template in the list.")
    return rows


def _csv(content: str) -> Iterator[tuple[int, dict[str, Any]]]:
    import csv
    from io import StringIO

    reader = csv.DictReader(StringIO(content, newline=""), strict=True)
    try:
        _check_header(reader.fieldnames or ())
        for fields in reader:
            if None in fields:
                raise Trouble(
                    f"Line {reader.line_num} of the list has more fields than its header: correct it."
                )
            yield reader.line_num, {name: value for name, value in fields.items() if value}
    except csv.Error as error:
        raise Trouble(f"Line {reader.line_num} of the list is no CSV ({error}): correct it.") from error


def _check_header(columns: Sequence[str]) -> None:
    """Raises Trouble where it names what no row may have, or not what every row needs."""
    if unknown := set(columns) - set(COLUMNS):
        raise Trouble(f"The list has an unknown column {min(unknown)!r}: use {', '.join(COLUMNS)}.")
    if columns and (missing := set(NEEDED[1:]) - set(columns)):
        raise Trouble(f"The list has no column {min(missing)}: every template needs one.")


def _json_lines(content: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except ValueError as error:
            raise Trouble(f"Line {number} of the list is no JSON document ({error}): correct it.") from error
        if not isinstance(fields, dict):
            raise Trouble(f"Line {number} of the list is no JSON object: correct it.")
        yield number, {name: value for name, value in fields.items() if value is not None}


def _row(fields: Mapping[str, Any], given: Given) -> "Foreign":
    """One row. Refuses one that is none, by the column."""
    if unknown := set(fields) - set(COLUMNS):
        raise Refusal(Code.UNKNOWN_FIELD, param=min(unknown))
    names = fields.get("names", given.names)
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    elif names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise Refusal(Code.WRONG_TYPE, param="names", expected="array")
    wanted = {name: value for name, value in fields.items() if name != "names"}
    for name, value in wanted.items():
        if not isinstance(value, str):
            raise Refusal(Code.WRONG_TYPE, param=name, expected="string")
        if value not in (allowed := _ONE_OF.get(name, (value,))):
            raise Refusal(Code.INVALID_VALUE, param=name, allowed=", ".join(allowed))
    row = replace(given, **wanted, names=names)
    for name in NEEDED:
        if not getattr(row, name):
            raise Refusal(Code.MISSING_FIELD, param=name)
    return row.whole()
