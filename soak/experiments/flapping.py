"""A vendor fails all calls, or every second one, and recovers: it is left alone in time, and used again."""

import asyncio
import random
from collections.abc import Mapping
from itertools import product

from posthouse.core.health import BreakerState
from posthouse.services.health import Health
from posthouse.storage.engine.sqlite import SQLite
from soak.carriage import Carriage, Link, Unwatched, carrying, judge
from soak.experiment import Outcome
from soak.vendor import Conduct, HostileVendor, Offer, refuses, say, take
from tests.e2e.client import soon
from tests.e2e.premises import rows

ROWS = (20,)

TOGETHER, EVERY_S = 3, 0.05
"""Messages: 60 a second."""

SOUND_S, TROUBLE_S = 0.2, 0.9
"""How long all is well first; how long it then is not at scale 1: a hundred times as long at scale 10."""

OPENS_WITHIN_S, RECOVERS_WITHIN_S = 2.0, 10.0
EXTRA, IN_FLIGHT = 0.1, 8
"""Calls beyond one a message: a tenth, and those that were in flight when the breaker opened."""

CODES = '{"busy": "vendor_temporary"}'
DOUBTFUL = "SELECT count(*) FROM messages WHERE state = 'unknown'"


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Let two vendors fail certainly ("busy"), two in doubt (500, taken or not); planted: nobody counts."""
    trouble_s = TROUBLE_S * scale**2
    kinds = list(product((True, False), (1.0, 0.5)))
    found = await asyncio.gather(
        *(_flapping(trouble_s, certain=certain, share=share, blind=planted) for certain, share in kinds)
    )
    counted: dict[str, float] = {}
    for (certain, share), counts in zip(kinds, found, strict=True):
        name = f"{'busy' if certain else '500'} {share:.0%}"
        counted |= {f"{name}: {what}": counts[what] for what in ("opens ms", "recovers ms", "extra calls")}
    for what in ("messages", "in doubt", "unaccounted for", "lost", "duplicates", "drifts", "stuck"):
        counted[what] = sum(counts[what] for counts in found)
    return Outcome(
        injected=f"{trouble_s:.1f} s of errors in 100 % and 50 % of the calls of the cheaper of two channels",
        counted=counted,
        bar=f"left alone ≤ {OPENS_WITHIN_S:.0f} s, used again ≤ {RECOVERS_WITHIN_S:.0f} s, extra calls"
        f" ≤ {EXTRA:.0%}, none in doubt sent again, none lost",
        held=all(_held(counts, certain=certain) for (certain, _), counts in zip(kinds, found, strict=True)),
    )


def _held(counts: Mapping[str, float], *, certain: bool) -> bool:
    extra_max = EXTRA * counts["messages"] + IN_FLIGHT if certain else 0
    return (
        0 < counts["opens ms"] <= OPENS_WITHIN_S * 1000
        and counts["recovers ms"] <= RECOVERS_WITHIN_S * 1000
        and counts["extra calls"] <= extra_max
        and not any(counts[what] for what in ("unaccounted for", "lost", "duplicates", "drifts", "stuck"))
        and (counts["in doubt"] == 0) is certain
    )


async def _flapping(trouble_s: float, *, certain: bool, share: float, blind: bool) -> Mapping[str, float]:
    first, second = HostileVendor(), HostileVendor()
    loop = asyncio.get_running_loop()
    async with (
        first.open(),
        second.open(),
        carrying(
            Link("first", first.url, {"codes": CODES}, routing={"cost": 1}),
            Link("second", second.url, routing={"cost": 2}),
            health=Unwatched if blind else Health,
        ) as carriage,
        carriage.running(),
    ):
        enough = asyncio.Event()
        feeding = asyncio.create_task(_feed(carriage, enough))
        await asyncio.sleep(SOUND_S)
        first.conduct, since_s = _failing(share, certain=certain), loop.time()
        opened_s = await _opened_after(carriage, min(trouble_s, 2 * OPENS_WITHIN_S))
        await asyncio.sleep(max(0.0, since_s + trouble_s - loop.time()))
        first.conduct, healed_s = take, loop.time()
        if opened_s is not None:
            await soon(
                lambda: carriage.health.report(1).state is BreakerState.CLOSED,
                within_s=3 * RECOVERS_WITHIN_S,
                what="the channel is used again",
            )
        recovered_s = loop.time() - healed_s
        enough.set()
        await feeding
        await carriage.drained(RECOVERS_WITHIN_S)
        found = await judge(carriage, [first, second])
        [(doubtful,)] = rows(carriage.where / SQLite.file, DOUBTFUL)
    messages = len(carriage.accepted)
    answered = {offer.message for vendor in (first, second) for offer in vendor.taken}
    return found | {
        "messages": messages,
        "opens ms": -1 if opened_s is None else round(opened_s * 1000),
        "recovers ms": round(recovered_s * 1000),
        "extra calls": len(first.offers) + len(second.offers) - messages,
        "in doubt": doubtful,
        "unaccounted for": max(0, messages - len(answered) - doubtful),
    }


async def _feed(carriage: Carriage, enough: asyncio.Event) -> None:
    while not enough.is_set():
        await carriage.accept(TOGETHER)
        await asyncio.sleep(EVERY_S)


async def _opened_after(carriage: Carriage, within_s: float) -> float | None:
    """In how many seconds the breaker of the first channel opened."""
    loop = asyncio.get_running_loop()
    since_s = loop.time()
    while carriage.health.report(1).state is BreakerState.CLOSED:
        if loop.time() - since_s > within_s:
            return None
        await asyncio.sleep(0.005)
    return loop.time() - since_s


def _failing(share: float, *, certain: bool) -> Conduct:
    """Fails so many of its calls: certainly ("busy", nothing taken), or in doubt: half of these are taken."""
    dice = random.Random(7)
    busy = refuses(503, "busy")

    async def conduct(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
        if dice.random() >= share:
            await take(vendor, offer, writer)
        elif certain:
            await busy(vendor, offer, writer)
        else:
            if dice.random() < 0.5:
                vendor.taken.append(offer)
            say(writer, 500, {"error": "internal"})

    return conduct
