"""The metrics page: what was counted, and how the store stands now."""

import asyncio

from posthouse.core.ports.queries import Gauges, GetGauges
from posthouse.core.ports.store import Clock, Overloaded, Unavailable
from posthouse.observe import Metrics
from posthouse.storage.store import Store

ANSWERS_WITHIN_S = 2.0


class Figures:
    """One page at a time, however many ask."""

    def __init__(self, metrics: Metrics, store: Store, clock: Clock) -> None:
        self._metrics = metrics
        self._store = store
        self._clock = clock
        self._turn = asyncio.Lock()

    async def page(self) -> bytes:
        """The page; a store that does not answer in time leaves its own numbers as they were."""
        async with self._turn:
            now = self._clock.now()
            gauges = await self._gauges(now)
            line = self._store.waiting()
            return await asyncio.to_thread(self._metrics.page, line=line, gauges=gauges, now=now)

    async def _gauges(self, now: int) -> Gauges | None:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                return await self._store.read(GetGauges(now))
        except (Unavailable, Overloaded, OSError):  # a time-out is an OSError
            return None
