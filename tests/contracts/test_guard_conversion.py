"""Prefixes whose codes nobody verifies: what they are measured by, whoever pumps how many at once."""

import pytest

from posthouse.core.guard import Objection, Rule
from posthouse.core.message import Mode
from tests.contracts.build import HOUR, SECOND
from tests.contracts.guarded import RICH, only, thousand

MINUTE = 60 * SECOND
A, B = "+8613800138", "+8613900139"
CONVERSION = only(Rule.CONVERSION)


async def test_a_prefix_that_nobody_verifies_is_blocked_for_half_a_day(gate, world):
    judged = gate.of(guard=CONVERSION)
    await judged.fill(thousand(A, 20))
    assert await judged.asks(f"{A}020") is None  # their users have had no time
    world.later(2 * MINUTE)
    refused = await judged.asks(f"{A}021")
    assert refused == Objection(Rule.CONVERSION, 43_200, blocked=True)
    [entry] = await judged.listed()
    assert (entry.value, entry.rule) == (A, Rule.CONVERSION)
    assert await judged.asks(f"{B}000") is None


async def test_a_range_is_judged_where_its_prefixes_are_too_small(gate, world):
    judged = gate.of(guard=CONVERSION)
    await judged.fill(f"+861380013{group}{last:03}" for last in range(2) for group in range(10))
    world.later(2 * MINUTE)
    assert (await judged.asks("+8613800135999")) is not None
    assert [entry.value for entry in await judged.listed()] == ["+861380013"]


async def test_a_prefix_whose_users_verify_goes_on(gate, world):
    judged = gate.of(guard=CONVERSION)
    for number in thousand(A, 25):
        await judged.verified(number)
    world.later(2 * MINUTE)
    assert await judged.asks(f"{A}030") is None


async def test_resends_do_not_make_a_prefix_convert_worse(gate, world):
    judged = gate.of(guard=CONVERSION)
    for number in thousand(A, 19):
        await judged.fill([number])
    world.later(MINUTE)
    await judged.fill(thousand(A, 19))
    world.later(2 * MINUTE)
    assert await judged.asks(f"{A}030") is None


async def test_an_account_that_verifies_nothing_anywhere_is_not_judged(gate, world):
    judged = gate.of(guard=CONVERSION)
    await judged.fill(thousand(A, 25))
    await judged.fill(f"+86139{last:04}0000" for last in range(25))
    world.later(2 * MINUTE)
    assert await judged.asks(f"{A}030") is None
    for number in (f"+86138{last:04}0000" for last in range(25)):
        await judged.verified(number)
    world.later(2 * MINUTE)
    assert (await judged.asks(f"{A}031")) is not None


def spread(country: str, of: int) -> list[list[str]]:
    """Numbers of so many ranges, one of each at a time."""
    return [[f"{country}{place:02}0120{last:03}" for place in range(of)] for last in range(60)]


@pytest.mark.parametrize("honest", [0, 100])
@pytest.mark.parametrize("prefixes", [1, 2, 5, 20])
async def test_who_pumps_several_prefixes_is_not_measured_by_what_he_pumps(gate, world, prefixes, honest):
    judged = gate.of(guard=CONVERSION, country="CM")
    for last in range(honest):
        await judged.verified(f"+2379{last:03}0000")
    for last in range(40):  # at home
        await judged.verified(f"+86138{last:04}0000", country="CN")
    sent = 0
    for numbers in spread("+2376", prefixes):
        sent += [await judged.asks(number) for number in numbers].count(None)
        world.later(20 * SECOND)
    # What goes before users had their time, and what it takes to be certain.
    assert sent <= prefixes * (30 if honest else 45)
    assert len(await judged.listed()) == prefixes


async def test_people_beside_the_pump_get_their_codes(gate, world):
    judged = gate.of(guard=CONVERSION, country="CM")
    for last, numbers in enumerate(spread("+2376", 10)[:40]):
        for number in numbers:
            await judged.asks(number)
        for number in (f"+237900{last:03}000", f"+237910120{last:03}"):  # everywhere, and in one place
            assert await judged.asks(number) is None
            if last % 2:
                assert (await judged.of(number=number).right()).valid
        world.later(20 * SECOND)
    assert len(await judged.listed()) == 10


async def test_who_sends_to_two_prefixes_alone_is_judged_once_anything_was_verified_that_day(gate, world):
    judged = gate.of(guard=CONVERSION)
    numbers = [*thousand(A, 40), *thousand(B, 40)]
    await judged.fill(numbers)
    world.later(2 * MINUTE)
    assert await judged.asks(f"{A}050") is None
    await judged.verified("+12025550123", country="US")
    assert (await judged.asks(f"{A}051")) is not None
    # So it is with what was verified hours ago.
    world.later(12 * HOUR)
    await judged.fill([f"{B}{last}" for last in range(100, 140)])
    await judged.fill([f"+8615000150{last}" for last in range(100, 140)])
    world.later(2 * MINUTE)
    assert (await judged.asks(f"{B}051")) is not None


async def test_a_prefix_is_not_judged_by_the_range_of_longer_numbers(gate, world):
    judged = gate.of(guard=CONVERSION, country="DE")
    await judged.fill(thousand("+4930123", 15))
    await judged.fill(f"+4930123{last}000" for last in range(10))
    world.later(2 * MINUTE)
    assert await judged.asks("+4930123999") is None


async def test_other_accounts_and_modes_are_no_measure(gate, world):
    judged = gate.of(guard=CONVERSION)
    await judged.fill(thousand(A, 20))
    await judged.of(mode=Mode.TEST).fill(f"+86139{last:04}0000" for last in range(30))
    other = await world.account("other", RICH)
    await judged.of(account_id=other).fill(f"+86139{last:04}0000" for last in range(30))
    world.later(2 * MINUTE)
    # Were any of these its baseline, it would verify nothing elsewhere, and not be judged.
    assert (await judged.asks(f"{A}021")) is not None
