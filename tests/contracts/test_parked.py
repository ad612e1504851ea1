"""Parked receipts are bounded: those that wait longest give way."""

import pytest

from posthouse.core.verdict import Accepted
from posthouse.storage import parking
from tests.contracts.build import CHANNEL, HOUR, TO, World
from tests.contracts.heard import OTHER, receipt, settle


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(parking, "PARKED_MAX", 10)
    monkeypatch.setattr(parking, "_AT_ONCE", 2)


@pytest.mark.usefixtures("few")
async def test_of_one_channel_the_oldest_give_way_and_the_newest_are_matched(world: World):
    for number in range(10):
        assert (await settle(world, receipt(f"r{number}"))).dropped == 0
    assert (await settle(world, receipt("r10"), receipt("r11"))).dropped == 4
    assert world.backend.count("parked_receipts") == 8
    for reference, state in (("r0", "sent"), ("r11", "delivered")):
        message = await world.accept()
        await world.tried(message, Accepted(reference))
        assert (await world.standing(message))[0] == state


@pytest.mark.usefixtures("few")
async def test_a_noisy_channel_takes_no_room_from_others(world: World):
    await settle(world, receipt("early"), channel=OTHER)
    for start in range(0, 40, 5):
        await settle(world, *(receipt(f"r{start + n}") for n in range(5)), channel=CHANNEL)
    assert (await settle(world, receipt("early"), channel=OTHER)).dropped == 0
    assert world.backend.count("parked_receipts WHERE channel_id = 2") == 1
    assert world.backend.count("parked_receipts") <= 11


async def test_what_names_nothing_at_all_is_not_kept(world: World):
    assert (await settle(world, receipt(""))).parked == 1
    assert world.backend.count("parked_receipts") == 0


@pytest.mark.parametrize("told", [TO, TO[3:], ""])
async def test_a_repetition_settles_no_later_message_whose_reference_came_round(world: World, told):
    await world.sent()
    for _ in range(3):
        await settle(world, receipt(to=told))
    world.later(HOUR)
    message = await world.sent()
    assert await world.standing(message) == ("sent", "settled")
    assert world.backend.count("parked_receipts") == 0
    await settle(world, receipt(to=told))
    assert (await world.standing(message))[0] == "delivered"


async def test_behind_an_old_repetition_an_early_receipt_is_matched(world: World):
    await settle(world, receipt())
    world.later(HOUR)
    claimed, attempt = await world.begun(await world.accept())
    world.later(1)
    await settle(world, receipt(), receipt())
    assert world.backend.count("parked_receipts") == 1
    await world.record(claimed, attempt, Accepted("ref"))
    assert (await world.standing(claimed))[0] == "delivered"
