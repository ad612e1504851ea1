"""Wake-ups within one process."""

import asyncio

from posthouse.queue.inprocess import InProcess
from tests.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_wake_before_the_wait_is_not_lost_and_many_are_one():
    wakeups, loop = InProcess(), asyncio.get_running_loop()
    wakeups.wake()
    wakeups.wake()
    await wakeups.wait(60)
    assert loop.time() == 0
    await wakeups.wait(60)
    assert loop.time() == 60


@in_virtual_time
async def test_a_wait_ends_at_the_next_wake():
    wakeups, loop = InProcess(), asyncio.get_running_loop()
    loop.call_later(2, wakeups.wake)
    await wakeups.wait(60)
    assert loop.time() == 2
