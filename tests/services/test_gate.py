"""The bucket and the slots before a channel."""

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.routing import Channel
from posthouse.services.gate import URGENT_MAX, WAITING_MAX, Bucket, Gate, Gates, Ladder
from tests.virtual_time import in_virtual_time


async def enter(gate: Gate, count: int, *, urgent: bool) -> float:
    place = gate.admit(count, urgent=urgent)
    return place.later_s or await gate.enter(place)


def test_a_bucket_without_a_rate_never_waits():
    bucket = Bucket(0)
    assert all(bucket.take(1000, 0.0) == 0 for _ in range(100))


def test_a_bucket_gives_its_burst_and_then_its_rate():
    bucket = Bucket(100)
    assert bucket.burst == 5
    assert bucket.take(5, 0.0) == 0
    assert 0.010 < bucket.take(1, 0.0) < 0.012
    assert bucket.take(1, 0.012) == 0


def test_what_was_refused_was_not_taken():
    bucket = Bucket(10)
    assert bucket.take(1, 0.0) == 0
    waits = [bucket.take(1, 0.0) for _ in range(5)]
    assert len(set(waits)) == 1


def test_the_urgent_pass_a_bucket_that_the_others_have_emptied():
    bucket = Bucket(100)
    assert bucket.take(5, 0.0) == 0
    assert bucket.take(1, 0.0) > 0
    assert bucket.take(1, 0.0, urgent=True) == 0


@given(
    rate=st.integers(1, 1000),
    asks=st.lists(st.tuples(st.integers(1, 100), st.floats(0, 0.5)), max_size=200),
)
def test_no_second_sees_more_than_the_rate(rate, asks):
    bucket, now_s = Bucket(rate), 0.0
    taken: list[tuple[float, int]] = []
    for count, passed_s in asks:
        now_s += passed_s
        if bucket.take(min(count, bucket.burst), now_s, urgent=count % 2 == 0) == 0:
            taken.append((now_s, min(count, bucket.burst)))
            assert sum(some for at_s, some in taken if at_s > now_s - 0.999_999) <= rate


@given(st.integers(1, 1000))
def test_and_a_full_line_comes_near_it(rate):
    bucket, now_s, taken = Bucket(rate), 0.0, 0
    while now_s < 20:
        if wait_s := bucket.take(bucket.burst, now_s):
            now_s += wait_s
        else:
            taken += bucket.burst
    assert taken >= 20 * rate * 0.85


def test_what_is_sent_back_comes_again_one_behind_the_other_and_none_after_the_longest_wait():
    ladder = Ladder()
    waits = [ladder.after(0.0, 1.0, 1.0, 300.0) for _ in range(1000)]
    assert waits[:3] == [1.0, 2.0, 3.0]
    late = waits[299:]
    assert 150 <= min(late) < max(late) <= 300
    fullest = max(Counter(int(wait) for wait in late).values())
    assert fullest <= 10  # of 700 over 150 seconds
    assert ladder.after(400.0, 1.0, 1.0, 300.0) == 1.0


def test_what_will_not_wait_so_long_takes_no_place_from_the_others():
    ladder = Ladder()
    for _ in range(100):
        ladder.after(0.0, 1.0, 1.0, 300.0)
    soon = [ladder.after(0.0, 1.0, 1.0, 10.0) for _ in range(50)]
    assert 5 <= min(soon) < max(soon) <= 10
    assert ladder.after(0.0, 1.0, 1.0, 300.0) == 101.0


@in_virtual_time
async def test_calls_in_flight_are_bounded_and_otp_finds_a_slot_behind_a_campaign():
    gate = Gate(Channel(1, "a", "a", concurrency=8))
    campaign = [await enter(gate, 1, urgent=False) for _ in range(6)]
    assert campaign == [0.0] * 6
    assert await enter(gate, 1, urgent=False) > 0
    assert [await enter(gate, 1, urgent=True) for _ in range(2)] == [0.0, 0.0]
    assert await enter(gate, 1, urgent=True) > 0


@in_virtual_time
async def test_who_waits_gets_the_slot_that_is_given_back():
    gate = Gate(Channel(1, "a", "a", concurrency=1))
    assert await enter(gate, 1, urgent=False) == 0
    waiting = asyncio.create_task(enter(gate, 1, urgent=False))
    await asyncio.sleep(0.5)
    gate.leave(urgent=False)
    assert await waiting == 0


