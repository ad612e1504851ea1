"""What the guard keeps beside its lists: settings, counters, what it forgets, and how full lists are seen."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import UNCHANGED_GUARD, Rule, RuleMode
from posthouse.core.guard_changes import Changes
from posthouse.core.ports import guard as ports
from posthouse.core.ports.conversions import Converted, ListConversions
from posthouse.core.ports.guard import (
    EntryList,
    SetGuard,
)
from posthouse.core.ports.otp import CloseVerifications
from posthouse.core.ports.queries import DirectoryVersion, GetAccount
from posthouse.storage import guard_entries
from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.migrating import migrate
from tests.contracts.build import HOUR, PRICE, SECOND, World

A, B = "+8613800138", "+8613900139"
NUMBER = "+8613800138000"
ADDRESS, HOUSEHOLD = "203.0.113.7", "2001:db8:1:2::/64"
SAFE = EntryList.SAFE
OFF = {"mode": RuleMode.OFF}


# ----------------------------------------------------------------------------------------------- settings


async def test_settings_are_changed_kept_and_noticed(world):
    version = await world.read(DirectoryVersion())
    changes = Changes({"spend_hour": 5}, {Rule.SPEND: {"mode": RuleMode.SHADOW}})
    first = await world.write(SetGuard(world.account_id, changes))
    assert (first.spend_hour, first.rules[Rule.SPEND].mode) == (5, RuleMode.SHADOW)
    then = await world.write(SetGuard(world.account_id, Changes({"countries": frozenset({"CN"})})))
    assert then == first._replace(countries=frozenset({"CN"}))
    account = await world.read(GetAccount(world.account_id))
    assert account is not None
    assert account.guard == then
    assert await world.read(DirectoryVersion()) == version + 2


async def test_changes_that_come_together_are_all_kept(world):
    each = [Changes({}, {rule: {"mode": RuleMode.OFF}}) for rule in Rule]
    await world.together(*(SetGuard(world.account_id, changes) for changes in each))
    account = await world.read(GetAccount(world.account_id))
    assert account is not None
    assert {setting.mode for setting in account.guard.rules.values()} == {RuleMode.OFF}


async def test_an_account_that_is_not_there_has_no_guard(world):
    with pytest.raises(Refusal) as refused:
        await world.write(SetGuard(4711, Changes({"spend_hour": 5})))
    assert (refused.value.code, dict(refused.value.facts)) == (Code.NOT_FOUND, {"resource": "account"})


# -------------------------------------------------------------------------------------- counting, forgetting


async def test_verifications_that_ended_are_counted_by_range_and_channel(gate, world):
    await gate.verified(NUMBER)
    await gate.verified(f"{A}001")
    await gate.fill([f"{A}002", f"{B}000"])
    for number in (f"{A}002", f"{B}000"):
        await gate.of(number=number).wrong(5)
    assert sorted(await world.read(ListConversions(world.now, 10))) == [
        Converted("CN", "", "+861380013", 3, 2),
        Converted("CN", "", "+861390013", 1, 0),
    ]


async def test_what_ended_is_kept_as_long_as_anybody_asks_for_it(gate, world):
    await gate.verified(NUMBER)
    await left(world, world.now + 46 * HOUR)
    assert world.backend.count("conversions") == 1
    await left(world, world.now + 50 * HOUR)
    assert world.backend.count("conversions") == 0


async def left(world: World, now: int, limit: int = 100) -> tuple[int, int]:
    """How many entries and counters the janitor leaves."""
    await world.write(CloseVerifications(now, limit))
    return world.backend.count("guard_entries"), world.backend.count("guard_counts")


async def test_what_no_rule_needs_any_more_is_forgotten_in_bounded_steps(gate, world):
    await gate.put(A, expires_at=world.now + HOUR)
    assert (await gate.asks(NUMBER, address=ADDRESS)) is not None
    await gate.fill([f"{B}000"], address=ADDRESS)
    # Of prefix, range, address, account; and what the blocklist said.
    assert await left(world, world.now + HOUR - SECOND) == (1, 5)
    assert await left(world, world.now + 2 * HOUR, limit=3) == (0, 3)
    assert await left(world, world.now + 2 * HOUR, limit=3) == (0, 2)
    assert await left(world, world.now + 23 * HOUR) == (0, 2)
    assert await left(world, world.now + 25 * HOUR) == (0, 0)


async def test_what_a_rule_still_needs_is_not_forgotten(gate, world):
    capped = gate.of(guard=UNCHANGED_GUARD._replace(spend_day=PRICE))
    await capped.fill([NUMBER])
    for _ in range(23):
        world.later(HOUR)
        await left(world, world.now)
    refused = await capped.asks(f"{B}000")
    assert refused is not None
    assert refused.rule is Rule.SPEND


async def test_a_full_list_is_seen_by_an_index_alone(tmp_path):
    engine = SQLite(tmp_path)
    migrate(engine.sqlalchemy)
    connection = engine.open_writer()
    for full in (guard_entries._FULL_BY_HAND, guard_entries._FULL_BY_RULES):  # noqa: SLF001
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {full.sql(engine.dialect)}", (1, "block", 9)
        ).fetchall()
        [step] = [row[3] for row in plan]
        assert "COVERING INDEX ix_guard_entries_rule (account_id=? AND list=? AND rule" in step
    connection.close()
    engine.sqlalchemy.dispose()


def test_bounds_of_lists_are_those_that_were_agreed():
    assert (ports.ENTRIES_MAX, ports.PREFIXES_MAX) == (10_000, 100_000)
