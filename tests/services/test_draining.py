"""What waits for a channel that is draining, and what does not."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from posthouse.core.message import Ending, Outcome
from posthouse.core.ports.life import EndMessages, PastAttempt, PutBack, StartAttempts
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.rules import Rule
from posthouse.core.verdict import Reason, Refused
from tests.fakes import ScriptedVendor, claimed
from tests.services.test_dispatch import ALIYUN, SANDBOX, TENCENT, World
from tests.virtual_time import START_US, in_virtual_time

DRAINED = replace(TENCENT, state=ChannelState.DRAINING)
FIVE_S = 5_000_000


def dues(world: World) -> list[int]:
    return [due_at - START_US for back in world.store.written(PutBack) for _, _, due_at in back.messages]


@pytest.mark.parametrize(
    ("channels", "fields", "rule"),
    [
        ((SANDBOX, DRAINED), {}, None),  # the only real one: the simulator is no way out
        ((DRAINED, ALIYUN), {"pin": "tencent"}, None),
        ((DRAINED, ALIYUN), {"pin": "tencent-1"}, None),
        ((DRAINED, ALIYUN), {}, Rule(1, "dear", 10, channels=("tencent-1",), only=True)),
        ((DRAINED, ALIYUN), {"attempts": (PastAttempt(3, Outcome.REFUSED),)}, None),
        ((DRAINED, ALIYUN), {"body": None, "template_id": "123456"}, None),
    ],
)
@in_virtual_time
async def test_what_only_a_draining_channel_could_carry_waits_and_is_looked_at_within_seconds(
    channels, fields, rule
):
    world = World(*channels)
    world.directory.ruled = () if rule is None else (rule,)
    off: list[int] = []
    await world.dispatch.carry([claimed(n, now=START_US, **fields) for n in range(1, 101)], off.append)
    assert sum(off) == 100
    assert world.store.written(EndMessages) == []
    assert world.store.written(StartAttempts) == []
    assert max(Counter(dues(world)).values()) <= 50, "spread, so that they do not come all at once"
    assert 1_000_000 <= min(dues(world)) <= max(dues(world)) < FIVE_S


@in_virtual_time
async def test_it_goes_as_soon_as_the_channel_takes_messages_again():
    world = World(DRAINED)
    await world.dispatch.carry([claimed(1, now=START_US)])
    world.directory.all = (TENCENT,)
    await asyncio.sleep(max(dues(world)) / 1_000_000)
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert [len(call) for call in world.vendors[2].calls] == [1]


@in_virtual_time
async def test_validity_still_ends_what_waits_for_a_draining_channel():
    world = World(DRAINED)
    await world.dispatch.carry([claimed(1, now=START_US, expires_at=START_US + 1_500_000)])
    assert dues(world) == [1_500_000]
    await asyncio.sleep(1.5)
    await world.dispatch.carry([claimed(1, now=START_US, expires_at=START_US + 1_500_000)])
    [ended] = world.store.written(EndMessages)[0].ended
    assert (ended.ending, ended.reason) == (Ending.EXPIRED, Reason.EXPIRED)


@in_virtual_time
async def test_another_that_is_active_takes_it_and_what_that_refuses_waits_too():
    world = World(DRAINED, ALIYUN, aliyun=ScriptedVendor(lambda _: Refused(Reason.BALANCE)))
    await world.dispatch.carry([claimed(1, now=START_US)])
    [finish] = world.finishes()
    assert (finish.channel_id, finish.next.more) == (3, True)


@pytest.mark.parametrize(
    "channel",
    [
        replace(TENCENT, state=ChannelState.OFF),
        replace(DRAINED, countries=frozenset({"US"})),
        Channel(2, "other", "smpp", account_id=8, state=ChannelState.DRAINING),
    ],
)
@in_virtual_time
async def test_nothing_waits_for_a_channel_that_is_off_or_would_not_take_it_anyway(channel):
    world = World(channel)
    await world.dispatch.carry([claimed(1, now=START_US)])
    [ended] = world.store.written(EndMessages)[0].ended
    assert (ended.ending, ended.reason) == (None, Reason.UNROUTABLE)
