"""Messages in parts with a receipt each, and receipts that tell only how the number ends."""

import pytest

from posthouse.core.ports.life import Forget, SettleReceipts
from posthouse.core.verdict import Accepted, Reason
from tests.contracts.build import CHANNEL, HOUR, TO, World
from tests.contracts.heard import DELIVERED, UNDELIVERED, kinds, receipt, settle

PARTS = Accepted("one", 3, others=("two", "three"))
DIGITS = TO[3:]


async def in_parts(world: World):
    message = await world.accept()
    await world.tried(message, PARTS)
    return message


async def test_it_is_delivered_once_every_part_is(world: World):
    message = await in_parts(world)
    for reference in ("three", "one"):
        assert (await settle(world, receipt(reference))).applied == 1
        assert (await world.standing(message))[0] == "sent"
    settled = await settle(world, receipt("two"))
    assert (settled.applied, settled.lags_us) == (1, (0,))
    assert await world.standing(message) == ("delivered", "settled")
    assert await kinds(world, message) == ["accepted", "sending", "sent", "delivered"]
    assert world.backend.count("delivered_parts") == world.backend.count("vendor_references") == 0


async def test_a_part_told_ten_times_is_one_part(world: World):
    message = await in_parts(world)
    told = [(await settle(world, *[receipt("one")] * 5)) for _ in range(2)]
    assert [each.applied for each in told] == [1, 0]
    assert (await world.standing(message))[0] == "sent"
    await settle(world, receipt("two"), receipt("three"), receipt("three"))
    assert (await world.standing(message))[0] == "delivered"
    assert world.backend.count("delivered_parts") == 0


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_one_part_that_did_not_arrive_is_enough_for_undelivered(world: World, number):
    message = await in_parts(world)
    names = ["one", "two", "three"]
    lost = names.pop(number)
    await settle(world, *(receipt(name) for name in names[:1]))
    await settle(world, receipt(lost, fate=UNDELIVERED, reason=Reason.UNREACHABLE))
    assert (await world.get(message)).reason == "unreachable"
    assert await world.standing(message) == ("undelivered", "settled")
    # Later it arrives after all, part by part.
    await settle(world, receipt(names[1]))
    assert (await world.standing(message))[0] == "undelivered"
    await settle(world, receipt(lost))
    assert (await world.standing(message))[0] == "delivered"
    assert world.backend.count("delivered_parts") == 0


async def test_all_parts_in_one_command_and_in_one_commit_are_counted(world: World):
    one, two = await in_parts(world), await world.accept()
    await world.tried(two, Accepted("a", 2, others=("b",)))
    await settle(world, *(receipt(name) for name in ("one", "two", "three")))
    assert (await world.standing(one))[0] == "delivered"
    await world.together(*(SettleReceipts(CHANNEL, (receipt(name),), world.now) for name in ("b", "a", "b")))
    assert (await world.standing(two))[0] == "delivered"


async def test_parts_under_one_reference_are_told_apart_by_their_number(world: World):
    message = await world.sent()
    for part in (2, 2, 5, 0):
        await settle(world, receipt(part=part, parts=3))
    await settle(world, receipt(part=1, parts=3))
    assert (await world.standing(message))[0] == "sent"
    await settle(world, receipt(part=3, parts=3))
    assert (await world.standing(message))[0] == "delivered"
    assert world.backend.count("delivered_parts") == world.backend.count("vendor_references") == 0


async def test_parts_that_overtake_their_verdict_are_counted_when_it_comes(world: World):
    for number, verdict in enumerate((PARTS, Accepted("single"))):
        message = await world.accept()
        claimed, attempt = await world.begun(message)
        if number:
            early = [receipt("single", part=part, parts=3) for part in (1, 2, 2, 3)]
        else:
            early = [receipt(name) for name in ("two", "one", "three")]
        await settle(world, *early[:-1])
        assert (await settle(world, early[-1])).parked == 1
        await world.record(claimed, attempt, verdict)
        assert (await world.standing(message))[0] == "delivered"
        assert world.backend.count("parked_receipts") == world.backend.count("delivered_parts") == 0


async def test_what_is_known_of_parts_goes_with_the_references(world: World):
    await in_parts(world)
    await settle(world, receipt("one"))
    world.later(7 * 24 * HOUR + 1)
    await world.write(Forget(world.now, 10))
    assert world.backend.count("delivered_parts") == world.backend.count("vendor_references") == 0


async def test_a_part_count_that_names_one_reference_twice_counts_it_once(world: World):
    message = await world.accept()
    await world.tried(message, Accepted("one", 2, others=("one",)))
    await settle(world, receipt("one"))
    assert (await world.standing(message))[0] == "delivered"


@pytest.mark.parametrize(("told", "fate"), [(DIGITS, DELIVERED), (DIGITS[-4:], UNDELIVERED), ("", DELIVERED)])
async def test_a_number_without_its_country_is_known_by_its_ending(world: World, told, fate):
    message = await world.sent()
    assert (await settle(world, receipt(to=told, fate=fate))).applied == 1
    assert (await world.standing(message))[0] == fate.value


async def test_an_ending_finds_its_number_among_many_of_one_call(world: World):
    messages = [await world.sent("call", recipient=f"+86138001380{n:02}") for n in range(20)]
    assert (await settle(world, *(receipt("call", f"138001380{n:02}") for n in range(10)))).applied == 10
    states = [(await world.standing(message))[0] for message in messages]
    assert states == ["delivered"] * 10 + ["sent"] * 10


@pytest.mark.parametrize("told", [DIGITS, ""])
async def test_an_ending_of_several_numbers_is_parked(world: World, told):
    one = await world.sent("call", recipient=f"+86{DIGITS}")
    two = await world.sent("call", recipient=f"+852{DIGITS}")
    assert (await settle(world, receipt("call", told))).parked == 1
    assert [(await world.standing(each))[0] for each in (one, two)] == ["sent", "sent"]


async def test_an_ending_is_no_beginning_and_no_middle(world: World):
    await world.sent()
    assert (await settle(world, receipt(to=TO[1:6]), receipt(to=TO[:-1]))).parked == 2


async def test_a_parked_receipt_is_known_by_its_ending_too(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    assert (await settle(world, receipt(to=DIGITS))).parked == 1
    await world.record(claimed, attempt, Accepted("ref"))
    assert (await world.standing(message))[0] == "delivered"
    assert world.backend.count("parked_receipts") == world.backend.count("vendor_references") == 0
