"""What every group of calls has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from posthouse_sdk._async.engine import AsyncEngine
from posthouse_sdk._async.paging import AsyncPager

T = TypeVar("T")


class AsyncResource:
    """Calls that belong together, of one client."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def _ask(
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
        found: T = await self._engine.ask(name, path=path, query=query, body=body)
        return found

    def _all(
        self, kind: type[T], name: str, /, query: Mapping[str, object] | None = None, **path: str
    ) -> AsyncPager[T]:
        """The list of this name, whose items are of this kind."""
        return AsyncPager(self._engine, name, path=path, query=query or {})
