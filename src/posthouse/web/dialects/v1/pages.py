"""What all lists have in common: pages and their cursors."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import read, show
from posthouse.web.dialects.v1.submission import instant

_CURSOR = "cur_"

Cursor = Annotated[
    str,
    Meta(
        description="Where to go on: the next_cursor of the page before, with the same filters.",
        examples=["cur_0c7xk3m9p2q4r"],
    ),
]
NextCursor = Annotated[
    str | None,
    Meta(
        description=(
            "Give it as cursor for the next page; null after the last. A page can be short, even empty, "
            "before that: go on until this is null."
        ),
        examples=["cur_0c7xk3m9p2q4r"],
    ),
]


INSTANT = Meta(extra_json_schema={"format": "date-time"}, examples=["2026-12-01T08:00:00+08:00"])
"""How a time in a query looks."""


class PageQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list."""

    limit: Annotated[int, Meta(description="How many at most.", ge=1, le=500)] = 20
    cursor: Cursor | None = None


def moment(text: str | None, param: str) -> int | None:
    """The time in a query's field, in microseconds; None where it is absent. Refuses with INVALID_TIME."""
    if text is None:
        return None
    date, space, zone = text.rpartition(" ")  # a bare plus in a query string means a space
    return instant(f"{date}+{zone}" if space and len(date) > _DATE else text, param)


_DATE = len("2026-12-01")

Row = TypeVar("Row")


def cut(found: Sequence[Row], limit: int, place: Callable[[Row], int]) -> tuple[Sequence[Row], str | None]:
    """A page out of up to `limit` + 1 rows, and the cursor of what follows its last one, if any does."""
    page = found[:limit]
    return page, cursor_at(place(page[-1]) if len(found) > len(page) else None)


def position(cursor: str | None) -> int | None:
    """The id that a page begins at; None for the first page. Refuses what was never a cursor of ours."""
    if cursor is None:
        return None
    found = read(_CURSOR, cursor)
    if found is None:
        raise Refusal(Code.INVALID_VALUE, param="cursor")
    return found


def cursor_at(position: int | None) -> str | None:
    """The cursor of the page that begins at this id."""
    return None if position is None else show(_CURSOR, position)
