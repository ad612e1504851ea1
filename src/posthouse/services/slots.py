"""The places of a channel's calls in flight, and the lines of those who wait for one."""

import asyncio
from collections import deque


class Slots:
    """So many calls at once, of which all but what is urgent may hold `shared` at most."""

    def __init__(self, count: int, shared: int) -> None:
        self._free, self._shared = count, shared
        self._came = 0
        self._lines: dict[bool, deque[tuple[int, asyncio.Future[bool]]]] = {True: deque(), False: deque()}

    def take(self, *, urgent: bool) -> bool:
        """Take a slot if one is free."""
        if not self._open(urgent=urgent):
            return False
        self._free -= 1
        self._shared -= not urgent
        return True

    async def wait(self, deadline_s: float, *, urgent: bool) -> bool:
        """Wait for a slot until then, in the event loop's time; whether there was one."""
        if self.take(urgent=urgent):
            return True
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        late = loop.call_at(deadline_s, _too_late, turn)  # half the cost of `asyncio.timeout_at`
        self._came += 1
        self._lines[urgent].append((self._came, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():
                self.leave(urgent=urgent)
            raise
        finally:
            late.cancel()

    def leave(self, *, urgent: bool) -> None:
        """Give a slot back; who has waited longest of those that may have it gets it."""
        self._free += 1
        self._shared += not urgent
        while ready := [kind for kind, line in self._lines.items() if line and self._open(urgent=kind)]:
            kind = min(ready, key=self._came_at)
            _, turn = self._lines[kind].popleft()
            if not turn.done():  # else it was too late for that one
                self.take(urgent=kind)
                turn.set_result(True)

    def _open(self, *, urgent: bool) -> bool:
        return self._free > 0 and (urgent or self._shared > 0)

    def _came_at(self, urgent: bool) -> int:  # noqa: FBT001 - a key of the lines
        return self._lines[urgent][0][0]


def _too_late(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
