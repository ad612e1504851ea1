"""Writing what must not be forgotten: again and again, until the store has it."""

import asyncio
from typing import TypeVar

import structlog

from posthouse.core.ports.store import Command, Overloaded, Store, Unavailable

FIRST_S, MAX_S, TIMES = 0.1, 5.0, 1000

R = TypeVar("R")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def insist(store: Store, command: Command[R]) -> R:
    """Write a command that is harmless to repeat, since a token fences it.

    Raises:
        Unavailable, Overloaded: after more than an hour.
    """
    wait_s = FIRST_S
    for _ in range(TIMES):
        try:
            return await store.write(command)
        except (Unavailable, Overloaded) as error:
            log.debug("write_repeated", command=type(command).__name__, error=type(error).__name__)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, MAX_S)
    return await store.write(command)
