"""How the store stands: lines, what is held and late, and books that do not add up."""

import pytest

from posthouse.core.message import Lane
from posthouse.core.ports.life import Cancel, Stage
from posthouse.core.ports.queries import CheckBooks, GetGauges
from posthouse.core.verdict import Deferred, Fate, Reason
from tests.contracts.build import HOUR, PRICE, SECOND, World


async def test_an_empty_store_has_nothing_in_line(world: World):
    gauges = await world.read(GetGauges(world.now))
    assert gauges.waiting == dict.fromkeys(Lane, (0, None))
    assert (gauges.by_state, gauges.held, gauges.scheduled_since) == ({}, 0, None)


async def test_lines_tell_how_many_wait_and_since_when(world: World):
    other = await world.account("other")
    first = world.now
    await world.accept(lane=Lane.MARKETING.value)
    world.later(SECOND)
    await world.accept(lane=Lane.MARKETING.value, account_id=other)
    await world.accept(lane=Lane.OTP.value)
    gauges = await world.read(GetGauges(world.now))
    assert gauges.waiting == {
        Lane.OTP: (1, world.now),
        Lane.NOTIFICATION: (0, None),
        Lane.MARKETING: (2, first),
    }
    assert gauges.by_state == {"queued": 3}


async def test_states_are_counted_over_all_accounts(world: World):
    other = await world.account("other")
    await world.sent("one")
    await world.sent("two", account_id=other)
    gone = await world.accept()
    await world.write(Cancel(world.account_id, gone.id, world.now))
    counted = (await world.read(GetGauges(world.now))).by_state
    assert {state: count for state, count in counted.items() if count} == {"sent": 2, "canceled": 1}


async def test_what_is_claimed_or_staged_is_not_in_line_and_what_is_deferred_is_due_later(world: World):
    await world.tried(await world.accept(), Deferred(Reason.RATE_LIMITED, after_s=60))
    batch, chunk = world.batch(3)
    await world.write(Stage(batch, chunk))
    [(count, since)] = [(await world.read(GetGauges(world.now))).waiting[Lane.NOTIFICATION]]
    assert count == 1
    assert since is not None
    assert since > world.now
    world.later(HOUR)
    await world.claim(10)
    assert (await world.read(GetGauges(world.now))).waiting[Lane.NOTIFICATION] == (0, None)


async def test_a_scheduled_message_is_late_once_its_time_has_come(world: World):
    send_at = world.now + HOUR
    await world.accept(send_at=send_at)
    await world.accept(send_at=send_at + HOUR)
    assert (await world.read(GetGauges(world.now))).scheduled_since is None
    world.later(HOUR + 5 * SECOND)
    assert (await world.read(GetGauges(world.now))).scheduled_since == send_at


async def test_what_a_restore_holds_is_counted(world: World):
    await world.accept()
    world.plant("INSERT INTO held_messages SELECT id, due_at, look_at, 1 FROM messages")
    assert (await world.read(GetGauges(world.now))).held == 1


async def test_a_receipt_tells_how_long_after_sending_it_came(world: World):
    await world.sent("ref")
    world.later(3 * SECOND)
    settlement = await world.settle(Fate.DELIVERED, "ref")
    assert settlement.lags_us == (3 * SECOND,)
    assert (await world.settle(Fate.DELIVERED, "ref")).lags_us == ()


async def test_balanced_books_are_balanced(world: World):
    await world.sent()
    await world.accept()
    assert await world.read(CheckBooks()) == ()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE balances SET available = available + 1",
        "UPDATE balances SET held = held - 1",
        "UPDATE balances SET spent = spent + 1",
        "UPDATE balances SET funded = funded - 1",
        "UPDATE balances SET available = -5, spent = spent + available + 5",
        "UPDATE balances SET held = -5, available = available + held + 5",
        "UPDATE balances SET spent = -5, available = available + spent + 5",
    ],
)
async def test_a_purse_that_was_tampered_with_is_found_by_its_account(world: World, damage):
    other = await world.account("other")
    await world.accept()
    world.plant(f"{damage} WHERE account_id = {world.account_id}")
    [drift] = await world.read(CheckBooks())
    assert drift.account_id == world.account_id != other
    assert str(100 * PRICE) in drift.expected or str(100 * PRICE - 1) in drift.expected
