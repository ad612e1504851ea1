"""The guard's lists: blocks and safe entries, and the platform's prefixes."""

from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import UNCHANGED_GUARD, Objection, Rule, RuleMode
from posthouse.core.ids import STEP
from posthouse.core.message import Mode
from posthouse.core.ports.guard import (
    PLATFORM,
    ChangePrefixes,
    DropEntry,
    Entry,
    EntryKind,
    EntryList,
    GetPrefixes,
    SaveEntry,
)
from posthouse.storage import guard_entries
from tests.contracts.build import HOUR, PRICE, SECOND, World
from tests.contracts.guarded import ruled, thousand

A, B = "+8613800138", "+8613900139"
NUMBER = "+8613800138000"
ADDRESS, HOUSEHOLD = "203.0.113.7", "2001:db8:1:2::/64"
SAFE = EntryList.SAFE
OFF = {"mode": RuleMode.OFF}


async def load(world: World, *add: str, remove: tuple[str, ...] = (), row: int = 1) -> None:
    await world.write(ChangePrefixes(add, remove, row * STEP, world.now))


# ------------------------------------------------------------------------------------------------ blocks


@pytest.mark.parametrize("value", ["+8", "+86", "+86138", NUMBER])
async def test_any_beginning_of_a_number_can_be_blocked(gate, value):
    await gate.put(value)
    assert await gate.asks(NUMBER) == Objection(Rule.BLOCKLIST, blocked=True)
    assert await gate.asks("+12025550123", country="US") is None


async def test_a_longer_prefix_and_another_number_are_not_meant(gate):
    await gate.put(f"{NUMBER}0")
    await gate.put(f"{A}1")
    assert await gate.asks(NUMBER) is None


@pytest.mark.parametrize("address", [ADDRESS, HOUSEHOLD])
async def test_an_address_is_blocked_for_every_number(gate, address):
    await gate.put(address, kind=EntryKind.ADDRESS)
    blocked = Objection(Rule.BLOCKLIST, blocked=True, of_address=True)
    assert await gate.asks(NUMBER, address=address) == blocked
    assert await gate.asks(NUMBER, address="198.51.100.1") is None
    assert await gate.asks(f"{B}000") is None


async def test_a_block_ends_when_it_is_said_to(gate, world):
    await gate.put(A, expires_at=world.now + HOUR)
    assert await gate.asks(NUMBER) == Objection(Rule.BLOCKLIST, 3600, blocked=True)
    world.later(HOUR - SECOND)
    assert await gate.asks(NUMBER) == Objection(Rule.BLOCKLIST, 1, blocked=True)
    world.later(SECOND)
    assert await gate.listed() == []
    assert await gate.asks(NUMBER) is None


async def test_of_several_blocks_the_one_that_lasts_is_told(gate, world):
    await gate.put("+86138", expires_at=world.now + HOUR)
    await gate.put("+861380", expires_at=world.now + 3 * HOUR)
    assert await gate.asks(NUMBER) == Objection(Rule.BLOCKLIST, 3 * 3600, blocked=True)
    await gate.put("+8613")
    assert await gate.asks(NUMBER) == Objection(Rule.BLOCKLIST, blocked=True)


async def test_a_block_can_be_for_the_codes_of_one_mode(gate):
    await gate.put(A, mode=Mode.TEST)
    assert await gate.asks(NUMBER) is None
    assert (await gate.asks(NUMBER, mode=Mode.TEST)) is not None


async def test_blocks_by_hand_follow_the_mode_of_their_rule(gate):
    await gate.put(A)
    assert await gate.under(blocklist={"mode": RuleMode.SHADOW}).asks(NUMBER) is None
    assert await gate.objections() == {Rule.BLOCKLIST: (0, 1)}
    assert await gate.under(blocklist=OFF).asks(f"{A}001") is None


async def test_accounts_have_lists_of_their_own(gate, world):
    await gate.put(A)
    other = gate.of(account_id=world.account_id)
    assert await other.asks(NUMBER) is None
    assert await other.listed() == []


# -------------------------------------------------------------------------------------------------- safe


async def test_what_is_safe_passes_every_rule_that_counts(gate, world):
    await gate.put(A, SAFE)
    guard = ruled(velocity_prefix={"per_hour": 1}, velocity_account={"per_hour": 1})
    guard = guard._replace(spend_hour=PRICE)
    await gate.fill(thousand(A, 40), guard=guard)
    world.later(2 * 60 * SECOND)
    await gate.fill([f"{A}050"], guard=guard)
    assert await gate.objections() == {}
    assert (await gate.asks(f"{B}000", guard=guard)) is not None  # what was safe counts for the others


