"""Every vendor takes seconds to answer and to deliver: traffic stays where it was, no channel is drained."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack

from posthouse.core.health import BreakerState
from posthouse.core.verdict import Unknown, Verdict
from posthouse.services.health import Health
from soak.carriage import Carriage, Link, carrying, judge
from soak.experiment import Outcome
from soak.vendor import HostileVendor, takes_after
from tests.contracts.build import SECOND

ROWS = (24,)

ANSWERS_S, SHORT_S = 2.0, 0.2
"""How long an answer takes; the shorter one at scale 1."""

DELIVERS_S = (20, 30, 20)
"""How long each vendor's receipts take: all of them long, none far longer than the others'."""

ROUNDS, EACH = 3, 32
"""A round's messages are sent, answered and delivered before the next begins; one more round a scale."""

NAMES, WEIGHTS = ("first", "second", "dear"), (3, 1, 1)
CONCURRENCY = 32
OFF_BY = 0.05
"""How far a share may be off, of all that was sent; half of it in any round would be a channel drained."""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Send over two equals, one with three times the weight, beside a dearer one that must stay idle.

    Planted: a call that takes long counts as one that failed.
    """
    slow_s = SHORT_S if scale == 1 else ANSWERS_S
    vendors = [HostileVendor(takes_after(slow_s)) for _ in NAMES]
    least: Counter[str] = Counter(dict.fromkeys(NAMES, EACH))
    opened = 0
    async with AsyncExitStack() as stack:
        for vendor in vendors:
            await stack.enter_async_context(vendor.open())
        links = [
            Link(
                name,
                vendor.url,
                routing={"weight": weight, "cost": name == "dear", "concurrency": CONCURRENCY},
            )
            for name, vendor, weight in zip(NAMES, vendors, WEIGHTS, strict=True)
        ]
        health = _Impatient if planted else Health
        carriage = await stack.enter_async_context(carrying(*links, real=False, health=health))
        for _ in range(2 if planted else ROUNDS + scale):
            for name, taken in zip(NAMES, await _round(carriage, vendors), strict=True):
                least[name] = min(least[name], taken)
            opened += sum(
                carriage.health.report(number).state is not BreakerState.CLOSED for number in (1, 2, 3)
            )
        found = await judge(carriage, vendors)
        messages = len(carriage.accepted)
    share = {name: len(vendor.taken) / messages for name, vendor in zip(NAMES, vendors, strict=True)}
    counted: dict[str, float] = {"messages": messages, "rounds with a breaker open": opened}
    counted |= {f"% {name}": round(100 * part, 1) for name, part in share.items()}
    counted |= {f"fewest {name} of {EACH}": least[name] for name in NAMES[:2]}
    return Outcome(
        injected=f"all vendors answer after {slow_s:.1f} s, receipts come after {min(DELIVERS_S)} s and more",
        counted=counted | found,
        bar=f"shares by weight 75 : 25 ± {100 * OFF_BY:.0f}, the dearer idle, none drained in any round",
        held=not any(found.values())
        and not opened
        and share["dear"] == 0
        and abs(share["first"] - 0.75) <= OFF_BY
        and least["first"] >= EACH * 0.75 / 2
        and least["second"] >= EACH * 0.25 / 2,
    )


async def _round(carriage: Carriage, vendors: Sequence[HostileVendor]) -> list[int]:
    """Send, and let receipts come; how many each vendor took."""
    world = carriage.world
    seen = [len(vendor.taken) for vendor in vendors]
    await carriage.accept(EACH)
    while await carriage.waiting():
        await carriage.turn()
        world.later(SECOND)
    since = world.now
    new = [vendor.taken[before:] for vendor, before in zip(vendors, seen, strict=True)]
    for after_s, number in sorted(zip(DELIVERS_S, (1, 2, 3), strict=True)):
        world.now = since + after_s * SECOND
        if new[number - 1]:
            await carriage.hear(number, *(offer.delivered for offer in new[number - 1]))
    return [len(taken) for taken in new]


class _Impatient(Health):
    """Takes what is slow for what has failed."""

    def answered(self, channel_id: int, verdicts: Sequence[Verdict], seconds: float) -> None:
        """A call over the channel ended after so long."""
        late = seconds >= SHORT_S
        super().answered(channel_id, [Unknown("late")] if late else verdicts, seconds)
