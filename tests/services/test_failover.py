"""Which way messages go when operators say so, and when channels fail."""

import asyncio
import json

from posthouse.core.health import BreakerState, HealthReport
from posthouse.core.message import Ending, Lane, Outcome
from posthouse.core.ports.life import EndMessages, PastAttempt, PutBack, StartAttempts
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.core.routing import Channel
from posthouse.core.rules import Rule, When
from posthouse.core.verdict import Fate, NotSent, Reason, Receipt, Refused
from posthouse.services.settle import Settle
from tests.fakes import ScriptedVendor, claimed
from tests.services.test_dispatch import ALIYUN, SANDBOX, TENCENT, World
from tests.virtual_time import START_US, VirtualClock, in_virtual_time


@in_virtual_time
async def test_a_rule_says_which_way_a_message_goes_and_how_long_its_receipt_is_waited_for():
    world = World(TENCENT, ALIYUN)
    rule = Rule(1, "dear", 10, When(countries=frozenset({"CN"})), ("aliyun",), receipt_within_s=60)
    world.directory.ruled = (rule,)
    await world.dispatch.carry(
        [
            claimed(1, now=START_US),
            claimed(2, now=START_US, country="US"),
            claimed(3, now=START_US, lane=Lane.MARKETING),
        ]
    )
    heard = {finish.message_id: (finish.channel_id, finish.hear_within_us) for finish in world.finishes()}
    numbers = [claimed(n, now=START_US).id for n in (1, 2, 3)]
    assert [heard[number] for number in numbers] == [(3, 60_000_000), (2, None), (3, None)]
    decisions = [json.loads(s.decision) for c in world.store.written(StartAttempts) for s in c.starts]
    assert [decision.get("rule") for decision in decisions].count("dear") == 2


@in_virtual_time
async def test_a_rule_waits_for_no_receipt_where_none_comes_or_nobody_else_could_try():
    rule = Rule(1, "dear", 10, channels=("aliyun",), receipt_within_s=60)
    for channels, receipts in ((ALIYUN,), True), ((ALIYUN, TENCENT), False):
        world = World(*channels, aliyun=ScriptedVendor(receipts=receipts))
        world.directory.ruled = (rule,)
        await world.dispatch.carry([claimed(1, now=START_US)])
        assert [finish.hear_within_us for finish in world.finishes()] == [None]


@in_virtual_time
async def test_what_goes_elsewhere_at_once_is_counted_by_its_reason():
    world = World(TENCENT, ALIYUN, tencent=ScriptedVendor(lambda _: Refused(Reason.BALANCE)))
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert b'posthouse_failovers_total{reason="balance"} 1.0' in world.metrics.page()


@in_virtual_time
async def test_a_pinned_channel_is_never_left_and_a_pinned_vendor_only_within_itself():
    second = Channel(5, "tencent-2", "tencent", cost=9)
    down = ScriptedVendor(lambda _: NotSent("refused"))
    world = World(TENCENT, second, ALIYUN, tencent=down)
    await world.dispatch.carry([claimed(1, now=START_US, pin="tencent-1")])
    assert world.finishes()[-1].next.due_at == START_US + 1_000_000
    await world.dispatch.carry([claimed(2, now=START_US, pin="tencent")])
    assert world.finishes()[-1].next.due_at == START_US
    tried = (PastAttempt(2, Outcome.NOT_SENT),)
    await world.dispatch.carry([claimed(2, now=START_US, pin="tencent", attempts=tried)])
    assert world.finishes()[-1].channel_id == 5
    assert world.vendors[3].calls == []


def failed(world: World, channel: Channel = TENCENT) -> None:
    for _ in range(5):
        world.health.answered(channel.id, [NotSent("refused")], 0.0)


