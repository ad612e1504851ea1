"""The places of a channel's calls in flight, and the lines of those who wait for one."""

import asyncio
from collections import deque


class Slots:
    """So many calls at once, of which all but what is urgent may hold `shared` at most."""

    def __init__(self, count: int, shared: int) -> None:
        self._free, self._shared = count, shared
        self._lines: dict[bool, deque[asyncio.Future[bool]]] = {True: deque(), False: deque()}

    def free(self, *, urgent: bool) -> int:
        """How many calls may begin now."""
        return self._free if urgent else min(self._free, self._shared)

    async def take(self, deadline_s: float, *, urgent: bool) -> bool:
        """Wait for a slot until then, in the event loop's time; whether there was one."""
        if self.free(urgent=urgent):
            self._hold(urgent=urgent)
            return True
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        late = loop.call_at(deadline_s, _too_late, turn)  # half the cost of `asyncio.timeout_at`
        self._lines[urgent].append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():
                self.leave(urgent=urgent)
            raise
        finally:
            late.cancel()

    def leave(self, *, urgent: bool) -> None:
        """Give a slot back; who waits longest gets it, the urgent first."""
        self._free += 1
        self._shared += not urgent
        for kind, line in self._lines.items():
            while line and self.free(urgent=kind):
                turn = line.popleft()
                if not turn.done():  # else it was too late for that one
                    self._hold(urgent=kind)
                    turn.set_result(True)

    def _hold(self, *, urgent: bool) -> None:
        self._free -= 1
        self._shared -= not urgent


def _too_late(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
