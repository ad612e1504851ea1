"""The bucket and the slots before a channel."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.routing import Channel
from posthouse.services.gate import Bucket, Gate, Gates
from tests.virtual_time import in_virtual_time


def test_a_bucket_without_a_rate_never_waits():
    bucket = Bucket(0)
    assert all(bucket.take(1000, 0.0) == 0 for _ in range(100))


def test_a_bucket_gives_its_burst_and_then_its_rate():
    bucket = Bucket(100)
    assert bucket.burst == 10
    assert bucket.take(10, 0.0) == 0
    assert 0.009 < bucket.take(1, 0.0) < 0.011
    assert bucket.take(1, 0.0101) == 0


def test_what_was_refused_was_not_taken():
    bucket = Bucket(10)
    assert bucket.take(1, 0.0) == 0
    waits = [bucket.take(1, 0.0) for _ in range(5)]
    assert len(set(waits)) == 1


def test_the_urgent_pass_a_bucket_that_the_others_have_emptied():
    bucket = Bucket(100)
    assert bucket.take(10, 0.0) == 0
    assert bucket.take(1, 0.0) > 0
    assert bucket.take(1, 0.0, urgent=True) == 0


@given(
    rate=st.integers(1, 1000),
    asks=st.lists(st.tuples(st.integers(1, 100), st.floats(0, 0.5)), max_size=200),
)
def test_no_span_of_time_sees_more_than_rate_and_two_bursts(rate, asks):
    bucket, now_s, taken = Bucket(rate), 0.0, 0
    for count, passed_s in asks:
        now_s += passed_s
        if bucket.take(min(count, bucket.burst), now_s, urgent=count % 2 == 0) == 0:
            taken += min(count, bucket.burst)
    assert taken <= rate * now_s + 2 * bucket.burst + 1e-6


def test_groups_sent_back_come_again_one_behind_the_other_within_five_minutes():
    bucket = Bucket(10)
    waits = [bucket.later(10, 0.0) for _ in range(400)]
    assert waits[:3] == [1.0, 2.0, 3.0]
    assert max(waits) == 300.0


@in_virtual_time
async def test_calls_in_flight_are_bounded_and_otp_finds_a_slot_behind_a_campaign():
    gate = Gate(Channel(1, "a", "a", concurrency=8))
    campaign = [await gate.enter(1, urgent=False) for _ in range(6)]
    assert campaign == [0.0] * 6
    assert await gate.enter(1, urgent=False) > 0
    assert [await gate.enter(1, urgent=True) for _ in range(2)] == [0.0, 0.0]
    assert await gate.enter(1, urgent=True) > 0


@in_virtual_time
async def test_who_waits_gets_the_slot_that_is_given_back():
    gate = Gate(Channel(1, "a", "a", concurrency=1))
    assert await gate.enter(1, urgent=False) == 0
    waiting = asyncio.create_task(gate.enter(1, urgent=False))
    await asyncio.sleep(0.5)
    gate.leave(urgent=False)
    assert await waiting == 0


@in_virtual_time
async def test_a_cancelled_wait_gives_everything_back():
    gate = Gate(Channel(1, "a", "a", concurrency=1, rate_per_s=2))
    assert await gate.enter(1, urgent=False) == 0
    gate.leave(urgent=False)
    waiting = asyncio.create_task(gate.enter(1, urgent=False))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0.5)
    assert await gate.enter(1, urgent=False) == 0


@in_virtual_time
async def test_a_changed_rate_makes_a_new_gate():
    gates = Gates()
    before = gates.of(Channel(1, "a", "a", rate_per_s=5))
    assert gates.of(Channel(1, "a", "a", rate_per_s=5)) is before
    assert gates.of(Channel(1, "a", "a", rate_per_s=6)) is not before
