"""Messages that cannot be read or routed: their neighbours go on, and only who is to blame is ended."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from posthouse.core.ports.life import Claimed, EndMessages, PutBack, RecordVerdicts
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.ports.store import Unavailable
from posthouse.core.routing import Channel
from posthouse.core.verdict import Reason
from posthouse.services.quarantine import TRIES_MAX
from tests.fakes import FixedDirectory, ScriptedVendor, claimed
from tests.services.test_dispatch import World
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
LOST = 9
"""The account that the directory does not know."""


class Incomplete(FixedDirectory):
    """A directory that fails for some accounts."""

    def __init__(self) -> None:
        super().__init__(SANDBOX)
        self.failing: dict[int, Exception] = {LOST: LookupError(LOST)}

    async def account(self, account_id: int) -> AccountRecord:
        await asyncio.sleep(0)
        if (error := self.failing.get(account_id)) is not None:
            raise error
        return await super().account(account_id)


class Office(World):
    """A dispatch with such a directory; the vendor takes its time."""

    def __init__(self, *, takes_s: float = 0.0) -> None:
        directory, vendor = Incomplete(), ScriptedVendor(recipients_max=100, takes_s=takes_s)
        super().__init__(SANDBOX, directory=directory, sandbox=vendor)
        self.failing = directory.failing

    async def fails(self, error: type[Exception], messages: Sequence[Claimed]) -> None:
        with pytest.raises(error):
            await self.dispatch.carry(messages)

    def sent(self) -> list[int]:
        return [outbound.message_id for call in self.vendors[1].calls for outbound in call]

    def back(self) -> list[int]:
        return [
            message_id for command in self.store.written(PutBack) for message_id, _, _ in command.messages
        ]

    def ended(self) -> list[Any]:
        return [each for command in self.store.written(EndMessages) for each in command.ended]


def sound(*numbers: int) -> list[Claimed]:
    return [claimed(number, now=START_US) for number in numbers]


def unreadable(number: int) -> Claimed:
    return claimed(number, now=START_US, body=None, template_id="x", params="{broken")


def ids(messages: Sequence[Claimed]) -> list[int]:
    return [message.id for message in messages]


@in_virtual_time
async def test_beside_one_that_cannot_be_read_all_others_go_in_one_call():
    office, others, counts = Office(takes_s=1), sound(*range(1, 100)), list[int]()
    with pytest.raises(ValueError, match="property name"):
        await office.dispatch.carry([unreadable(100), *others], counts.append)
    assert office.sent() == ids(others)
    assert asyncio.get_running_loop().time() == 1
    assert sorted(counts) == [1, 99]


@in_virtual_time
async def test_who_cannot_be_read_is_ended_at_the_fifth_try():
    office, poison = Office(), unreadable(1)
    for _ in range(TRIES_MAX - 1):
        await office.fails(ValueError, [poison])
    assert office.ended() == []
    await office.fails(ValueError, [poison])
    [ended] = office.ended()
    assert (ended.message_id, ended.ending, ended.reason) == (poison.id, None, Reason.INVALID_REQUEST)
    assert len(office.back()) == TRIES_MAX - 1


@in_virtual_time
async def test_who_alone_cannot_be_routed_is_ended_at_the_fifth_try_and_the_others_are_sent_together():
    office, poison = Office(), claimed(1, now=START_US, account_id=LOST)
    for n in range(TRIES_MAX):
        await office.fails(LookupError, [*sound(10 + n, 20 + n), poison])
    assert [ended.message_id for ended in office.ended()] == [poison.id]
    assert [len(call) for call in office.vendors[1].calls] == [2] * TRIES_MAX


@in_virtual_time
async def test_whom_nobody_can_route_is_never_ended_and_waits_longer_and_longer():
    office, messages = Office(), [claimed(n, now=START_US, account_id=LOST) for n in range(1, 101)]
    waits = []
    for _ in range(20):
        await office.fails(LookupError, messages)
        *_, last = office.store.written(PutBack)
        assert len(last.messages) == 100
        [due_at] = {due_at for _, _, due_at in last.messages}
        waits.append((due_at - VirtualClock().now()) / 1_000_000)
        await asyncio.sleep(waits[-1])
    assert waits[:8] == [1, 1, 2, 4, 8, 16, 32, 60]
    assert set(waits[8:]) == {60}
    assert office.ended() == office.sent() == []
    office.failing.clear()
    await office.dispatch.carry(messages)
    assert office.sent() == ids(messages)


@in_virtual_time
async def test_a_fault_of_ours_that_has_passed_is_forgotten():
    office, messages = Office(), [claimed(1, now=START_US, account_id=LOST)]
    for pause_s in (30, 30, 30, 121, 0):
        await office.fails(LookupError, messages)
        await asyncio.sleep(pause_s)
    *_, last = office.store.written(PutBack)
    assert last.messages[0][2] == VirtualClock().now() + 1_000_000


@in_virtual_time
async def test_a_store_that_is_away_while_routing_gives_everything_back_for_a_second_and_blames_nobody():
    office = Office()
    office.failing[LOST] = Unavailable()
    messages = [*sound(1, 2, 3), unreadable(4), *(claimed(n, now=START_US, account_id=LOST) for n in (5, 6))]
    for _ in range(TRIES_MAX + 1):
        await office.fails(Unavailable, messages)
    assert office.back() == ids(messages) * (TRIES_MAX + 1)
    assert {due_at for command in office.store.written(PutBack) for _, _, due_at in command.messages} == {
        VirtualClock().now() + 1_000_000
    }
    assert office.ended() == office.sent() == []


@in_virtual_time
async def test_a_store_that_goes_away_while_each_is_looked_at_gives_everything_back():
    office = Office()
    office.failing[8] = Unavailable()
    messages = [claimed(n, now=START_US, account_id=account) for n, account in enumerate((1, LOST, 8), 1)]
    with pytest.raises((LookupError, Unavailable)):
        await office.dispatch.carry(messages)
    assert sorted(office.back()) == ids(messages)
    assert office.sent() == []


@in_virtual_time
async def test_a_fault_after_the_call_is_told_beside_one_that_cannot_be_read():
    office = Office()
    office.store.failing[RecordVerdicts] = [KeyError("a defect")]
    await office.fails(KeyError, [unreadable(1), *sound(2)])
    assert office.back() == [unreadable(1).id]