@in_virtual_time
async def test_five_failures_and_everything_goes_elsewhere_but_one_that_finds_out():
    world = World(TENCENT, ALIYUN)
    failed(world)
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(1, 11)])
    assert (len(world.vendors[2].calls), sum(map(len, world.vendors[3].calls))) == (0, 10)
    await asyncio.sleep(1)
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(11, 21)])
    assert [len(call) for call in world.vendors[2].calls] == [1]
    assert world.health.report(2).state is BreakerState.CLOSED
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(21, 31)])
    assert sum(map(len, world.vendors[2].calls)) == 11


@in_virtual_time
async def test_a_probe_says_what_it_is():
    world = World(TENCENT, ALIYUN)
    failed(world)
    await asyncio.sleep(1)
    await world.dispatch.carry([claimed(1, now=START_US)])
    [start] = world.store.written(StartAttempts)[0].starts
    assert json.loads(start.decision)["considered"][0] == {
        "channel": "tencent-1",
        "why": "chosen; it was left alone for a while, and is tried",
    }


@in_virtual_time
async def test_where_every_channel_is_down_messages_wait_for_the_next_probe_and_no_attempt_is_made():
    world = World(TENCENT)
    failed(world)
    off: list[int] = []
    messages = [claimed(n, now=START_US) for n in range(1, 101)]
    expired = claimed(200, now=START_US, expires_at=START_US)
    await world.dispatch.carry([*messages, expired], off.append)
    assert sum(off) == 101
    assert world.vendors[2].calls == []
    assert world.store.written(StartAttempts) == []
    [back] = world.store.written(PutBack)
    dues = [due_at - START_US for _, _, due_at in back.messages]
    assert (len(dues), min(dues)) == (100, 1_000_000)
    assert 1_000_000 + 99 * 2_000 <= max(dues) <= 1_000_000 + 99 * 2_000 + 100_000
    [ended] = world.store.written(EndMessages)[0].ended
    assert ended.ending is Ending.EXPIRED
    await asyncio.sleep(1)
    await world.dispatch.carry(messages)
    assert [len(call) for call in world.vendors[2].calls] == [1]


@in_virtual_time
async def test_what_our_own_store_delays_is_not_held_against_the_channel():
    world = World(TENCENT)
    world.store.failing[StartAttempts] = [Unavailable() for _ in range(10)]
    for number in range(1, 11):
        await world.dispatch.carry([claimed(number, now=START_US)])
    assert world.health.report(2).calls == 0


@in_virtual_time
async def test_a_simulators_failures_are_what_was_asked_for():
    world = World(SANDBOX, sandbox=ScriptedVendor(lambda _: NotSent("x")))
    for number in range(1, 11):
        await world.dispatch.carry([claimed(number, now=START_US)])
    assert len(world.vendors[1].calls) == 10
    assert world.health.report(1) == HealthReport()


@in_virtual_time
async def test_a_channel_that_cannot_be_connected_leaves_its_messages_to_another():
    world = World(TENCENT, ALIYUN)
    del world.vendors[2]
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert world.finishes()[-1].channel_id == 3
    [start] = world.store.written(StartAttempts)[0].starts
    assert json.loads(start.decision)["considered"][1] == {
        "channel": "tencent-1",
        "why": "it cannot be connected as it is stored",
    }
    world.vendors[2] = ScriptedVendor()
    await world.dispatch.carry([claimed(2, now=START_US)])
    assert world.finishes()[-1].channel_id == 2


@in_virtual_time
async def test_where_no_channel_can_be_connected_messages_wait():
    world = World(TENCENT, ALIYUN)
    world.vendors.clear()
    await world.dispatch.carry([claimed(1, now=START_US)])
    [back] = world.store.written(PutBack)
    assert [due_at for _, _, due_at in back.messages] == [START_US + 1_000_000]


async def lost(world: World) -> None:
    """A probe that goes out, but for what the story makes of it."""
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert world.vendors[2].calls == []


