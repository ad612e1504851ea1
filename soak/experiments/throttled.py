"""A channel with a rate: no second brings its vendor more than that and a burst, codes a burst more."""

import asyncio
import json
import math
from collections.abc import Iterable
from typing import NamedTuple

from aiohttp import web

from posthouse.core.message import Lane
from posthouse.vendors.tencent import Tencent
from soak.carriage import Link, carrying, judge, watched
from soak.experiment import Outcome
from soak.vendor import HostileVendor
from tests.vendors.peer import Asked, serving
from tests.vendors.tencent_peer import APP_ID, SECRET_ID, SECRET_KEY, TencentPeer

ROWS = (22,)

RATE_PER_S = 100
SECONDS = 1.5
"""Of traffic at scale 1."""

CODE_EVERY_S = 0.004

MOST = {"alone": RATE_PER_S, "coalesced": RATE_PER_S, "with codes": RATE_PER_S}
"""In any second."""


class Arrived(NamedTuple):
    """So many messages reached the vendor at once."""

    at_s: float
    messages: int


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Accept all at once what takes seconds to send; planted: routing is told ten times the rate."""
    rate = RATE_PER_S * (10 if planted else 1)
    count = int(RATE_PER_S * SECONDS * (2 if planted else scale))
    together = asyncio.Barrier(len(MOST))
    found = await asyncio.gather(
        _one_by_one(rate, count, together),
        _many_a_call(rate, count, together),
        _one_by_one(rate, count, together, codes=count // 4),
    )
    stalled_s = max(counts["stalled s"] for counts in found)
    counted: dict[str, float] = {"our longest stall ms": round(stalled_s * 1000)}
    held = True
    for (name, most), counts in zip(MOST.items(), found, strict=True):
        counted |= {f"{name}: most in 1 s": counts["most"], f"{name}: calls": counts["calls"]}
        held = held and 0 < counts["most"] <= most + math.ceil(RATE_PER_S * stalled_s)
    for what in ("messages", "not taken", "lost", "duplicates", "drifts", "stuck"):
        counted[what] = sum(counts[what] for counts in found)
    wrong = any(counted[what] for what in ("not taken", "lost", "duplicates", "drifts", "stuck"))
    return Outcome(
        injected=f"3 × {count:,} messages at once over channels of {RATE_PER_S}/s",
        counted=counted,
        bar=f"≤ {', '.join(f'{most} {name}' for name, most in MOST.items())} a second, and what we delay",
        held=held and not wrong and counted["coalesced: calls"] < count,
    )


def most_in_a_second(arrived: Iterable[Arrived]) -> int:
    """The most that arrived within any second."""
    every = sorted(arrived)
    most = inside = first = 0
    for last in every:
        inside += last.messages
        while every[first].at_s <= last.at_s - 1.0:
            inside -= every[first].messages
            first += 1
        most = max(most, inside)
    return most


async def _one_by_one(
    rate: int, count: int, together: asyncio.Barrier, *, codes: int = 0
) -> dict[str, float]:
    vendor = HostileVendor()
    async with (
        vendor.open(),
        carrying(Link("limited", vendor.url, routing={"rate_per_s": rate})) as carriage,
        carriage.running(),
    ):
        await together.wait()  # until all are set up, which holds the event loop
        async with watched() as stall:
            await carriage.accept(count - codes)
            for _ in range(codes):
                await asyncio.sleep(CODE_EVERY_S)
                await carriage.accept(1, lane=Lane.OTP.value)
            await carriage.drained(3 * count / rate)
        await together.wait()
        found = await judge(carriage, [vendor])
    arrived = [Arrived(offer.at_s, 1) for offer in vendor.offers]
    return found | {
        "most": most_in_a_second(arrived),
        "calls": len(arrived),
        "messages": count,
        "stalled s": stall.longest_s,
        "not taken": count - len(vendor.taken),
    }


async def _many_a_call(rate: int, count: int, together: asyncio.Barrier) -> dict[str, float]:
    """Over a vendor that takes 200 recipients a call, with a template of its own."""
    vendor = _Tencent()
    secrets = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY, "sdk_app_id": APP_ID, "sign_name": "腾讯云"}
    async with (
        serving(vendor) as url,
        carrying(Link("limited", url, secrets, of=Tencent, routing={"rate_per_s": rate})) as carriage,
        carriage.running(),
    ):
        await together.wait()
        async with watched() as stall:
            await carriage.accept(count, template_id="1234", params='{"1":"2"}')
            await carriage.drained(3 * count / rate)
        await together.wait()
        found = await judge(carriage, [])
    numbers = {taken.number for taken in vendor.taken}
    return found | {
        "most": most_in_a_second(vendor.arrived),
        "calls": len(vendor.arrived),
        "messages": count,
        "stalled s": stall.longest_s,
        "not taken": count - len(numbers),
        "duplicates": len(vendor.taken) - len(numbers),
    }


class _Tencent(TencentPeer):
    """Notes when how many messages came."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[Arrived] = []

    async def answer(self, asked: Asked) -> web.Response:
        """As the vendor does."""
        recipients = len(json.loads(asked.body).get("PhoneNumberSet", ()))
        if recipients:
            self.arrived.append(Arrived(asyncio.get_running_loop().time(), recipients))
        return await super().answer(asked)
