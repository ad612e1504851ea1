"""What the experiments carry and count with, itself held against cases that are known."""

import asyncio

import aiohttp
import pytest
from aiohttp.helpers import TimeoutHandle

from posthouse.vendors.base import TOTAL_S, session
from soak.carriage import Link, carrying, judge
from soak.experiments.throttled import Arrived, most_in_a_second
from soak.vendor import HostileVendor, Offer, repeated, take_and_drop, take_and_stop_short


def test_the_busiest_second_is_found_wherever_it_begins():
    arrived = [Arrived(0.0, 5), Arrived(0.6, 3), Arrived(0.7, 1), Arrived(1.5, 4), Arrived(9.0, 7)]
    assert most_in_a_second(arrived) == 9
    assert most_in_a_second([*arrived, Arrived(1.55, 2)]) == 10


def test_a_second_does_not_hold_both_of_its_ends():
    assert most_in_a_second([Arrived(0.0, 5), Arrived(1.0, 3)]) == 5


def test_a_message_that_two_vendors_took_was_taken_once_too_often():
    one, other = HostileVendor(), HostileVendor()
    one.taken = [Offer(0.0, "sms_a.1", "+1", "hi"), Offer(0.0, "sms_b.1", "+1", "hi")]
    other.taken = [Offer(1.0, "sms_a.2", "+1", "hi")]
    assert repeated([one, other]) == {"sms_a": 1}


@pytest.mark.parametrize("conduct", [take_and_drop, take_and_stop_short])
async def test_what_is_taken_without_an_answer_is_in_doubt(conduct):
    async with HostileVendor(conduct).open() as vendor, carrying(Link("only", vendor.url), real=False) as us:
        [message] = await us.accept(1)
        await us.turn()
        [attempt] = await us.world.attempts(message)
        assert (attempt.outcome, len(vendor.taken)) == ("unknown", 1)
        assert not any((await judge(us, [vendor])).values())


async def test_what_is_left_in_line_is_stuck():
    async with HostileVendor().open() as vendor, carrying(Link("only", vendor.url), real=False) as us:
        await us.accept(3)
        assert (await judge(us, [vendor]))["stuck"] == 3
        await us.turn()
        assert (await judge(us, [vendor]))["stuck"] == 0


async def test_a_call_gets_the_seconds_that_are_its_own_and_none_by_rounding():
    async with session(aiohttp.TCPConnector()) as http:
        timeout, loop = http.timeout, asyncio.get_running_loop()
        timer = TimeoutHandle(loop, timeout.total, ceil_threshold=timeout.ceil_threshold).start()
        assert timer is not None
        assert timer.when() - loop.time() <= TOTAL_S
        timer.cancel()
