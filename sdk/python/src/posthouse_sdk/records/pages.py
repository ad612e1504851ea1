"""A part of a list."""

from __future__ import annotations

from typing import Generic, NotRequired, TypedDict, TypeVar

T = TypeVar("T")


class Page(TypedDict, Generic[T]):
    """Some items of a list, and where it goes on."""

    data: list[T]
    next_cursor: NotRequired[str | None]
