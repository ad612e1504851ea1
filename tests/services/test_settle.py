"""Receipts and replies become durable in bounded groups."""

import pytest

from posthouse.core.ports.life import RecordReplies, SettleReceipts
from posthouse.core.ports.store import Unavailable
from posthouse.core.verdict import Fate, Receipt, Reply
from posthouse.observe import Metrics
from posthouse.services.settle import Settle
from tests.fakes import ScriptedStore
from tests.virtual_time import VirtualClock, in_virtual_time


@in_virtual_time
async def test_many_receipts_are_settled_in_groups_of_at_most_500():
    store, metrics = ScriptedStore(), Metrics()
    settle = Settle(store=store, clock=VirtualClock(), metrics=metrics, channel_id=3, channel="main")
    receipts = [Receipt(f"r{n}", "+8613800138000", Fate.DELIVERED) for n in range(1200)]
    await settle(receipts, [Reply("r1", "+8613800138000", "OK", 0)])
    groups = store.written(SettleReceipts)
    assert [len(group.receipts) for group in groups] == [500, 500, 200]
    assert {group.channel_id for group in groups} == {3}
    assert len(store.written(RecordReplies)) == 1
    assert b'posthouse_receipts_total{channel="main",fate="delivered"} 1200.0' in metrics.page()


@in_virtual_time
async def test_the_vendor_hears_when_the_store_could_not_take_its_news():
    store = ScriptedStore()
    store.failing[SettleReceipts] = [Unavailable()]
    settle = Settle(store=store, clock=VirtualClock(), metrics=Metrics(), channel_id=3, channel="main")
    with pytest.raises(Unavailable):
        await settle([Receipt("r", "+8613800138000", Fate.DELIVERED)], [])
