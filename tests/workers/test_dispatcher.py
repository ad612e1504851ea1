"""How much the dispatcher holds, whom it keeps places for, and how it stops."""

import asyncio
from collections.abc import Callable, Sequence

from posthouse.core.message import Lane
from posthouse.core.ports.life import Claimed
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.observe import Metrics
from posthouse.workers.dispatcher import Dispatcher
from tests.fakes import CountedWakeups, claimed
from tests.virtual_time import START_US, in_virtual_time


class Line:
    """Endless or finite lanes of messages, each of which takes a while to carry."""

    def __init__(self, *, takes_s: float = 1.0, **waiting: int) -> None:
        self.waiting = {lane: waiting.get(lane.label, 0) for lane in Lane}
        self.held = dict.fromkeys(Lane, 0)
        self.held_max = self.others_max = 0
        self.carried = dict.fromkeys(Lane, 0)
        self.failing: list[Exception] = []
        self.claims = 0
        self.carrying: Callable[[], None] | None = None
        self._takes_s = takes_s

    async def claim(self, lane: Lane, limit: int) -> list[Claimed]:
        await asyncio.sleep(0.001)
        self.claims += 1
        if self.failing:
            raise self.failing.pop(0)
        count = min(limit, self.waiting[lane])
        self.waiting[lane] -= count
        self.held[lane] += count
        self.held_max = max(self.held_max, sum(self.held.values()))
        self.others_max = max(self.others_max, sum(self.held.values()) - self.held[Lane.OTP])
        return [claimed(n, now=START_US, lane=lane) for n in range(count)]

    async def carry(self, claimed: Sequence[Claimed], done: Callable[[int], None]) -> None:
        lane = claimed[0].lane
        if self.carrying is not None:
            self.carrying()
        await asyncio.sleep(self._takes_s)
        self.held[lane] -= len(claimed)
        self.carried[lane] += len(claimed)
        done(len(claimed))


class World:
    def __init__(self, line: Line) -> None:
        self.stop = asyncio.Event()
        self.wakeups = CountedWakeups()
        self.dispatcher = Dispatcher(dispatch=line, wakeups=self.wakeups, metrics=Metrics(), stop=self.stop)

    async def run(self, seconds: float, *, drain_s: float = 9.0) -> float:
        """Run for a while and stop; how long stopping took."""
        loop = asyncio.get_running_loop()
        running = asyncio.create_task(self.dispatcher.run(drain_s=drain_s))
        await asyncio.sleep(seconds)
        self.stop.set()
        stopped_s = loop.time()
        await running
        return loop.time() - stopped_s


@in_virtual_time
async def test_a_campaign_never_fills_the_places_of_otp():
    line = Line(marketing=100_000, notification=100_000)
    await World(line).run(5)
    assert line.others_max == 448


@in_virtual_time
async def test_otp_finds_a_place_at_once_while_a_campaign_runs():
    line = Line(marketing=100_000, takes_s=8)
    world = World(line)
    running = asyncio.create_task(world.run(2))
    await asyncio.sleep(1)
    line.waiting[Lane.OTP] = 64
    world.wakeups.wake()
    await asyncio.sleep(0.05)
    assert line.waiting[Lane.OTP] == 0
    await running


@in_virtual_time
async def test_no_more_than_512_are_held_whatever_the_lanes():
    line = Line(otp=100_000, marketing=100_000)
    await World(line).run(5)
    assert line.held_max == 512


@in_virtual_time
async def test_notifications_go_before_marketing():
    line = Line(notification=448, marketing=448)
    running = asyncio.create_task(World(line).run(0.5))
    await asyncio.sleep(0.4)
    assert line.waiting == {Lane.OTP: 0, Lane.NOTIFICATION: 0, Lane.MARKETING: 448}
    await running


@in_virtual_time
async def test_places_given_back_are_used_at_once():
    line = Line(notification=448 * 3, takes_s=1)
    await World(line).run(2.5)
    assert line.carried[Lane.NOTIFICATION] == 448 * 3


@in_virtual_time
async def test_without_work_it_looks_twice_a_second_and_at_every_wake_up():
    line = Line()
    world = World(line)
    running = asyncio.create_task(world.run(10))
    await asyncio.sleep(5)
    assert line.claims <= 3 * 22
    line.waiting[Lane.NOTIFICATION] = 1
    world.wakeups.wake()
    await asyncio.sleep(0.02)
    assert line.waiting[Lane.NOTIFICATION] == 0
    await running


@in_virtual_time
async def test_a_store_that_is_away_is_asked_again_ever_more_slowly():
    line = Line(notification=1)
    line.failing = [Unavailable(), Overloaded(), Unavailable(), Overloaded(), ValueError("a defect")]
    await World(line).run(10)
    assert line.carried[Lane.NOTIFICATION] == 1


@in_virtual_time
async def test_a_fault_in_one_group_gives_its_places_back():
    line = Line(notification=448 * 5, takes_s=0.1)

    def fault():
        line.held[Lane.NOTIFICATION] = 0
        line.carrying = None
        raise ZeroDivisionError

    line.carrying = fault
    await World(line).run(5)
    assert line.waiting[Lane.NOTIFICATION] == 0


@in_virtual_time
async def test_stopping_claims_nothing_more_and_waits_for_the_calls_in_flight():
    line = Line(notification=100_000, takes_s=3)
    took_s = await World(line).run(1)
    assert line.carried[Lane.NOTIFICATION] == 448
    assert 1.5 < took_s < 3.5


@in_virtual_time
async def test_stopping_does_not_wait_longer_than_the_time_given():
    line = Line(notification=1, takes_s=60)
    took_s = await World(line).run(1, drain_s=9)
    assert 8.9 < took_s < 9.1


@in_virtual_time
async def test_an_idle_dispatcher_stops_at_once():
    assert await World(Line()).run(1.2) < 0.01
