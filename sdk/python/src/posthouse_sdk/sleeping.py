"""How time is let pass, in a thread and in a task."""

from __future__ import annotations

import time


def sleep(seconds: float) -> None:
    """Let time pass in this thread."""
    time.sleep(seconds)


async def asleep(seconds: float) -> None:
    """Let time pass in this task."""
    import asyncio  # noqa: PLC0415 - who has no event loop need not load it

    await asyncio.sleep(seconds)
