"""At every named failpoint the server kills itself under load: nothing is lost, nothing doubled."""

import asyncio
import signal

import pytest

from posthouse.observe import FAILPOINTS
from tests.e2e.premises import key_of
from tests.faults.load import sending
from tests.faults.settling import settle

DIES_WITHIN_S = 30.0

TIMES = {
    # Every commit passes these, those of the start too.
    "before-transaction": 150,
    "mid-transaction": 150,
    "before-commit": 150,
    "after-commit": 150,
    # Those of the dispatcher and of the receipts are passed less often.
    "claimed": 30,
    "attempt-committed": 30,
    "vendor-taken": 30,
    "vendor-replied": 30,
    "receipt-taken": 12,
    "receipt-settled": 12,
    "draining": 1,
}
"""At the how-many-eth time."""

IN_DOUBT = {"attempt-committed", "vendor-taken", "vendor-replied"}
"""A death here leaves attempts without a verdict."""


def test_every_failpoint_is_tried():
    assert set(TIMES) == FAILPOINTS


@pytest.mark.parametrize("name", sorted(FAILPOINTS))
async def test_a_server_that_dies_at_a_failpoint_loses_and_doubles_nothing(server, name):
    server.start(f"{name}:{TIMES[name]}")
    async with sending(server.port, key_of(server.data), seed=TIMES[name]) as journal:
        if name == "draining":
            await journal.has_acknowledged(200)
            server.terminate()
        status = await asyncio.to_thread(server.died, within_s=DIES_WITHIN_S)
        before = len(journal.acknowledged)
        await asyncio.to_thread(server.start)
        await journal.has_acknowledged(before + 100)
    findings = await settle(server, journal)
    print(
        f"{name:20} acknowledged {len(journal.acknowledged)} ({before} before the death), "
        f"answers lost {journal.lost}, replayed {journal.replayed}, "
        f"unknown, then settled {findings.unknown_then_settled}, "
        f"twice by policy {findings.excused}, faults {findings.faults}"
    )
    assert status == -signal.SIGKILL, server.log_tail()
    assert findings.faults == {}
    assert findings.excused == 0
    assert journal.refused == {}
    assert journal.acknowledged.keys() == journal.asked.keys()
    assert journal.lost > 0
    if name in IN_DOUBT:
        assert findings.unknown_then_settled > 0