async def test_a_safe_address_is_safe_for_every_number(gate):
    await gate.put(ADDRESS, SAFE, kind=EntryKind.ADDRESS)
    await gate.fill(thousand(A, 70), address=ADDRESS)
    assert (await gate.asks(f"{A}070", address="198.51.100.1")) is not None


async def test_what_rules_blocked_does_not_hold_for_what_is_safe(gate):
    await gate.fill(thousand(A, 30))
    assert (await gate.asks(f"{A}030")) is not None
    await gate.put(f"{A}04", SAFE)
    assert await gate.asks(f"{A}040") is None
    assert (await gate.asks(f"{A}050")) is not None


async def test_nothing_is_safe_from_countries_types_and_blocks_by_hand(gate, world):
    await gate.put("+86", SAFE)
    nowhere = UNCHANGED_GUARD._replace(countries=frozenset())
    assert await gate.asks(NUMBER, guard=nowhere) == Objection(Rule.COUNTRY)
    assert await gate.asks(NUMBER, kind="premium_rate") == Objection(Rule.NUMBER_TYPE)
    await load(world, A)
    assert await gate.asks(NUMBER) == Objection(Rule.BLOCKLIST, blocked=True)


async def test_no_account_lifts_the_platforms_prefixes_for_itself(gate, world):
    await load(world, A)
    await gate.put(A, SAFE)
    await gate.put(ADDRESS, SAFE, kind=EntryKind.ADDRESS)
    blocked = Objection(Rule.BLOCKLIST, blocked=True)
    for mode in (RuleMode.OFF, RuleMode.SHADOW):
        assert await gate.under(blocklist={"mode": mode}).asks(NUMBER, address=ADDRESS) == blocked
    assert await gate.objections() == {Rule.BLOCKLIST: (2, 0)}
    assert await gate.asks(NUMBER, simulated=True) == blocked


async def test_an_accounts_own_block_in_shadow_does_not_hide_the_platforms(gate, world):
    await gate.put(A)
    shadow = gate.under(blocklist={"mode": RuleMode.SHADOW})
    assert await shadow.asks(NUMBER) is None
    await load(world, "+86")
    assert await shadow.asks(f"{A}001") == Objection(Rule.BLOCKLIST, blocked=True)


async def test_what_is_safe_can_be_so_for_a_while_and_for_the_whole_platform(gate, world):
    await gate.put(A, SAFE, expires_at=world.now + HOUR, account_id=PLATFORM)
    await gate.fill(thousand(A, 40))
    world.later(HOUR)
    assert (await gate.asks(f"{A}040")) is not None


# ------------------------------------------------------------------------------------------------ keeping


async def test_an_entry_is_kept_as_it_was_given_and_its_twin_replaced(gate, world):
    first = await gate.put(A, expires_at=world.now + HOUR)
    assert await gate.listed() == [first]
    again = await gate.put(A, created_at=world.now + 1)
    assert await gate.listed() == [again]
    others = [
        await gate.put(A, SAFE),
        await gate.put(A, mode=Mode.LIVE),
        await gate.put(A, account_id=world.account_id),
    ]
    assert await gate.listed() == [others[1], again]
    assert await gate.listed(SAFE) == [others[0]]


async def test_what_somebody_blocked_stays_when_a_rule_blocks_the_same(gate):
    by_hand = await gate.put(A)
    shadow = gate.under(blocklist={"mode": RuleMode.SHADOW})
    await shadow.fill(thousand(A, 30))
    assert (await shadow.asks(f"{A}030")) is not None
    assert {entry.rule for entry in await gate.listed()} == {Rule.VELOCITY_PREFIX, None}
    assert by_hand in await gate.listed()


async def test_an_entry_taken_off_is_gone_and_a_foreign_one_is_not_there(gate, world):
    entry = await gate.put(A)
    await load(world, B)
    [loaded] = [each for each in await gate.listed() if each.account_id == PLATFORM]
    for command in (
        DropEntry(world.account_id, EntryList.BLOCK, entry.row),
        DropEntry(gate.account_id, SAFE, entry.row),
        DropEntry(gate.account_id, EntryList.BLOCK, loaded.row),
        DropEntry(gate.account_id, EntryList.BLOCK, 1),
    ):
        with pytest.raises(Refusal) as refused:
            await world.write(command)
        assert (refused.value.code, dict(refused.value.facts)) == (Code.NOT_FOUND, {"resource": "entry"})
    assert await world.write(DropEntry(gate.account_id, EntryList.BLOCK, entry.row)) == entry
    assert await gate.asks(NUMBER) is None
    assert await gate.listed() == [loaded]


