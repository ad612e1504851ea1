"""Receipts and replies become durable in bounded groups."""

from collections.abc import Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from posthouse.core.ports.life import RecordReplies, Settlement, SettleReceipts
from posthouse.core.ports.store import Unavailable
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.verdict import Fate, Receipt, Reply
from posthouse.observe import Metrics
from posthouse.services.settle import Settle, others_there
from tests.fakes import CountedWakeups, ScriptedStore
from tests.virtual_time import VirtualClock, in_virtual_time

MAIN = Channel(3, "main", "tencent")


class Ward:
    """Notes what it hears of receipts."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int, int, list[float]]] = []

    def receipts(self, channel_id: int, delivered: int, undelivered: int, lags_s: Sequence[float]) -> None:
        self.heard.append((channel_id, delivered, undelivered, list(lags_s)))


def settling(store: ScriptedStore, metrics: Metrics | None = None, *others: Channel, **parts: Any) -> Settle:
    """What hears of channel 3, among others."""
    values: dict[str, Any] = {"wakeups": CountedWakeups()} | parts
    return Settle(
        3,
        store=store,
        clock=VirtualClock(),
        metrics=metrics or Metrics(),
        channels=lambda: (MAIN, *others),
        **values,
    )


@in_virtual_time
async def test_many_receipts_are_settled_in_groups_of_at_most_500():
    store, metrics = ScriptedStore(), Metrics()
    settle = settling(store, metrics)
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
    settle = settling(store)
    with pytest.raises(Unavailable):
        await settle([Receipt("r", "+8613800138000", Fate.DELIVERED)], [])


@in_virtual_time
async def test_whoever_watches_the_channel_hears_of_fates_and_how_long_they_took():
    store, ward, wakeups = ScriptedStore(), Ward(), CountedWakeups()
    store.answers[SettleReceipts] = lambda _: Settlement(3, 0, 0, (2_500_000,), resent=1)
    settle = settling(store, health=ward, wakeups=wakeups)
    fates = (Fate.DELIVERED, Fate.UNDELIVERED, Fate.UNDELIVERED)
    await settle([Receipt(f"r{n}", "+8613800138000", fate) for n, fate in enumerate(fates)], [])
    assert ward.heard == [(3, 1, 2, [2.5])]
    assert wakeups.wakes == 1


@in_virtual_time
async def test_receipts_that_gave_way_are_told_and_counted():
    store, metrics = ScriptedStore(), Metrics()
    store.answers[SettleReceipts] = lambda _: Settlement(0, 1, 0, dropped=5_001)
    with capture_logs() as logs:
        await settling(store, metrics)([Receipt("r", "", Fate.DELIVERED)], [])
    assert {"event": "receipts_dropped", "log_level": "warning", "channel": "main", "count": 5_001} in logs
    assert b'posthouse_receipts_dropped_total{channel="main"} 5001.0' in metrics.page()


@pytest.mark.parametrize(
    ("other", "there"),
    [
        ({}, True),
        ({"state": ChannelState.DRAINING}, False),
        ({"state": ChannelState.OFF}, False),
        ({"simulated": True}, False),
        ({"account_id": 7}, False),
    ],
)
@in_virtual_time
async def test_there_is_another_channel_if_one_like_it_is_in_use(other, there):
    store = ScriptedStore()
    settle = settling(store, None, Channel(4, "other", "twilio", **other))
    await settle([Receipt("r", "+8613800138000", Fate.UNDELIVERED)], [])
    [command] = store.written(SettleReceipts)
    assert command.elsewhere is there


def test_an_account_has_the_platforms_channels_beside_its_own():
    own = Channel(4, "own", "twilio", account_id=7)
    assert others_there(4, (own, MAIN))
    assert not others_there(5, (own, MAIN))  # the channel is gone
