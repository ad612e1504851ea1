"""Work that each channel does on its own: a vendor that is slow, or says nothing, holds up no other."""

import asyncio
from collections.abc import Coroutine, Hashable, Mapping
from typing import Any

PATIENCE_S = 0.25
"""How long whoever begins something waits for it."""


class Apart:
    """At most one task under a name; what takes long goes on by itself."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    def busy(self, name: Hashable) -> bool:
        """Whether the task of this name is not done yet."""
        task = self._running.get(name)
        return task is not None and not task.done()

    async def begin(self, work: Mapping[Hashable, Coroutine[Any, Any, None]]) -> None:
        """Begin the work of names that are not busy, and wait for it a while.

        Raises the first error of all that has ended since the last time.
        """
        new = {name: asyncio.create_task(each) for name, each in work.items()}
        ended = [task for task in self._running.values() if task.done()]
        self._running = {name: task for name, task in self._running.items() if not task.done()} | new
        if new:
            done, _ = await asyncio.wait(new.values(), timeout=PATIENCE_S)
            self._running = {name: task for name, task in self._running.items() if task not in done}
            ended += done
        errors = [task.exception() for task in ended if not task.cancelled()]
        for error in filter(None, errors):
            raise error

    async def end(self) -> None:
        """Wait for what runs."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def drop(self) -> None:
        """Cancel what still runs."""
        for task in self._running.values():
            task.cancel()