@in_virtual_time
async def test_a_cancelled_wait_gives_everything_back():
    gate = Gate(Channel(1, "a", "a", concurrency=1, rate_per_s=2))
    assert await enter(gate, 1, urgent=False) == 0
    gate.leave(urgent=False)
    waiting = asyncio.create_task(enter(gate, 1, urgent=False))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0.5)
    assert await enter(gate, 1, urgent=False) == 0


@in_virtual_time
async def test_a_changed_rate_makes_a_new_gate():
    gates = Gates()
    before = gates.of(Channel(1, "a", "a", rate_per_s=5))
    assert gates.of(Channel(1, "a", "a", rate_per_s=5)) is before
    assert gates.of(Channel(1, "a", "a", rate_per_s=6)) is not before


async def hanging(gate: Gate, calls: int, *, urgent: bool = False) -> None:
    for _ in range(calls):
        assert await enter(gate, 1, urgent=urgent) == 0


@in_virtual_time
async def test_who_would_wait_in_vain_is_told_so_at_once_and_when_to_come_again():
    loop = asyncio.get_running_loop()
    gate = Gate(Channel(1, "hanging", "a", concurrency=8))
    await hanging(gate, 6)
    await asyncio.sleep(7)  # the six still hang
    since_s = loop.time()
    laters = [await enter(gate, 1, urgent=False) for _ in range(1000)]
    assert loop.time() == since_s
    assert min(laters) > 1
    assert max(laters) <= 10
    assert max(Counter(laters).values()) <= 60


@in_virtual_time
async def test_calls_that_are_quick_again_are_waited_for_again():
    gate = Gate(Channel(1, "a", "a", concurrency=1))
    await hanging(gate, 1)
    await asyncio.sleep(8)
    gate.leave(urgent=False)
    for _ in range(40):
        await hanging(gate, 1)
        await asyncio.sleep(0.01)
        gate.leave(urgent=False)
    await hanging(gate, 1)
    waiting = asyncio.create_task(enter(gate, 1, urgent=False))
    await asyncio.sleep(0.01)
    gate.leave(urgent=False)
    assert await waiting == 0


@in_virtual_time
async def test_no_channel_lets_more_than_half_of_the_prefetch_wait_while_another_has_work():
    for others, limit in ((False, 400), (True, WAITING_MAX)):
        gates = Gates()
        gate = gates.of(Channel(1, "slow", "a", concurrency=8))
        if others:
            await hanging(gates.of(Channel(2, "other", "b")), 1)
        await hanging(gate, 6)
        waiting = [asyncio.create_task(enter(gate, 1, urgent=False)) for _ in range(400)]
        await asyncio.sleep(0)
        assert sum(not task.done() for task in waiting) == limit
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@in_virtual_time
async def test_who_gets_a_slot_at_once_is_not_counted_among_those_who_wait():
    gates = Gates()
    await hanging(gates.of(Channel(2, "other", "b")), 1)
    for channel_id, urgent, slots, room in ((3, True, 32, URGENT_MAX), (4, False, 24, WAITING_MAX)):
        gate = gates.of(Channel(channel_id, "a", "a", concurrency=32))
        places = [gate.admit(1, urgent=urgent) for _ in range(slots + room + 1)]
        assert [place.slot for place in places] == [True] * slots + [False] * (room + 1)
        assert [place.later_s > 0 for place in places] == [False] * (slots + room) + [True]


@in_virtual_time
async def test_what_goes_back_comes_together_but_codes_come_as_soon_as_they_may():
    for urgent, least in ((False, 10), (True, 1)):
        gate = Gate(Channel(1, "hanging", "a", concurrency=8))
        await hanging(gate, 6 + 2 * urgent, urgent=urgent)
        await asyncio.sleep(9.03)
        laters = [gate.admit(1, urgent=urgent).later_s for _ in range(200)]
        assert sorted(Counter(round(each, 4) for each in laters).values())[-2] >= least
        assert (len(set(laters)) == 200) is urgent


@in_virtual_time
async def test_codes_have_a_bound_of_their_own():
    gates = Gates()
    await hanging(gates.of(Channel(2, "other", "b")), 1)
    gate = gates.of(Channel(1, "slow", "a", concurrency=8))
    await hanging(gate, 8, urgent=True)
    waiting = [asyncio.create_task(enter(gate, 1, urgent=True)) for _ in range(100)]
    await asyncio.sleep(0)
    assert sum(not task.done() for task in waiting) == URGENT_MAX
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
