# @generated from _async/paging.py by sync.py; do not edit.
"""Lists that go on by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from posthouse_sdk._sync.engine import Engine
from posthouse_sdk.records.pages import Page

T = TypeVar("T")


class Pager(Generic[T]):
    """Iterates over all of a list, asking for the next page when one is used up.

    Nothing is asked before the first item is; each iteration begins anew.
    """

    def __init__(
        self, engine: Engine, name: str, *, path: Mapping[str, str], query: Mapping[str, object]
    ) -> None:
        self._engine = engine
        self._name = name
        self._path = path
        self._query = query

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            for item in page["data"]:
                yield item

    def pages(self) -> Iterator[Page[T]]:
        """The pages as they come."""
        query = dict(self._query)
        while True:
            page: Page[T] = self._engine.ask(self._name, path=self._path, query=query)
            if not isinstance(page.get("data"), list):
                raise self._engine.strange("is no page of a list")
            yield page
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            if cursor == query.get("cursor"):
                raise self._engine.strange("says that the list goes on where this page began")
            query["cursor"] = cursor
