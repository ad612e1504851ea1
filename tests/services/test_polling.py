"""Vendors are asked for receipts that never came: at a few ages, slowly, and all of them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from posthouse.core.message import AGE_LIMIT_US
from posthouse.core.ports.life import SettleReceipts
from posthouse.core.ports.polling import Awaited, AwaitedPage, FindAwaited, Place
from posthouse.core.ports.store import Unavailable
from posthouse.core.ports.vendor import Question, Told
from posthouse.core.verdict import Accepted, Fate, NotSent, Receipt, Reply
from posthouse.services.call import call_of, key_of
from posthouse.services.polling import AGES_US, OF_CHANNEL, Polling
from tests.contracts.backends import SQLiteBackend
from tests.contracts.build import CHANNEL, SECOND, TO, World
from tests.contracts.heard import OTHER, take
from tests.fakes import ScriptedStore, ScriptedVendor
from tests.virtual_time import VirtualClock, in_virtual_time

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


class Knowing(ScriptedVendor):
    """Knows that whatever it is asked about was delivered."""

    def __init__(self, **capabilities: Any) -> None:
        super().__init__(**({"query": True} | capabilities))

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        await super().query(questions)
        delivered = Fate.DELIVERED
        return [
            Told(Accepted(each.reference or ""), Receipt(each.reference or "", each.to, delivered))
            for each in questions
        ]


class Mute(ScriptedVendor):
    """Can be asked, and cannot say."""

    def __init__(self) -> None:
        super().__init__(query=True)


class House(World):
    """A store with what asks vendors; step by step, once a second."""

    def open(self, **vendors: ScriptedVendor) -> "House":
        self.vendors = {int(name[1:]): vendor for name, vendor in vendors.items()}
        self.unavailable = False
        self.restarted()
        return self

    def restarted(self) -> None:
        house = self

        class Told:
            def now(self) -> int:
                return house.now

        clock: Any = Told()
        self.polling = Polling(store=self.store, clock=clock, vendors=self.vendors, settle_of=self.settle_of)

    def settle_of(self, channel_id: int) -> Callable[..., Any]:
        async def settle(receipts: Sequence[Receipt], _replies: Sequence[Reply]) -> None:
            if self.unavailable:
                raise Unavailable
            await self.write(SettleReceipts(channel_id, tuple(receipts), self.now))

        return settle

    async def polled(self) -> int:
        """How many questions a step asks, a second after the last."""
        self.later(SECOND)
        return await self.polling.step()

    async def sent_many(self, count: int) -> None:
        for number in range(count):
            await self.sent(f"r{number}", recipient=f"+86138{number:08}")

    async def states(self) -> set[str]:
        return {each.state for each in await self.listed()}


@pytest.fixture
async def house(tmp_path):
    house = House(SQLiteBackend(tmp_path))
    await house.begin()
    yield house
    await house.end()


async def test_who_was_away_learns_all_that_was_told_in_vain_in_the_vendors_own_pace(house):
    vendor = Knowing()
    house.open(c1=vendor)
    await house.sent_many(50)
    house.later(20 * MINUTE)  # nobody was here to be told
    house.restarted()
    assert [await house.polled() for _ in range(4)] == [OF_CHANNEL, OF_CHANNEL, 10, 0]
    assert await house.states() == {"delivered"}
    assert len({question.key for question in vendor.questions}) == 50


async def test_the_question_names_attempt_call_number_time_and_reference(house):
    vendor = Mute()
    house.open(c1=vendor)
    started = house.now
    message = await house.sent()
    house.later(17 * MINUTE)
    await house.polled()
    key, call = key_of(message.id, 1), call_of(CHANNEL, started)
    assert vendor.questions == [Question(key, call, message.recipient, started, "ref")]


async def test_who_cannot_say_is_asked_at_five_ages_and_then_no_more(house):
    vendor = Mute()
    house.open(c1=vendor)
    await house.sent()
    sent_at, asked_after = house.now, []
    while house.now < sent_at + AGE_LIMIT_US + HOUR:
        house.later(MINUTE - SECOND)
        if await house.polled():
            asked_after.append((house.now - sent_at) // MINUTE)
        if house.now - sent_at > HOUR:
            house.later(9 * MINUTE)
    assert [after * MINUTE for after in asked_after[:2]] == list(AGES_US[:2])
    assert [round(after / 60) for after in asked_after] == [0, 1, 6, 24, 60]


async def test_after_a_restart_an_old_one_is_asked_about_once_and_not_at_every_age_again(house):
    vendor = Mute()
    house.open(c1=vendor)
    await house.sent()
    house.later(25 * HOUR)
    house.restarted()
    assert [await house.polled() for _ in range(3)] == [1, 0, 0]


async def test_channels_whose_vendors_cannot_be_asked_are_left_alone(house):
    house.open(c1=ScriptedVendor(), c2=ScriptedVendor())
    await house.sent()
    house.later(HOUR)
    assert await house.polled() == 0
    assert house.vendors[1].asked == []


async def test_a_busy_channel_does_not_slow_another(house):
    house.open(c1=Mute(), c2=Knowing())
    await house.sent_many(3 * OF_CHANNEL)
    await house.accept()
    await take(house, Accepted("other"), channel=OTHER)
    house.later(17 * MINUTE)
    assert await house.polled() == OF_CHANNEL + 1
    assert "delivered" in await house.states()


class Hanging(ScriptedVendor):
    """Does not answer."""

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        await super().query(questions)
        await asyncio.sleep(1000)
        return []


def endless(*channels: int) -> ScriptedStore:
    """A store with references of these channels in turn, more than can ever be asked about."""

    def page(query: FindAwaited) -> AwaitedPage:
        rows = [(row, channels[row % len(channels)]) for row in range(query.after.row, query.after.row + 100)]
        awaited = [
            Awaited(channel, row + 1, 1, TO, f"r{row}", 0)
            for row, channel in rows
            if channel in query.channels
        ]
        return AwaitedPage(awaited, Place(rows[-1][0] + 1, 1), more=False)

    store = ScriptedStore()
    store.answers[FindAwaited] = page
    return store


@in_virtual_time
async def test_a_vendor_that_hangs_holds_up_no_other():
    well, hanging = Knowing(), Hanging(query=True)

    async def settle(receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        assert receipts
        assert not replies

    polling = Polling(
        store=endless(1, 2), clock=VirtualClock(), vendors={1: hanging, 2: well}, settle_of=lambda _: settle
    )
    for _ in range(300):
        began = asyncio.get_running_loop().time()
        await polling.step()
        assert asyncio.get_running_loop().time() - began <= 0.25
        await asyncio.sleep(1)
    assert len(well.asked) == 300 * OF_CHANNEL
    assert OF_CHANNEL < len(hanging.asked) <= 11 * OF_CHANNEL
    assert len(set(hanging.asked)) == len(hanging.asked)


@in_virtual_time
async def test_at_the_end_answers_that_are_out_are_waited_for_until_they_are_given_up():
    hanging = Hanging(query=True)
    polling = Polling(
        store=endless(1), clock=VirtualClock(), vendors={1: hanging}, settle_of=lambda _: pytest.fail("none")
    )
    await polling.step()
    ending = asyncio.create_task(polling.end())
    await asyncio.sleep(1)
    assert not ending.done()
    polling.drop()
    await ending
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_question_that_fails_is_asked_again_at_the_next_age(house):
    vendor = Knowing()
    house.open(c1=vendor)
    await house.sent()
    house.later(17 * MINUTE)
    vendor.deaf = True
    assert await house.polled() == 1
    vendor.deaf = False
    assert await house.polled() == 0
    house.later(43 * MINUTE)
    assert await house.polled() == 1
    assert await house.states() == {"delivered"}


async def test_answers_that_could_not_be_stored_are_asked_for_again(house):
    house.open(c1=Knowing())
    await house.sent()
    house.later(17 * MINUTE)
    house.unavailable = True
    with pytest.raises(Unavailable):
        await house.polled()
    house.unavailable = False
    assert await house.polled() == 1
    assert await house.states() == {"delivered"}


async def test_a_verdict_without_a_receipt_changes_nothing_that_a_vendor_has(house):
    vendor = Mute()
    house.open(c1=vendor)
    message = await house.sent()
    vendor.known = {key_of(message.id, 1): NotSent("none")}
    house.later(17 * MINUTE)
    assert await house.polled() == 1
    assert await house.states() == {"sent"}
