# @generated from _async/resource.py by sync.py; do not edit.
"""What every group of calls has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from posthouse_sdk._sync.engine import Engine
from posthouse_sdk._sync.paging import Pager

T = TypeVar("T")


class Resource:
    """Calls that belong together, of one client."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _ask(
        self,
        kind: type[T],
        name: str,
        /,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        **path: str,
    ) -> T:
        """Make the call of this name, which answers a record of this kind."""
        found: T = self._engine.ask(name, path=path, query=query, body=body)
        return found

    def _all(
        self, kind: type[T], name: str, /, query: Mapping[str, object] | None = None, **path: str
    ) -> Pager[T]:
        """The list of this name, whose items are of this kind."""
        return Pager(self._engine, name, path=path, query=query or {})
