"""Answers that trickle, do not end or explode: calls end in time, memory stays, others are as quick."""

import asyncio
from collections.abc import Awaitable, Sequence
from pathlib import Path

from posthouse.core.ports.vendor import Outbound, Vendor
from posthouse.core.verdict import Verdict
from posthouse.services.dispatch import CALL_S
from posthouse.storage.engine.sqlite import SQLite
from posthouse.vendors.base import TOTAL_S
from soak.carriage import Carriage, Link, Unwatched, Wrapped, carrying, judge, watched
from soak.experiment import Outcome
from soak.hostile import WAYS, elsewhere
from soak.vendor import HostileVendor
from tests.e2e.client import soon
from tests.e2e.premises import rows

ROWS = (21,)

CALLS = 3 * len(WAYS)
"""At scale 1: as many slow ones at once as the channel's calls in flight."""

SHORT_S, LONG = 1.0, 2.5
"""Of a call at scale 1, in place of the product's; how many times as long with the planted bug."""

LATE_S = 0.3
"""Beyond which a call was not ended in time, besides the longest time that our event loop stood still."""

GROWS_MAX_MB = 20
ALONE_S, EVERY_S = 0.4, 0.01
"""How long the other vendor's messages are timed before, and after; how often one comes."""

TIMES, MORE_MS = 1.2, 10
FEW_TIMES, FEW_MORE_MS = 3, 250
"""At scale 1 there are too few for a p99, on a machine that does other things."""

CALLED = "SELECT count(*), count(*) FILTER (WHERE outcome <> 'unknown') FROM attempts WHERE channel_id = 1"
LEFT = "SELECT count(*) FROM messages WHERE pin = 'hostile' AND state IN ('queued', 'sending')"
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Time one vendor alone, beside a hostile one, and alone; no breaker opens, so that it goes on.

    Planted: calls may last longer.
    """
    total_s = SHORT_S if scale == 1 else TOTAL_S
    clock = _Stopwatch()
    async with (
        elsewhere() as hostile,
        HostileVendor().open() as other,
        carrying(
            Link("hostile", hostile),
            Link("other", other.url),
            wrap=clock.around,
            health=Unwatched,
            total_s=total_s * LONG if planted else total_s,
        ) as carriage,
        carriage.running(),
        watched() as stall,
    ):
        alone_s = ALONE_S * scale**2
        before_ms = await _p99_ms(carriage, other, asyncio.sleep(alone_s))
        before_mb = _peak_mb(anew=True)
        await carriage.accept(CALLS * scale, pin="hostile")
        file = carriage.where / SQLite.file
        tormented = soon(
            lambda: rows(file, LEFT) == [(0,)], within_s=2 * CALL_S * scale, what="all calls", tick_s=0.1
        )
        beside_ms = await _p99_ms(carriage, other, tormented)
        grown_mb = _peak_mb() - before_mb
        alone_ms = max(before_ms, await _p99_ms(carriage, other, asyncio.sleep(alone_s)))
        await carriage.drained(CALL_S)
        stalled_s = stall.longest_s
        found = await judge(carriage, [other])
        [(calls, usable)] = rows(file, CALLED)
    times, more_ms = (FEW_TIMES, FEW_MORE_MS) if scale == 1 else (TIMES, MORE_MS)
    counted = {
        "hostile calls": calls,
        "longest call ms": round(clock.longest_s * 1000),
        "taken for an answer": usable,
        "memory grew MB": round(grown_mb, 1),
        "other vendor's p99 ms, alone": round(alone_ms, 1),
        "beside": round(beside_ms, 1),
        "its messages": len(other.taken),
    }
    return Outcome(
        injected=f"{calls} answers that trickle, are all headers, or have a gigabyte, packed or not",
        counted=counted | found,
        bar=f"calls end ≤ {total_s + LATE_S:.1f} s; memory ≤ +{GROWS_MAX_MB} MB; p99 of others ≤ {times} ×"
        f" (+ {more_ms} ms); none sent again",
        held=not any(found.values())
        and calls == CALLS * scale
        and not usable
        and clock.longest_s <= total_s + LATE_S + stalled_s
        and grown_mb <= GROWS_MAX_MB
        and beside_ms <= times * alone_ms + more_ms
        and len(other.taken) == len(carriage.accepted) - calls,
    )


class _Stopwatch:
    """Knows how long the longest of all calls took."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    def around(self, vendor: Vendor) -> Vendor:
        """A connection that is timed."""
        return Wrapped(vendor, self._send)

    async def _send(self, vendor: Vendor, outbounds: Sequence[Outbound]) -> list[Verdict]:
        loop = asyncio.get_running_loop()
        since_s = loop.time()
        verdicts = await vendor.send(outbounds)
        self.longest_s = max(self.longest_s, loop.time() - since_s)
        return verdicts


async def _p99_ms(carriage: Carriage, other: HostileVendor, meanwhile: Awaitable[None]) -> float:
    """From acceptance to the other vendor's door, with a message now and then until something has ended."""
    loop = asyncio.get_running_loop()
    came: dict[str, float] = {}
    before, until = len(other.taken), asyncio.ensure_future(meanwhile)
    while not until.done():
        now_s = loop.time()
        [message] = await carriage.accept(1, pin="other")
        came[message.recipient] = now_s
        await asyncio.sleep(EVERY_S)
    await until
    await soon(lambda: len(other.taken) - before == len(came), within_s=CALL_S, what="the others' messages")
    waits = sorted(offer.at_s - came[offer.to] for offer in other.taken[before:])
    return waits[len(waits) * 99 // 100] * 1000


def _peak_mb(*, anew: bool = False) -> float:
    """The most memory that this process has had; `anew` forgets what was before now."""
    if anew:
        CLEAR.write_text("5")
    [line] = [line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
