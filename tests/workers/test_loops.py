"""Scheduler, janitor and receipts: bounded, patient with the store, gone when told to stop."""

import asyncio
import itertools
from typing import Any

import pytest

from posthouse.core.ports.life import AgeMessages, DropStaged, Forget, QueueScheduled, Recover
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.workers.janitor import Janitor
from posthouse.workers.pace import repeat
from posthouse.workers.receipts import Receipts
from posthouse.workers.scheduler import Scheduler
from tests.fakes import CountedWakeups, ScriptedStore, ScriptedVendor
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

HOUR_US = 3600 * 1_000_000


class Steps:
    def __init__(self, *counts: int) -> None:
        self.counts = list(counts)
        self.at: list[float] = []
        self.ended: list[str] = []

    async def step(self, limit: int) -> int:
        self.at.append(round(asyncio.get_running_loop().time(), 3))
        return self.counts.pop(0) if self.counts else 0

    async def end(self) -> None:
        self.ended.append("waited")

    def drop(self) -> None:
        self.ended.append("dropped")

    async def refresh(self) -> None:
        self.at.append(round(asyncio.get_running_loop().time(), 3))


def scheduling(stop: asyncio.Event, **parts: Any) -> Scheduler:
    """A scheduler among fakes, but for the parts a story is about."""
    values: dict[str, Any] = {
        "store": ScriptedStore(),
        "clock": VirtualClock(),
        "wakeups": CountedWakeups(),
        "reconcile": Steps(),
        "resend": Steps(),
        "polling": Steps(),
        "conversions": Steps(),
    }
    return Scheduler(**(values | parts), stop=stop)


async def run_for(seconds: float, loop: Any, stop: asyncio.Event) -> None:
    running = asyncio.create_task(loop)
    await asyncio.sleep(seconds)
    stop.set()
    await running


@in_virtual_time
async def test_a_loop_backs_off_from_a_tenth_of_a_second_to_five_and_survives_defects():
    stop, at = asyncio.Event(), []

    async def step() -> bool:
        at.append(asyncio.get_running_loop().time())
        raise [Unavailable(), Overloaded(), KeyError("a defect")][len(at) % 3]

    await run_for(30, repeat("test", step, every_s=1, stop=stop), stop)
    pauses = [round(later - earlier, 3) for earlier, later in itertools.pairwise(at)]
    assert pauses[:8] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


@in_virtual_time
async def test_scheduled_messages_are_queued_until_a_step_finds_fewer_than_its_limit():
    store, wakeups, stop = ScriptedStore(), CountedWakeups(), asyncio.Event()
    store.counts[QueueScheduled] = [500, 500, 17]
    await run_for(1, scheduling(stop, store=store, wakeups=wakeups).run(), stop)
    at = [command.now for command in store.written(QueueScheduled)]
    assert at[0] == at[1] == at[2]
    assert at[3] - at[2] == 200_000
    assert wakeups.wakes == 3


@in_virtual_time
async def test_unanswered_messages_are_looked_at_several_times_a_second():
    steps, stop = Steps(500, 3), asyncio.Event()
    await run_for(0.9, scheduling(stop, reconcile=steps).run(), stop)
    assert steps.at == [0, 0, 0.25, 0.5, 0.75]


@in_virtual_time
async def test_silent_codes_are_looked_for_each_second_and_at_once_while_there_are_more():
    steps, stop = Steps(500, 499), asyncio.Event()
    await run_for(2.5, scheduling(stop, resend=steps).run(), stop)
    assert steps.at == [0, 0, 1, 2]


@in_virtual_time
async def test_vendors_are_asked_for_receipts_once_a_second_however_many_are_missing():
    steps, stop = Steps(200, 200, 200), asyncio.Event()
    await run_for(2.5, scheduling(stop, polling=steps).run(), stop)
    assert steps.at == [0, 1, 2]


@in_virtual_time
async def test_at_the_end_vendors_that_were_asked_are_waited_for():
    reconcile, polling, stop = Steps(), Steps(), asyncio.Event()
    await run_for(1, scheduling(stop, reconcile=reconcile, polling=polling).run(), stop)
    assert reconcile.ended == polling.ended == ["waited", "dropped"]


