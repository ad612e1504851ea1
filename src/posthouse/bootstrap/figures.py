"""The metrics page: what was counted, and how the store stands now."""

import asyncio

from posthouse.core.ports.conversions import ListConversions
from posthouse.core.ports.queries import Gauges, GetGauges
from posthouse.core.ports.store import Clock, Overloaded, Unavailable
from posthouse.observe import Metrics
from posthouse.storage.store import Store

ANSWERS_WITHIN_S = 2.0

CONVERSIONS_EVERY_US = 60_000_000
"""How often codes are counted anew: a day of them is looked through."""

CONVERSIONS_OF_US = 86_400_000_000
PREFIXES_MAX = 50
"""Those that most codes were sent to; all others are shown as one."""


class Figures:
    """One page at a time, however many ask."""

    def __init__(self, metrics: Metrics, store: Store, clock: Clock) -> None:
        self._metrics = metrics
        self._store = store
        self._clock = clock
        self._turn = asyncio.Lock()
        self._converted_at: int | None = None

    async def page(self) -> bytes:
        """The page; a store that does not answer in time leaves its own numbers as they were."""
        async with self._turn:
            now = self._clock.now()
            gauges = await self._gauges(now)
            if gauges is not None:
                await self._conversions(now)
            line = self._store.waiting()
            return await asyncio.to_thread(self._metrics.page, line=line, gauges=gauges, now=now)

    async def _gauges(self, now: int) -> Gauges | None:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                return await self._store.read(GetGauges(now))
        except (Unavailable, Overloaded, OSError):  # a time-out is an OSError
            return None

    async def _conversions(self, now: int) -> None:
        """Those of the last look, until it is long enough ago; of a clock that was put back, too."""
        if self._converted_at is not None and 0 <= now - self._converted_at < CONVERSIONS_EVERY_US:
            return
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                found = await self._store.read(ListConversions(now - CONVERSIONS_OF_US, PREFIXES_MAX))
        except (Unavailable, Overloaded, OSError):
            return
        self._metrics.converted(found)
        self._converted_at = now
