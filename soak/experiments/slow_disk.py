"""Every sync takes half a second: the loop goes on, requests wait for their commit, the line is bounded."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from posthouse.core.ports.admin import NextBoot
from posthouse.core.ports.store import Overloaded
from posthouse.storage.writer import LINE_MAX
from soak.disk import OK, Disk, beneath
from soak.experiment import Outcome
from soak.premises import a_running, a_world, afflicted
from tests.e2e.client import Client, clients
from tests.e2e.premises import key_of

ROWS = (9,)

SYNC_S = 0.5
CLIENTS, SURPLUS = 16, 500
STALL_S = 0.05
"""What the loop may lose in 99 looks of 100; four times that at scale 1, where other tests run beside it."""

WORST_S = 0.8 * SYNC_S
"""A loop that waits for one sync is seen, whatever else the machine does."""

ANSWERED_WITHIN_S = 10 * SYNC_S


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Send to a server on a slow disk while looking at its loop; overfill a store's line on the same disk."""
    counted = Counter({"accepted": 0, "503": 0, "timed out": 0})
    async with (
        a_running(afflicted(f"sync-takes:{SYNC_S}")) as server,
        clients(server.port, key_of(server.data), CLIENTS + 1) as [watcher, *senders],
    ):
        sending = asyncio.gather(*(_send(each, 2 * scale, counted) for each in senders))
        if planted:
            asyncio.get_running_loop().call_later(0.3, server.signal, signal.SIGSTOP)
            asyncio.get_running_loop().call_later(0.3 + 2 * SYNC_S, server.signal, signal.SIGCONT)
        looks = await _look(watcher, sending.done)
        await sending
    await _overfill(counted)
    looks.sort()
    worst_s, most_s = looks[-1], looks[len(looks) * 99 // 100]
    counted["worst look ms"], counted["99 % within ms"] = round(worst_s * 1000), round(most_s * 1000)
    return Outcome(
        injected=f"every sync takes {SYNC_S * 1000:.0f} ms",
        counted=counted,
        bar=f"loop stalls ≤ {STALL_S * 1000:.0f} ms; 0 time-outs; past {LINE_MAX:,} commands refused at once",
        held=most_s <= STALL_S * (4 if scale == 1 else 1)
        and worst_s <= WORST_S
        and not counted["timed out"]
        and counted["accepted"] > 0
        and counted["refused at once"] == SURPLUS,
    )


async def _send(client: Client, times: int, counted: Counter[str]) -> None:
    for _ in range(times):
        since = time.monotonic()
        answer = await client.send("+8613900000011", "slowly")
        counted["timed out"] += time.monotonic() - since > ANSWERED_WITHIN_S
        counted["accepted"] += answer.status == HTTPStatus.ACCEPTED
        counted["503"] += answer.status == HTTPStatus.SERVICE_UNAVAILABLE


async def _look(watcher: Client, over: Callable[[], bool]) -> list[float]:
    """How long a question takes that needs nothing but the loop, again and again."""
    looks: list[float] = []
    while not over():
        since = time.monotonic()
        await watcher.get("/livez")
        looks.append(time.monotonic() - since)
        await asyncio.sleep(0.005)
    return looks


async def _overfill(counted: Counter[str]) -> None:
    """More commands than the line holds: who comes last is told at once, and everybody else is served."""
    slow = [SYNC_S]

    def on_sync(_path: str) -> int:
        time.sleep(slow[0])
        return OK

    async with a_world() as (world, _):
        world.store.close()
        with beneath(Disk(on_sync=on_sync)):
            world.store = world.backend.open()
            waiting = [asyncio.create_task(world.write(NextBoot())) for _ in range(LINE_MAX)]
            await asyncio.sleep(0)
            since = time.monotonic()
            surplus = [world.write(NextBoot()) for _ in range(SURPLUS)]
            answers = await asyncio.gather(*surplus, return_exceptions=True)
            in_time = time.monotonic() - since < SYNC_S
            counted["refused at once"] = in_time * sum(isinstance(each, Overloaded) for each in answers)
            slow[0] = 0.0
            await asyncio.gather(*waiting)
            world.store.close()
