"""Wake-ups within one process: an event that remembers that somebody called."""

import asyncio


class InProcess:
    """`Wakeups` on one event. Many wakes before a wait are one; call it from the event loop's thread."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was queued."""
        self._woken.set()

    async def wait(self, timeout_s: float) -> None:
        """Return at once if woken since the last wait, else at the next wake-up or after `timeout_s`."""
        if not self._woken.is_set():
            try:
                async with asyncio.timeout(timeout_s):
                    await self._woken.wait()
            except TimeoutError:
                return
        self._woken.clear()
