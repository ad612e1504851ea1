"""Who gets the next slot of a channel."""

import asyncio

from posthouse.services.slots import Slots
from tests.virtual_time import in_virtual_time


async def wait(slots: Slots, *, urgent: bool = False, for_s: float = 1.0) -> bool:
    return await slots.wait(asyncio.get_running_loop().time() + for_s, urgent=urgent)


@in_virtual_time
async def test_whoever_has_waited_longest_is_next_be_it_urgent_or_not():
    slots = Slots(1, 1)
    assert slots.take(urgent=False)
    got: list[int] = []

    async def waiter(number: int, *, urgent: bool) -> None:
        if await wait(slots, urgent=urgent, for_s=10):
            got.append(number)

    tasks = [asyncio.create_task(waiter(n, urgent=n % 2 == 0)) for n in range(6)]
    for before in (False, False, True, False, True, False):
        await asyncio.sleep(0.1)
        slots.leave(urgent=before)
    await asyncio.gather(*tasks)
    assert got == [0, 1, 2, 3, 4, 5]


@in_virtual_time
async def test_a_part_of_the_slots_is_for_what_is_urgent_alone():
    slots = Slots(4, 3)
    assert [slots.take(urgent=False) for _ in range(4)] == [True, True, True, False]
    common = asyncio.create_task(wait(slots))
    await asyncio.sleep(0)
    assert await wait(slots, urgent=True)
    slots.leave(urgent=True)
    assert not await common


@in_virtual_time
async def test_who_waits_too_long_is_told_so_and_takes_nobodys_turn():
    slots = Slots(1, 1)
    assert slots.take(urgent=False)
    first = asyncio.create_task(wait(slots, for_s=0.5))
    second = asyncio.create_task(wait(slots, for_s=5))
    assert not await first
    slots.leave(urgent=False)
    assert await second
    assert not slots.take(urgent=True)


@in_virtual_time
async def test_a_slot_given_to_one_who_has_left_goes_to_the_next():
    slots = Slots(1, 1)
    assert slots.take(urgent=False)
    gone, stays = (asyncio.create_task(wait(slots)) for _ in range(2))
    await asyncio.sleep(0)
    slots.leave(urgent=False)  # it is the first one's now, who is cancelled before it knows
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert await stays
    slots.leave(urgent=False)
    assert slots.take(urgent=False)


@in_virtual_time
async def test_one_who_leaves_the_line_takes_no_slot_along():
    slots = Slots(1, 1)
    assert slots.take(urgent=False)
    waiting = asyncio.create_task(wait(slots))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    slots.leave(urgent=False)
    assert slots.take(urgent=False)