@in_virtual_time
async def test_a_scheduler_that_is_canceled_waits_for_no_vendor():
    reconcile, stop = Steps(), asyncio.Event()
    running = asyncio.create_task(scheduling(stop, reconcile=reconcile).run())
    await asyncio.sleep(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert reconcile.ended == ["dropped"]


@in_virtual_time
async def test_how_codes_fare_is_read_every_ten_seconds():
    steps, stop = Steps(), asyncio.Event()
    await run_for(29, scheduling(stop, conversions=steps).run(), stop)
    assert steps.at == [0, 10, 20]


@in_virtual_time
async def test_the_janitor_works_in_steps_until_little_is_left_and_comes_again_each_minute():
    store, stop = ScriptedStore(), asyncio.Event()
    store.counts[Forget] = [500, 500, 3]
    await run_for(59, Janitor(store=store, clock=VirtualClock(), owner=1, stop=stop).run(), stop)
    assert (
        len(store.written(Forget)) == len(store.written(AgeMessages)) == len(store.written(DropStaged)) == 3
    )


@in_virtual_time
async def test_the_janitors_round_is_bounded():
    store, stop = ScriptedStore(), asyncio.Event()
    store.counts[Forget] = [500] * 1000
    assert await Janitor(store=store, clock=VirtualClock(), owner=1, stop=stop).round()
    assert len(store.written(Forget)) == 100  # … and the next follows at once


@in_virtual_time
async def test_the_janitor_frees_forgotten_leases_each_round():
    store, stop = ScriptedStore(), asyncio.Event()
    await Janitor(store=store, clock=VirtualClock(), owner=7, stop=stop).round()
    assert [command.owner for command in store.written(Recover)] == [7]


class Leaping(VirtualClock):
    """A clock that somebody sets."""

    ahead_us = 0

    def now(self) -> int:
        return super().now() + self.ahead_us


@in_virtual_time
async def test_no_lease_ends_early_because_the_clock_leapt():
    store, clock = ScriptedStore(), Leaping()
    janitor = Janitor(store=store, clock=clock, owner=7, stop=asyncio.Event())
    for ahead_us in (0, HOUR_US, -HOUR_US):
        clock.ahead_us = ahead_us
        await janitor.round()
        await asyncio.sleep(60)
    # A minute after the first; then an hour back, where new leases are.
    assert [command.now - START_US for command in store.written(Recover)] == [
        0,
        60_000_000,
        120_000_000 - HOUR_US,
    ]


@in_virtual_time
async def test_a_leap_is_not_taken_over_while_the_store_is_away():
    store, clock = ScriptedStore(), Leaping()
    janitor = Janitor(store=store, clock=clock, owner=7, stop=asyncio.Event())
    await janitor.round()
    await asyncio.sleep(60)
    clock.ahead_us = HOUR_US
    for _ in range(3):
        store.failing[Recover] = [Unavailable()]
        with pytest.raises(Unavailable):
            await janitor.round()
        await asyncio.sleep(1)
    await janitor.round()
    await asyncio.sleep(60)
    await janitor.round()
    # Leases of before the leap are over by the last.
    assert [command.now - START_US for command in store.written(Recover)] == [
        0,
        63_000_000,
        123_000_000 + HOUR_US,
    ]


@in_virtual_time
async def test_a_leap_is_not_taken_over_by_a_round_that_follows_at_once():
    store, clock, stop = ScriptedStore(), Leaping(), asyncio.Event()
    store.counts[Forget] = [0, *[500] * 250]
    running = asyncio.create_task(Janitor(store=store, clock=clock, owner=7, stop=stop).run())
    await asyncio.sleep(59)
    clock.ahead_us = HOUR_US
    await asyncio.sleep(30)
    stop.set()
    await running
    assert len(store.written(Forget)) > 250
    assert [command.now - START_US for command in store.written(Recover)] == [0, 60_000_000]


class Heard(ScriptedVendor):
    """A vendor whose listening fails some times first."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self.failures = failures
        self.starts = 0
        self.listening = False

    async def listen(self, settle):
        self.starts += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        self.listening = True
        try:
            await asyncio.Event().wait()
        finally:
            self.listening = False


async def settle(receipts: Any, replies: Any) -> None:
    raise AssertionError


@in_virtual_time
async def test_listening_that_fails_is_begun_again_and_ends_with_the_loop():
    vendor, stop = Heard(failures=4), asyncio.Event()
    receipts = Receipts(vendors={1: vendor}, settle_of=lambda _: settle, stop=stop)
    running = asyncio.create_task(receipts.run())
    await asyncio.sleep(5)
    assert (vendor.starts, vendor.listening) == (5, True)
    stop.set()
    await running
    assert not vendor.listening


@in_virtual_time
async def test_channels_come_go_and_change_while_it_listens():
    first, second, stop = Heard(), Heard(), asyncio.Event()
    vendors = {1: first}
    receipts = Receipts(vendors=vendors, settle_of=lambda _: settle, stop=stop)
    running = asyncio.create_task(receipts.run())
    await asyncio.sleep(0.5)
    vendors[1] = second
    await asyncio.sleep(1)
    assert (first.listening, second.listening) == (False, True)
    del vendors[1]
    await asyncio.sleep(1)
    assert not second.listening
    stop.set()
    await running
