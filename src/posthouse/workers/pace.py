"""How every loop goes on: step, rest, step; slower when the store is away; gone when told to stop."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from posthouse.core.ports.store import Overloaded, Unavailable

BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.1, 5.0

Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Waits for the event, at most so many seconds."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def rest(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def backoff_s(failures: int) -> float:
    """Seconds to rest after so many failures in a row: 0.1, 0.2, 0.4 … 5."""
    return float(min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 16)))


async def repeat(
    name: str,
    step: Callable[[], Awaitable[bool]],
    *,
    every_s: float,
    stop: asyncio.Event,
    wait: Wait = rest,
) -> None:
    """Do `step` until `stop`; at once again while it answers that there is more, else after `every_s`."""
    failures = 0
    while not stop.is_set():
        try:
            more = await step()
        except (Unavailable, Overloaded) as error:
            failures += 1
            log.warning("store_busy", loop=name, error=type(error).__name__, failures=failures)
        except Exception as error:
            failures += 1
            log.exception("loop_failed", loop=name, error=type(error).__name__, failures=failures)
        else:
            failures = 0
            if not more:
                await wait(stop, every_s)
            continue
        await wait(stop, backoff_s(failures))
