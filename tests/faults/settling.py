"""The end of every experiment: wait until all is final, stop the server, judge."""

import asyncio
import time

from tests.e2e.client import soon
from tests.e2e.server import Server
from tests.faults.load import Journal
from tests.faults.oracle import Findings, judge, waiting

SETTLES_WITHIN_S = 40.0


async def settle(server: Server, journal: Journal) -> Findings:
    """What the oracle says once everything that was accepted has come to its end."""
    deadline = time.monotonic() + SETTLES_WITHIN_S
    # What is still open then, the oracle names.
    await soon(
        lambda: not waiting(server.data) or time.monotonic() > deadline,
        within_s=SETTLES_WITHIN_S + 5,
        what="all is final",
        tick_s=0.05,
    )
    await asyncio.to_thread(server.stop)
    return await asyncio.to_thread(judge, server.data, journal)
