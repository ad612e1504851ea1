"""A channel that hangs, or is down, holds up its own messages and nobody else's."""

import asyncio
import heapq
import itertools
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from posthouse.core.message import Lane
from posthouse.core.ports.life import Claim, Claimed, PutBack, StartAttempts
from posthouse.core.routing import Channel
from posthouse.core.verdict import Accepted, NotSent
from posthouse.observe import Metrics
from posthouse.services.arrange import Arranger
from posthouse.services.dispatch import Dispatch
from posthouse.services.gate import DOWN_PER_S
from posthouse.services.health import Health
from posthouse.workers.dispatcher import Dispatcher
from tests.fakes import CIPHER, CountedWakeups, FixedDirectory, ScriptedStore, ScriptedVendor, claimed
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

BAD, GOOD = Channel(2, "bad", "tencent"), Channel(3, "good", "aliyun")
CALL_S = 0.01


class Line(ScriptedStore):
    """A store whose messages come when they are due, and again when they are put back; commits take 1 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.due: list[tuple[int, int]] = []
        self.all: dict[int, Claimed] = {}
        self.claims = 0
        self.started_at: dict[int, int] = {}
        self.answers |= {Claim: self._claim, PutBack: self._put_back, StartAttempts: self._start}

    def add(self, message: Claimed, due_at: int) -> None:
        self.all[message.id] = message
        heapq.heappush(self.due, (due_at, message.id))

    async def write(self, command: Any) -> Any:
        await asyncio.sleep(0.001)
        return await super().write(command)

    def _claim(self, command: Claim) -> list[Claimed]:
        found: list[Claimed] = []
        if command.lane is Lane.NOTIFICATION:
            while self.due and len(found) < command.limit and self.due[0][0] <= command.now:
                found.append(self.all[heapq.heappop(self.due)[1]]._replace(token=command.lease.token))
        self.claims += len(found)
        return found

    def _put_back(self, command: PutBack) -> None:
        for message_id, _, due_at in command.messages:
            heapq.heappush(self.due, (due_at, message_id))

    def _start(self, command: StartAttempts) -> dict[int, int]:
        self.started_at |= {start.message_id: command.at for start in command.starts}
        return {start.message_id: 1 for start in command.starts}


class World:
    """A dispatcher between a good channel and a bad one, each asked for by name."""

    def __init__(self, bad: ScriptedVendor) -> None:
        self.line, directory, clock, metrics = Line(), FixedDirectory(BAD, GOOD), VirtualClock(), Metrics()
        health = Health(clock, directory.channels, metrics)
        wakeups = self.wakeups = CountedWakeups()
        self.stop = asyncio.Event()
        self.good = ScriptedVendor(takes_s=CALL_S)
        dispatch = Dispatch(
            store=self.line,
            clock=clock,
            arranger=Arranger(directory, clock, ZoneInfo("Asia/Shanghai"), CIPHER, health=health),
            vendors={2: bad, 3: self.good},
            wakeups=wakeups,
            owner=1,
            tokens=itertools.count(1).__next__,
            metrics=metrics,
        )
        self.dispatcher = Dispatcher(dispatch=dispatch, wakeups=wakeups, metrics=metrics, stop=self.stop)

    async def run(self, bad: int, seconds: int, per_s: int = 50) -> list[float]:
        """How long messages for the good channel waited, `per_s` of them, beside `bad` for the other."""
        since = VirtualClock().now()
        for number in range(bad):
            self.line.add(claimed(1_000_000 + number, now=since, pin="bad"), since)
        due: dict[int, int] = {}
        for number in range(seconds * per_s):
            message = claimed(number, now=since, pin="good")
            due[message.id] = since + number * 1_000_000 // per_s
            self.line.add(message, due[message.id])
        running = asyncio.create_task(self.dispatcher.run(drain_s=0.1))
        waking = asyncio.create_task(self._wake())
        await asyncio.sleep(seconds + 2)
        self.stop.set()
        await asyncio.gather(running)
        waking.cancel()
        sent = self.line.started_at
        assert due.keys() <= sent.keys()
        return sorted((sent[message_id] - at) / 1_000_000 for message_id, at in due.items())

    async def _wake(self) -> None:
        while True:
            self.wakeups.wake()  # as each message that is accepted does
            await asyncio.sleep(0.01)


def p99(waits: list[float]) -> float:
    return waits[len(waits) * 99 // 100]


@in_virtual_time
async def test_thousands_that_wait_for_a_channel_that_hangs_delay_no_others():
    alone = await World(ScriptedVendor()).run(0, 10)
    world = World(ScriptedVendor(takes_s=8))
    beside = await world.run(2000, 10)
    assert p99(beside) <= 1.2 * p99(alone) + 0.002
    # Each of the others is looked at now and then, not again and again.
    assert world.line.claims < 500 + 2000 * 3


@in_virtual_time
async def test_thousands_that_wait_for_a_channel_that_is_down_delay_no_others_and_burn_no_attempts():
    alone = await World(ScriptedVendor()).run(0, 10)
    down = ScriptedVendor(lambda _: NotSent("refused"))
    world = World(down)
    beside = await world.run(2000, 10)
    assert p99(beside) <= 1.2 * p99(alone) + 0.002
    assert len(down.calls) < 20
    assert world.line.claims < 500 + 2000 + 12 * DOWN_PER_S


@in_virtual_time
async def test_a_quick_channel_is_not_slowed_by_its_own_line():
    quick = ScriptedVendor(lambda outbound: Accepted(outbound.key), takes_s=0.005)
    world = World(quick)
    await world.run(1500, 2)
    started = Counter((at - START_US) // 1_000_000 for at in world.line.started_at.values())
    assert len(quick.calls) == 1500
    assert started[0] > 650  # six slots of 6 ms each let 1000 through
