"""The scheduler's loops: messages whose time has come, and attempts that nobody answered."""

import asyncio
from typing import Protocol

from posthouse.core.ports.life import QueueScheduled
from posthouse.core.ports.store import Clock, Store, Wakeups
from posthouse.workers.pace import Wait, repeat, rest

LIMIT = 500
QUEUE_EVERY_S = 0.2
RECONCILE_EVERY_S = 0.25


class Reconciler(Protocol):
    """What the second loop drives: `services.reconcile.Reconcile`."""

    async def step(self, limit: int) -> int:
        """Look at up to `limit` unanswered messages; answers how many there were."""
        ...


class Scheduler:
    """Moves scheduled messages into their lanes, and has unanswered ones looked at."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        reconcile: Reconciler,
        stop: asyncio.Event,
        wait: Wait = rest,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._reconcile = reconcile
        self._stop = stop
        self._wait = wait

    async def run(self) -> None:
        """Both loops, until `stop`."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(
                repeat("schedule", self._queue, every_s=QUEUE_EVERY_S, stop=self._stop, wait=self._wait)
            )
            loops.create_task(
                repeat("reconcile", self._look, every_s=RECONCILE_EVERY_S, stop=self._stop, wait=self._wait)
            )

    async def _queue(self) -> bool:
        queued = await self._store.write(QueueScheduled(self._clock.now(), LIMIT))
        if queued:
            self._wakeups.wake()
        return queued >= LIMIT

    async def _look(self) -> bool:
        return await self._reconcile.step(LIMIT) >= LIMIT