@in_virtual_time
async def test_a_probe_that_never_was_a_call_is_made_up_for_by_the_next_message():
    def lease_lost(world: World) -> None:
        world.store.lost_leases.add(claimed(1, now=START_US).id)

    def busy(world: World) -> None:
        world.store.failing[StartAttempts] = [Overloaded()]

    def away(world: World) -> None:
        world.store.failing[StartAttempts] = [Unavailable()]

    for happens in (lease_lost, busy, away):
        world = World(TENCENT, ALIYUN)
        failed(world)
        await asyncio.sleep(1)
        happens(world)
        await lost(world)
        await world.dispatch.carry([claimed(2, now=START_US)])
        assert len(world.vendors[2].calls) == 1, happens.__name__
        assert world.health.report(2).state is BreakerState.CLOSED


@in_virtual_time
async def test_a_probe_that_finds_no_place_before_the_gate_is_made_up_for_by_the_next_message():
    world = World(TENCENT, ALIYUN, tencent=ScriptedVendor(takes_s=6))
    slow = [claimed(n, now=START_US) for n in range(1, 7)]
    hanging = asyncio.create_task(world.dispatch.carry(slow))
    await asyncio.sleep(3)
    failed(world)
    await asyncio.sleep(1)
    await world.dispatch.carry([claimed(7, now=START_US)])  # it would be the probe
    assert len(world.vendors[2].calls) == len(slow)
    await hanging
    await world.dispatch.carry([claimed(8, now=START_US)])
    assert len(world.vendors[2].calls) == len(slow) + 1
    assert world.health.report(2).state is BreakerState.CLOSED


@in_virtual_time
async def test_a_message_that_is_not_valid_for_long_looks_again_while_it_is():
    world = World(TENCENT)
    failed(world)
    for _ in range(30):
        await world.dispatch.carry([claimed(n, now=START_US) for n in range(1, 513)])
    valid_us = 20_000_000
    short = [claimed(n, now=START_US, expires_at=START_US + valid_us) for n in range(1, 513)]
    await world.dispatch.carry(short)
    dues = [due_at - START_US for _, _, due_at in world.store.written(PutBack)[-1].messages]
    assert 1_000_000 <= min(dues) < max(dues) <= valid_us / 2
    last = claimed(1, now=START_US, expires_at=START_US + 400_000)
    await world.dispatch.carry([last])
    assert world.store.written(PutBack)[-1].messages[0][2] <= last.expires_at


@in_virtual_time
async def test_after_a_channel_was_up_what_waits_for_it_begins_anew():
    world = World(TENCENT)
    failed(world)
    messages = [claimed(n, now=START_US) for n in range(1, 501)]
    for _ in range(20):
        await world.dispatch.carry(messages)
    await asyncio.sleep(1)
    await world.dispatch.carry(messages[:1])  # the probe
    await world.dispatch.carry(messages[:1])
    failed(world)
    await world.dispatch.carry(messages[:1])
    [(_, _, due_at)] = world.store.written(PutBack)[-1].messages
    assert due_at <= START_US + 1_000_000 + 2_000_000


@in_virtual_time
async def test_the_figures_of_an_accounts_own_channel_name_its_owner():
    own = Channel(4, "main", "twilio", account_id=1)
    world = World(own)
    await world.dispatch.carry([claimed(1, now=START_US)])
    settle = Settle(
        4,
        store=world.store,
        clock=VirtualClock(),
        wakeups=world.wakeups,
        metrics=world.metrics,
        channels=world.directory.channels,
    )
    await settle([Receipt("r1", "+8613800138000", Fate.DELIVERED)], [])
    page = world.metrics.page()
    for metric in (
        b'posthouse_verdicts_total{channel="main@1",outcome="accepted"} 1.0',
        b'posthouse_call_seconds_count{channel="main@1"} 1.0',
        b'posthouse_attempts_in_flight{channel="main@1"} 0.0',
        b'posthouse_receipts_total{channel="main@1",fate="delivered"} 1.0',
    ):
        assert metric in page
