"""`kill -9` at random moments, starts included, while clients send: nothing is lost, doubled or adrift."""

import asyncio
import os
import random
import time
from collections import Counter

from soak.experiment import Outcome
from soak.premises import a_server, lose_one
from tests.e2e.premises import key_of
from tests.faults.load import Journal, sending
from tests.faults.oracle import Findings, judge
from tests.faults.settling import settle

ROWS = (2,)

KILLS = 20
YOUNG = 0.25
"""The share of kills that come while the server still starts, and recovers."""

ALIVE_MAX_S = 0.6
READY_WITHIN_S = 2.0

SEED = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(1 << 32))


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Kill a server again and again; compare what clients, handsets and database know."""
    dice = random.Random(SEED)
    starts: list[float] = []
    counted: Counter[str] = Counter()
    async with a_server() as server:
        since = time.monotonic()
        await asyncio.to_thread(server.start)
        start_takes_s = time.monotonic() - since
        async with sending(server.port, key_of(server.data), seed=SEED) as journal:
            for kill in range(1 if planted else KILLS * scale):
                if kill and dice.random() < YOUNG:
                    counted["of these while starting"] += 1
                    server.spawn()
                    await asyncio.sleep(dice.uniform(0, start_takes_s))
                else:
                    since = time.monotonic()
                    if kill:
                        await asyncio.to_thread(server.start)
                        starts.append(time.monotonic() - since)
                    await asyncio.sleep(dice.uniform(0, ALIVE_MAX_S))
                server.kill()
                counted["kills"] += 1
            before = len(journal.acknowledged)
            await asyncio.to_thread(server.start)
            await journal.has_acknowledged(before + 100)
        findings = await settle(server, journal)
        if planted:
            lose_one(server.data)
            findings = await asyncio.to_thread(judge, server.data, journal)
    _count(counted, journal, findings)
    counted["slowest start ms"] = round(max(starts, default=0.0) * 1000)
    wrong = findings.faults or findings.excused or journal.refused
    return Outcome(
        injected=f"{counted['kills']} kills (FAULTS_SEED={SEED})",
        counted=counted,
        bar=f"0 lost, doubled, adrift, stuck; ready ≤ {READY_WITHIN_S:.0f} s",
        held=not wrong
        and journal.acknowledged.keys() == journal.asked.keys()
        and findings.messages == len(journal.asked)
        and journal.lost > 0
        and (planted or findings.unknown_then_settled > 0)
        and max(starts, default=0.0) < READY_WITHIN_S * (5 if scale == 1 else 1),
        detail=f"{findings.faults or ''}{dict(journal.refused) or ''}",
    )


def _count(counted: Counter[str], journal: Journal, findings: Findings) -> None:
    counted.update(
        {
            "acknowledged": len(journal.acknowledged),
            "answers lost": journal.lost,
            "stored answers given again": journal.replayed,
            "canceled": len(journal.canceled),
            "unknown, then settled": findings.unknown_then_settled,
            "twice by policy": findings.excused,
            "lost": len(findings.lost),
            "duplicates": len(findings.repeated),
            "drifts": len(findings.drifts),
        }
    )
