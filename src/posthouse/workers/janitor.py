"""The janitor's loop: free lost leases, end what has aged, forget what has served, sweep the rest."""

import asyncio

from posthouse.core.ports.life import AgeMessages, DropStaged, Forget, Recover
from posthouse.core.ports.otp import CloseVerifications
from posthouse.core.ports.store import Clock, Store
from posthouse.workers.pace import Wait, repeat, rest

EVERY_S = 60.0
LIMIT = 500
STEPS_MAX = 100
BREATH_S = 0.02
"""Between steps, so that those who send go first."""

APART_S = 30.0
"""Between two looks for forgotten leases, at least; longer than any lease."""

STAGED_FOR_US = 3600 * 1_000_000
"""A batch that was not published within an hour never will be."""


class Janitor:
    """Does a bounded round each minute, and another at once while there is more to do."""

    def __init__(
        self, *, store: Store, clock: Clock, owner: int, stop: asyncio.Event, wait: Wait = rest
    ) -> None:
        """`owner`: whose leases are ours."""
        self._owner = owner
        self._store = store
        self._clock = clock
        self._stop = stop
        self._wait = wait
        self._last: tuple[int, float] | None = None

    async def run(self) -> None:
        """Rounds until `stop`."""
        await repeat("janitor", self.round, every_s=EVERY_S, stop=self._stop, wait=self._wait)

    async def round(self) -> bool:
        """At most `STEPS_MAX` steps of each kind; answers whether there is more, for a round at once."""
        await self._free_forgotten()
        for _ in range(STEPS_MAX):
            now = self._clock.now()
            aged = await self._store.write(AgeMessages(now, LIMIT))
            forgotten = await self._store.write(Forget(now, LIMIT))
            dropped = await self._store.write(DropStaged(now - STAGED_FOR_US, LIMIT))
            closed = await self._store.write(CloseVerifications(now, LIMIT))
            if self._stop.is_set() or max(aged, forgotten, dropped, closed) < LIMIT:
                return False
            await self._wait(self._stop, BREATH_S)
        return True

    async def _free_forgotten(self) -> None:
        """End leases that are long over, by no more time than has really passed, should the clock leap.

        A call in flight would else be taken for a forgotten one, and its message be sent again. For the
        same reason a leap is taken over only where its round succeeded, and the next is no sooner than
        any lease of before it ends.
        """
        now, at_s = self._clock.now(), asyncio.get_running_loop().time()
        last, last_s = self._last or (now, at_s - APART_S)
        if at_s - last_s < APART_S:
            return
        await self._store.write(Recover(self._owner, min(now, last + int((at_s - last_s) * 1_000_000))))
        self._last = (now, at_s)
