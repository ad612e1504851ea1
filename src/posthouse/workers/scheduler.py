"""The scheduler's loops: what is due, calls that nobody answered, codes and receipts that get lost."""

import asyncio
from typing import Protocol

from posthouse.core.ports.life import QueueScheduled
from posthouse.core.ports.store import Clock, Store, Wakeups
from posthouse.workers.pace import Wait, repeat, rest

LIMIT = 500
QUEUE_EVERY_S = 0.2
RECONCILE_EVERY_S = 0.25
SILENT_EVERY_S = 1.0
POLL_EVERY_S = 1.0
QUESTIONS = 200
CONVERSIONS_EVERY_S = 10.0


class Stepped(Protocol):
    """What loops drive: `services` that are called `Reconcile`, `Resend` and `Polling`."""

    async def step(self, limit: int) -> int:
        """Look at up to `limit` messages; answers how many there were."""
        ...


class Asking(Stepped, Protocol):
    """One that asks vendors, which may take longer than a step."""

    async def end(self) -> None:
        """Wait for what is out."""
        ...

    def drop(self) -> None:
        """Give up what is still out."""
        ...


class Refreshed(Protocol):
    """What the last loop drives: `services.conversion.Conversions`."""

    async def refresh(self) -> None:
        """Read it anew."""
        ...


class Scheduler:
    """Moves scheduled messages into their lanes, and has others looked at."""

    def __init__(  # noqa: PLR0913 - a service for each loop
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        reconcile: Asking,
        resend: Stepped,
        polling: Asking,
        conversions: Refreshed,
        stop: asyncio.Event,
        wait: Wait = rest,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._reconcile = reconcile
        self._resend = resend
        self._polling = polling
        self._conversions = conversions
        self._stop = stop
        self._wait = wait

    async def run(self) -> None:
        """All loops, until `stop`; then what vendors were asked is waited for, unless this is canceled."""
        asking = (self._reconcile, self._polling)
        try:
            await self._loop()
            await asyncio.gather(*(each.end() for each in asking))
        finally:
            for each in asking:
                each.drop()

    async def _loop(self) -> None:
        async with asyncio.TaskGroup() as loops:
            for name, step, every_s in (
                ("schedule", self._queue, QUEUE_EVERY_S),
                ("reconcile", self._look, RECONCILE_EVERY_S),
                ("silent", self._listen, SILENT_EVERY_S),
                ("polling", self._poll, POLL_EVERY_S),
                ("conversions", self._refresh, CONVERSIONS_EVERY_S),
            ):
                loops.create_task(repeat(name, step, every_s=every_s, stop=self._stop, wait=self._wait))

    async def _queue(self) -> bool:
        queued = await self._store.write(QueueScheduled(self._clock.now(), LIMIT))
        if queued:
            self._wakeups.wake()
        return queued >= LIMIT

    async def _look(self) -> bool:
        return await self._reconcile.step(LIMIT) >= LIMIT

    async def _listen(self) -> bool:
        return await self._resend.step(LIMIT) >= LIMIT

    async def _poll(self) -> bool:
        await self._polling.step(QUESTIONS)
        return False  # vendors are not asked faster for having much to say

    async def _refresh(self) -> bool:
        await self._conversions.refresh()
        return False
