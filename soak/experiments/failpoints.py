"""SIGKILL at every failpoint, under load: nothing is lost, doubled or adrift."""

import asyncio
import signal
from collections import Counter

from posthouse.observe import FAILPOINTS
from soak.experiment import Outcome
from soak.premises import a_server, lose_one
from tests.e2e.premises import key_of
from tests.faults.load import sending
from tests.faults.oracle import judge
from tests.faults.settling import settle

ROWS = (1,)

DIES_WITHIN_S = 30.0

COMMITS = {"before-transaction", "mid-transaction", "before-commit", "after-commit"}
"""Every commit passes these, those of the start too."""

TIMES = dict.fromkeys(COMMITS, 150) | {
    "claimed": 30,
    "attempt-committed": 30,
    "vendor-taken": 30,
    "vendor-replied": 30,
    "receipt-taken": 12,
    "receipt-settled": 12,
    "draining": 1,
}
"""At the how-many-eth time, the first turn; later turns die later."""

IN_DOUBT = {"attempt-committed", "vendor-taken", "vendor-replied"}
"""A death here leaves attempts without a verdict."""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Die at each failpoint in turn, start again, and compare what all sides know."""
    counted = Counter({"deaths": 0, "acknowledged": 0, "answers lost": 0, "unknown, then settled": 0})
    faults: list[str] = []
    for turn in range(scale):
        for name in ("claimed",) if planted else sorted(FAILPOINTS):
            faults += await die_at(name, TIMES[name] + 7 * turn * (name != "draining"), counted, planted)
    return Outcome(
        injected=f"{counted['deaths']} deaths at {len(FAILPOINTS)} failpoints",
        counted=counted,
        bar="0 lost, doubled, adrift, stuck",
        held=not faults,
        detail="; ".join(faults),
    )


async def die_at(name: str, times: int, counted: Counter[str], planted: bool = False) -> list[str]:  # noqa: FBT001, FBT002
    """One death; what is wrong after it."""
    async with a_server() as server:
        await asyncio.to_thread(server.start, f"{name}:{times}")
        async with sending(server.port, key_of(server.data), seed=times) as journal:
            if name == "draining":
                await journal.has_acknowledged(200)
                server.terminate()
            status = await asyncio.to_thread(server.died, within_s=DIES_WITHIN_S)
            before = len(journal.acknowledged)
            await asyncio.to_thread(server.start)
            await journal.has_acknowledged(before + 100)
        findings = await settle(server, journal)
        if planted:
            lose_one(server.data)
            findings = await asyncio.to_thread(judge, server.data, journal)
    counted["deaths"] += status == -signal.SIGKILL
    counted["acknowledged"] += len(journal.acknowledged)
    counted["answers lost"] += journal.lost
    counted["unknown, then settled"] += findings.unknown_then_settled
    wrong = {
        "it did not die here": status != -signal.SIGKILL,
        f"{findings.excused} sent twice by policy": findings.excused,
        f"refused {dict(journal.refused)}": journal.refused,
        "not all were answered": journal.acknowledged.keys() != journal.asked.keys(),
        "no answer was lost: there was no load": not journal.lost,
        "nothing was in doubt": name in IN_DOUBT and not findings.unknown_then_settled,
        str(findings.faults): findings.faults,
    }
    return [f"{name}: {what}" for what, is_so in wrong.items() if is_so]
