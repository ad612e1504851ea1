"""The guard before a code is accepted: what its rules refuse, what they note, and what they count."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import UNCHANGED_GUARD, Objection, Rule, RuleMode
from posthouse.core.message import Mode
from posthouse.core.ports.guard import EntryKind
from posthouse.core.ports.otp import CodeSent
from tests.contracts.build import HOUR, PRICE, SECOND
from tests.contracts.guarded import RICH, only, ruled, thousand

MINUTE = 60 * SECOND
A, B = "+8613800138", "+8613900139"
NUMBER = "+8613800138000"
ADDRESS = "203.0.113.7"
WINDOW_S = 3660
"""An hour, and the slice of a minute that reaches into it."""

SHADOW = {"mode": RuleMode.SHADOW}
OFF = {"mode": RuleMode.OFF}


# ------------------------------------------------------------------------- who gets none, whatever was sent


async def test_a_country_that_is_not_allowed_gets_no_codes(gate):
    abroad = gate.of(guard=UNCHANGED_GUARD._replace(countries=frozenset({"CN"})))
    assert await abroad.asks(NUMBER) is None
    assert await abroad.asks("+23767012345", country="CM") == Objection(Rule.COUNTRY)
    nowhere = gate.of(guard=UNCHANGED_GUARD._replace(countries=frozenset()))
    assert await nowhere.asks(f"{B}000") == Objection(Rule.COUNTRY)


async def test_a_number_that_others_earn_by_gets_no_codes(gate):
    assert await gate.asks("+19002345678", country="US", kind="premium_rate") == Objection(Rule.NUMBER_TYPE)
    changed = gate.under(number_type={"types": frozenset({"voip"})})
    assert await changed.asks("+19002345678", country="US", kind="premium_rate") is None
    assert await changed.asks("+4932123456", country="DE", kind="voip") == Objection(Rule.NUMBER_TYPE)


async def test_what_is_refused_is_neither_sent_nor_paid_nor_counted(gate, world):
    nowhere = gate.of(guard=UNCHANGED_GUARD._replace(countries=frozenset()))
    before = await world.balance(gate.account_id)
    assert await nowhere.asks(NUMBER)
    assert await world.balance(gate.account_id) == before
    assert world.backend.count("messages") == world.backend.count("verifications") == 0
    assert await gate.asks(NUMBER) is None  # no cooldown either


# --------------------------------------------------------------------------------------------------- velocity


async def test_the_31st_code_for_a_thousand_numbers_blocks_them_for_an_hour(gate, world):
    await gate.fill(thousand(A, 30))
    blocked = await gate.asks(f"{A}030")
    assert blocked == Objection(Rule.VELOCITY_PREFIX, WINDOW_S, blocked=True)
    world.later(600 * SECOND)
    again = await gate.asks(f"{A}031")
    assert again == Objection(Rule.VELOCITY_PREFIX, WINDOW_S - 600, blocked=True)
    [entry] = await gate.listed()
    assert (entry.value, entry.rule, entry.mode, entry.kind) == (
        A,
        Rule.VELOCITY_PREFIX,
        Mode.LIVE,
        EntryKind.PREFIX,
    )
    assert await gate.asks(f"{B}000") is None
    world.later((WINDOW_S - 600) * SECOND)
    assert await gate.asks(f"{A}031") is None


async def test_a_short_block_lasts_until_the_hour_has_room(gate, world):
    strict = gate.under(velocity_prefix={"per_hour": 2, "block_s": 60})
    await strict.fill(thousand(A, 1))
    world.later(30 * MINUTE)
    await strict.fill([f"{A}001"])
    assert await strict.asks(f"{A}002") == Objection(Rule.VELOCITY_PREFIX, 1860, blocked=True)
    world.later(1860 * SECOND)
    assert await strict.asks(f"{A}002") is None


async def test_of_ten_thousand_numbers_ninety_get_codes_however_they_are_spread(gate):
    spread = [f"+861380013{group}{last:03}" for last in range(9) for group in range(10)]
    await gate.fill(spread)
    blocked = await gate.asks("+8613800135999")
    assert blocked == Objection(Rule.VELOCITY_RANGE, WINDOW_S, blocked=True)
    assert [entry.value for entry in await gate.listed()] == ["+861380013"]
    assert await gate.asks("+8613800145999") is None


async def test_an_address_gets_sixty_codes_for_whatever_numbers(gate):
    spread = [f"+86138{last:04}0000" for last in range(61)]
    await gate.fill(spread[:60], address=ADDRESS)
    refused = await gate.asks(spread[60], address=ADDRESS)
    assert refused == Objection(Rule.VELOCITY_ADDRESS, WINDOW_S, blocked=True, of_address=True)
    assert await gate.asks(spread[60], address="2001:db8:1:2::/64") is None
    [entry] = await gate.listed()
    assert (entry.value, entry.kind) == (ADDRESS, EntryKind.ADDRESS)


async def test_without_a_block_the_next_may_go_when_the_hour_has_room(gate, world):
    limited = gate.under(velocity_prefix={"per_hour": 3, "block_s": None})
    await limited.fill(thousand(A, 2))
    world.later(10 * MINUTE)
    await limited.fill([f"{A}002"])
    refused = await limited.asks(f"{A}003")
    assert refused is not None
    assert (refused.rule, refused.blocked, await limited.listed()) == (Rule.VELOCITY_PREFIX, False, [])
    assert refused.retry_after_s is not None
    assert 50 * 60 <= refused.retry_after_s <= 51 * 60
    world.later(refused.retry_after_s * SECOND - SECOND)
    assert await limited.asks(f"{A}003") is not None
    world.later(SECOND)
    await limited.fill([f"{A}003", f"{A}004"])
    assert await limited.asks(f"{A}005") is not None


async def test_an_account_has_a_bound_once_it_is_set(gate, world):
    await gate.fill(f"+86138{last:04}0000" for last in range(10))
    bounded = gate.under(velocity_account={"per_hour": 10})
    refused = await bounded.asks(f"{A}000")
    assert refused is not None
    assert (refused.rule, refused.blocked) == (Rule.VELOCITY_ACCOUNT, False)
    assert await bounded.of(account_id=world.account_id).asks(f"{A}000") is None
    assert await bounded.of(mode=Mode.TEST).asks(f"{A}000") is None


async def test_a_resend_is_a_code_like_any_other(gate, world):
    limited = gate.under(velocity_prefix={"per_hour": 2, "block_s": None})
    assert await limited.asks(NUMBER) is None
    world.later(MINUTE)
    assert await limited.asks(NUMBER) is None
    world.later(2 * MINUTE)
    assert (await limited.asks(NUMBER)) is not None


async def test_numbers_of_different_lengths_are_not_taken_for_each_other(gate):
    by_prefix = gate.of(guard=only(Rule.VELOCITY_PREFIX), country="DE")
    await by_prefix.fill(thousand("+4930123", 30))
    assert await by_prefix.asks("+49301234567") is None
    by_range = gate.of(guard=only(Rule.VELOCITY_RANGE), country="AT")
    await by_range.fill(f"+431{middle}{last:03}" for middle in (2345, 2346, 2347) for last in range(30))
    assert await by_range.asks("+431234001") is None


# ------------------------------------------------------------------------------------------------ spend


async def test_a_cap_is_never_overshot_whatever_comes_together(gate, world):
    capped = gate.of(guard=only(Rule.SPEND)._replace(spend_hour=5 * PRICE + PRICE // 2))
    numbers = [f"+86138{last:04}0000" for last in range(20)]
    desks = [capped.of(number=number) for number in numbers]
    commands = []
    for desk in desks:
        found = await desk.found()
        commands.append(desk.command(found, desk.drafted(found)))
    answers = await world.together(*commands)
    assert [answer.refused is None for answer in answers].count(True) == 5
    assert await world.purses(gate.account_id) == (RICH // PRICE - 5, 5, 0)
    refused = answers[-1].refused
    assert (refused.rule, refused.blocked) == (Rule.SPEND, False)
    assert 3600 <= refused.retry_after_s <= 3600 + 300


async def test_a_day_has_a_cap_of_its_own_and_the_longer_wait_is_told(gate, world):
    guard = only(Rule.SPEND)._replace(spend_hour=2 * PRICE, spend_day=3 * PRICE)
    capped = gate.of(guard=guard)
    await capped.fill([f"{A}000", f"{A}001"])
    hourly = await capped.asks(f"{A}002")
    assert hourly is not None
    assert hourly.retry_after_s is not None
    world.later(hourly.retry_after_s * SECOND)
    await capped.fill([f"{A}002"])
    daily = await capped.asks(f"{A}003")
    assert daily is not None
    assert daily.retry_after_s is not None
    assert 22 * 3600 <= daily.retry_after_s <= 24 * 3600
    world.later(daily.retry_after_s * SECOND - SECOND)
    assert await capped.asks(f"{A}003") is not None
    world.later(SECOND)
    assert await capped.asks(f"{A}003") is None


async def test_a_code_that_costs_more_than_the_cap_can_never_go(gate):
    capped = gate.of(guard=only(Rule.SPEND)._replace(spend_hour=PRICE - 1))
    assert await capped.asks(NUMBER) == Objection(Rule.SPEND)


async def test_simulated_codes_count_for_a_cap_that_was_set_and_are_refused_by_it(gate):
    capped = gate.of(guard=only(Rule.SPEND)._replace(spend_hour=2 * PRICE))
    await capped.fill(thousand(A, 2), simulated=True)
    for simulated in (True, False):
        refused = await capped.asks(f"{A}005", simulated=simulated)
        assert refused is not None
        assert refused.rule is Rule.SPEND


# --------------------------------------------------------------------------------------- modes of the rules


async def test_a_rule_in_shadow_notes_and_blocks_nothing(gate):
    shadowed = gate.under(velocity_prefix=SHADOW, conversion=OFF)
    await shadowed.fill(thousand(A, 35))
    assert await shadowed.listed() == []
    assert await shadowed.objections() == {Rule.VELOCITY_PREFIX: (0, 5)}


async def test_a_rule_that_is_off_is_not_asked(gate):
    off = gate.under(velocity_prefix=OFF, velocity_range=OFF, conversion=OFF, country=OFF, number_type=OFF)
    guard = off.guard._replace(countries=frozenset())
    await off.of(guard=guard, kind="premium_rate").fill(thousand(A, 100))
    assert await off.objections() == {}


async def test_a_block_refuses_by_the_mode_its_rule_has_by_now(gate):
    await gate.fill(thousand(A, 30))
    assert (await gate.asks(f"{A}030")) is not None
    assert await gate.under(velocity_prefix=OFF, conversion=OFF).asks(f"{A}031") is None
    assert await gate.under(velocity_prefix=SHADOW, conversion=OFF).asks(f"{A}032") is None
    assert await gate.under(blocklist=OFF).asks(f"{A}033") is not None
    assert await gate.objections() == {Rule.VELOCITY_PREFIX: (2, 1)}


async def test_what_is_noted_of_a_code_that_is_refused_for_something_else_is_not_counted(gate, world):
    poor = gate.of(account_id=await world.account("poor", 0)).under(number_type=SHADOW)
    for number in thousand(A, 3):
        with pytest.raises(Refusal) as refused:
            await poor.asks(number, kind="premium_rate")
        assert refused.value.code is Code.INSUFFICIENT_BALANCE
    assert await poor.objections() == {}
    assert world.backend.count("guard_counts") == 0


async def test_simulated_codes_are_only_judged_until_the_simulator_enforces(gate):
    simulated = gate.of(simulated=True)
    await simulated.fill(thousand(A, 35))
    assert await simulated.listed() == []
    assert await simulated.objections() == {Rule.VELOCITY_PREFIX: (0, 5)}
    enforced = simulated.of(guard=UNCHANGED_GUARD._replace(simulator=RuleMode.ENFORCE))
    refused = await enforced.asks(f"{A}035")
    assert refused == Objection(Rule.VELOCITY_PREFIX, WINDOW_S, blocked=True)
    assert (await simulated.objections())[Rule.VELOCITY_PREFIX] == (1, 5)


async def test_what_an_account_set_itself_holds_for_simulated_codes_too(gate):
    strict = gate.of(simulated=True, guard=ruled(velocity_prefix={"per_hour": 2}))
    await strict.fill(thousand(A, 2))
    refused = await strict.asks(f"{A}005")
    assert refused is not None
    assert refused.rule is Rule.VELOCITY_PREFIX
    named = gate.of(simulated=True, guard=UNCHANGED_GUARD._replace(countries=frozenset({"US"})))
    refused = await named.asks(f"{A}777")
    assert refused is not None
    assert refused.rule is Rule.COUNTRY


async def test_everything_against_a_code_is_noted_and_the_first_that_enforces_refuses(gate):
    guard = ruled(country=SHADOW, number_type=SHADOW)._replace(countries=frozenset(), spend_hour=0)
    refused = await gate.of(guard=guard).asks(NUMBER, kind="premium_rate")
    assert refused is not None
    assert refused.rule is Rule.SPEND
    noted = {Rule.COUNTRY: (0, 1), Rule.NUMBER_TYPE: (0, 1), Rule.SPEND: (1, 0)}
    assert await gate.objections() == noted


async def test_accounts_and_modes_are_counted_apart(gate, world):
    other = await world.account("other", RICH)
    for desk in (gate, gate.of(mode=Mode.TEST), gate.of(account_id=other)):
        await desk.fill(thousand(A, 30))
        assert (await desk.asks(f"{A}030")) is not None
        assert await desk.objections() == {Rule.VELOCITY_PREFIX: (1, 0)}
    assert [entry.mode for entry in await gate.listed()] == [Mode.TEST, Mode.LIVE]


async def test_what_rules_said_is_counted_for_a_day(gate, world):
    nowhere = gate.of(guard=UNCHANGED_GUARD._replace(countries=frozenset()))
    await nowhere.asks(NUMBER)
    world.later(23 * HOUR)
    await nowhere.asks(NUMBER)
    assert await gate.objections() == {Rule.COUNTRY: (2, 0)}
    world.later(2 * HOUR)
    assert await gate.objections() == {Rule.COUNTRY: (1, 0)}


async def test_a_test_number_is_neither_judged_nor_counted(gate, world):
    desk = gate.of(guard=UNCHANGED_GUARD._replace(countries=frozenset()), number=NUMBER)
    found = await desk.found()
    verification = desk.drafted(found, fixed=b"f" * 32)
    assert await world.write(desk.command(found, verification)) == CodeSent()
    assert world.backend.count("guard_counts") == 0