async def test_a_rules_block_can_be_lifted_by_hand(gate):
    lenient = gate.under(conversion=OFF)
    await lenient.fill(thousand(A, 30))
    assert (await lenient.asks(f"{A}030")) is not None
    [entry] = await gate.listed()
    await gate.world.write(DropEntry(gate.account_id, EntryList.BLOCK, entry.row))
    raised = lenient.under(lenient.guard, velocity_prefix={"per_hour": 100})
    assert await raised.asks(f"{A}031") is None


async def test_the_same_key_makes_an_entry_once(gate, world):
    entry = Entry(5, gate.account_id, SAFE, EntryKind.PREFIX, A, None, None, world.now, None)
    keyed = SaveEntry(entry, world.once())
    assert await world.write(keyed) is None
    assert await world.write(replace(keyed, entry=entry._replace(row=6))) == b"reply"
    assert [each.row for each in await gate.listed(SAFE)] == [5]
    with pytest.raises(Refusal) as refused:
        await world.write(replace(keyed, once=world.once(request=b"other")))
    assert refused.value.code is Code.IDEMPOTENCY_KEY_REUSED


async def test_entries_are_listed_newest_first_by_page_with_the_platforms_and_by_value(gate, world):
    rows = [(await gate.put(f"+861{n}")).row for n in range(3, 8)]
    await load(world, "+237", row=0)
    every = await gate.listed()
    assert [entry.row for entry in every] == [*reversed(rows), 0]
    assert [entry.account_id == PLATFORM for entry in every] == [False] * 5 + [True]
    assert [entry.row for entry in await gate.listed(limit=2)] == rows[:2:-1]
    assert [entry.row for entry in await gate.listed(before_row=rows[1])] == [rows[0], 0]
    assert [entry.value for entry in await gate.listed(value="+237")] == ["+237"]
    assert [entry.row for entry in await gate.listed(value="+8613")] == [rows[0]]
    assert await gate.listed(value="+86") == []


async def test_a_list_has_room_for_so_many_and_rules_have_as_much_for_theirs(gate, world, monkeypatch):
    monkeypatch.setattr(guard_entries, "ENTRIES_MAX", 2)
    first = await gate.put("+1")
    await gate.put("+2")
    await gate.put("+1", SAFE)
    await gate.put("+1")
    with pytest.raises(Refusal) as refused:
        await gate.put("+3")
    assert (refused.value.code, dict(refused.value.facts)) == (Code.TOO_MANY, {"limit": 2})
    assert first.value in {entry.value for entry in await gate.listed()}
    strict = gate.under(velocity_prefix={"per_hour": 1})
    for head in ("+8613800138", "+8613900139", "+8615000150"):
        await strict.fill([f"{head}000"])
        refused_code = await strict.asks(f"{head}001")
        assert refused_code is not None
        # What finds no room on the list is refused all the same, until the hour has some.
        assert refused_code.blocked is (head != "+8615000150")
    assert len(await gate.listed()) == 4


async def test_rules_blocks_of_one_moment_have_ids_of_their_own(gate):
    strict = gate.under(velocity_prefix={"per_hour": 1})
    for last in range(5):
        head = f"+86138{last:04}0"
        await strict.fill([f"{head}000"])
        assert (await strict.asks(f"{head}001")) is not None
    entries = await gate.listed()
    assert len({entry.row for entry in entries}) == 5


# --------------------------------------------------------------------------------- the platform's prefixes


async def test_loaded_prefixes_hold_for_every_account_and_end_when_they_are_not_loaded_any_more(gate, world):
    await load(world, "+2376", "+8613")
    for desk in (gate, gate.of(account_id=world.account_id), gate.of(mode=Mode.TEST)):
        assert await desk.asks(NUMBER) == Objection(Rule.BLOCKLIST, blocked=True)
    assert await world.read(GetPrefixes()) == ["+2376", "+8613"]
    await load(world, "+2377", "+2376", remove=("+8613", "+999"), row=10)
    assert await world.read(GetPrefixes()) == ["+2376", "+2377"]
    assert await gate.asks(NUMBER) is None


async def test_taking_a_prefix_off_the_platforms_list_leaves_an_accounts_own(gate, world):
    own = await gate.put("+8613")
    await load(world, "+8613")
    await load(world, remove=("+8613",), row=10)
    assert await gate.listed() == [own]
