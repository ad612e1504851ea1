"""The ledger check: clean after every story, and it finds whatever was damaged behind its back."""

# ruff: noqa: S608 - the damage is planted by SQL, put together from the two lines below

import asyncio

import pytest

from posthouse.core.message import Ending
from posthouse.core.ports.life import AgeMessages, Cancel, DropStaged, Stage
from posthouse.core.ports.queries import CheckLedger, Drift
from posthouse.core.verdict import Accepted, Deferred, Fate, Reason, Refused, Unknown
from tests.contracts.build import FUNDS, HOUR, PRICE, World


async def busy(world: World) -> None:
    """A house with every kind of money movement in it, and a message in every state."""
    other = await world.account("other")
    await world.sent("one")
    await world.sent("two", account_id=other)
    await world.settle(Fate.DELIVERED, "two")
    await world.sent("three")
    await world.settle(Fate.UNDELIVERED, "three")
    await world.tried(await world.accept(account_id=other), Accepted("four"), receipts=False)
    await world.tried(await world.accept(), Refused(Reason.BLOCKED))
    await world.tried(await world.accept(), Unknown("timeout"))
    world.later(HOUR)
    gone = await world.accept()
    await world.write(Cancel(world.account_id, gone.id, world.now))
    await world.finish(await world.take(await world.accept()), Ending.EXPIRED, Reason.EXPIRED)
    batch, messages = world.batch(5)
    await world.write(world.publish(batch, *messages))
    staged, chunk = world.batch(3)
    await world.write(Stage(staged, chunk))
    await world.accept(send_at=world.now + HOUR)
    await world.accept(price=0)


async def test_a_busy_house_is_clean_and_fully_looked_at(world: World):
    await busy(world)
    audit = await world.check()
    assert audit == await world.read(CheckLedger(window=3))
    assert (audit.accounts, audit.messages) == (2, 15)
    # Two credits, nine single holds and one of the batch, four settled, three released.
    assert audit.transfers == 2 + 9 + 1 + 4 + 3


async def test_a_house_stays_clean_when_everything_in_it_has_ended(world: World):
    await busy(world)
    world.later(100 * HOUR)
    await world.write(AgeMessages(world.now, 100))
    await world.unanswered(100)
    await world.write(DropStaged(world.now, 100))
    while claims := await world.claim(100):
        for claimed in claims:
            await world.finish(claimed, Ending.EXPIRED, Reason.EXPIRED)
    await world.check()


async def test_an_empty_house_is_clean(world: World):
    audit = await world.check()
    assert (audit.accounts, audit.transfers, audit.messages) == (1, 1, 0)


async def test_the_check_is_of_one_moment_while_others_write(world: World):
    async def send() -> None:
        for number in range(40):
            await world.sent(str(number))

    sending = asyncio.create_task(send())
    while not sending.done():
        assert (await world.audit()).drifts == ()
    await sending


SETTLED = "(SELECT min(id) FROM messages WHERE charge = 'settled')"
HELD = "(SELECT min(id) FROM messages WHERE state = 'queued' AND price > 0)"
COLUMNS = "account_id, kind, amount, message_id, batch_id, at, chain"
LAST = "(SELECT max(id) FROM transfers)"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE balances SET available = available + 1 WHERE account_id = 1",
        "UPDATE balances SET held = held - 1 WHERE account_id = 1",
        "UPDATE balances SET spent = spent + 1 WHERE account_id = 2",
        "UPDATE balances SET available = available + 5, held = held - 5 WHERE account_id = 1",
        "UPDATE balances SET available = available + 5, funded = funded + 5 WHERE account_id = 1",
        "UPDATE balances SET available = -5, spent = spent + available + 5 WHERE account_id = 1",
        "UPDATE balances SET transfers = transfers + 1 WHERE account_id = 1",
        "UPDATE balances SET chain = (SELECT chain FROM transfers WHERE id = 1) WHERE account_id = 1",
        "DELETE FROM balances WHERE account_id = 2",
        "UPDATE transfers SET amount = amount + 1 WHERE id = 3",
        f"UPDATE transfers SET amount = amount - 1 WHERE id = {LAST}",
        "UPDATE transfers SET amount = -amount WHERE id = 5",
        "UPDATE transfers SET kind = 'refund' WHERE kind = 'settle'",
        "UPDATE transfers SET kind = 'nonsense' WHERE id = 4",
        "UPDATE transfers SET at = at + 1 WHERE id = 4",
        "UPDATE transfers SET at = -1 WHERE id = 4",
        "UPDATE transfers SET chain = (SELECT chain FROM transfers WHERE id = 1) WHERE id = 4",
        "UPDATE transfers SET message_id = message_id + 1 WHERE id = 4",
        "UPDATE transfers SET account_id = 3 - account_id WHERE kind = 'settle'",
        "UPDATE transfers SET account_id = 99 WHERE id = 4",
        "DELETE FROM transfers WHERE id = 4",
        f"DELETE FROM transfers WHERE id = {LAST}",
        "DELETE FROM transfers WHERE kind = 'settle'",
        "DELETE FROM transfers WHERE account_id = 2",
        "DELETE FROM transfers",
        f"INSERT INTO transfers ({COLUMNS}) SELECT {COLUMNS} FROM transfers WHERE kind = 'settle'",
        f"UPDATE messages SET charge = 'held' WHERE id = {SETTLED}",
        f"UPDATE messages SET charge = 'released' WHERE id = {SETTLED}",
        f"UPDATE messages SET charge = 'settled' WHERE id = {HELD}",
        f"UPDATE messages SET charge = 'released' WHERE id = {HELD}",
        "UPDATE messages SET charge = 'settled' WHERE charge = 'released'",
        f"UPDATE messages SET price = price + 1 WHERE id = {SETTLED}",
        f"UPDATE messages SET price = price + 1 WHERE id = {HELD}",
        f"UPDATE messages SET account_id = 3 - account_id WHERE id = {SETTLED}",
        f"UPDATE messages SET account_id = 3 - account_id WHERE id = {HELD}",
        "UPDATE messages SET account_id = 3 - account_id WHERE charge = 'released'",
        "UPDATE messages SET state = 'failed' WHERE state = 'sent'",
        "UPDATE messages SET state = 'sent' WHERE state = 'failed'",
        "UPDATE messages SET state = 'queued' WHERE state = 'canceled'",
        f"DELETE FROM messages WHERE id = {SETTLED}",
        f"DELETE FROM messages WHERE id = {HELD}",
        "UPDATE batches SET state = 'staged' WHERE state = 'published'",
        "UPDATE batches SET state = 'published' WHERE state = 'staged'",
        "UPDATE hourly_counts SET count = count + 1 WHERE state = 'sent'",
        "UPDATE hourly_counts SET hour = hour + 1 WHERE state = 'unknown'",
        "DELETE FROM hourly_counts WHERE account_id = 2 AND count > 0",
        "INSERT INTO hourly_counts VALUES (1, 7, 'final_sent', 1)",
        "UPDATE hourly_counts SET count = 0 WHERE state = 'final_sent'",
        "UPDATE messages SET look_at = NULL WHERE state = 'sent'",
        "UPDATE state_counts SET count = count - 1 WHERE state = 'failed'",
        "DELETE FROM state_counts WHERE state = 'scheduled'",
        "UPDATE state_counts SET account_id = 3 - account_id WHERE state = 'canceled'",
        "UPDATE accounts SET total = total + 1 WHERE id = 2",
        "UPDATE accounts SET total = total + 3 WHERE id = 1",  # as if a batch that was dropped had been one
    ],
)
async def test_planted_damage_is_found(world: World, damage):
    await busy(world)
    assert (await world.audit()).drifts == ()
    world.plant(damage)
    found = (await world.audit()).drifts
    assert found != ()
    for window in (1, 3, 15):  # memory for few messages at a time finds the same
        assert set((await world.read(CheckLedger(window))).drifts) == set(found)


async def test_a_damage_is_reported_once_and_where_it_is(world: World):
    await busy(world)
    world.plant("UPDATE transfers SET at = at + 1 WHERE id = 4")
    [drift] = (await world.audit()).drifts
    assert "4" in drift.what
    assert drift.account_id == 1


@pytest.mark.parametrize(
    ("damage", "drift"),
    [
        (
            "UPDATE hourly_counts SET count = 2 WHERE state = 'delivered'",
            Drift(2, "count of delivered in hour 7952", "1", "2"),
        ),
        (
            "DELETE FROM hourly_counts WHERE state = 'final_sent'",
            Drift(2, "count of final_sent in hour 7952", "1", "0"),
        ),
        (
            "UPDATE state_counts SET count = 2 WHERE state = 'delivered'",
            Drift(2, "count of delivered", "1", "2"),
        ),
        ("UPDATE accounts SET total = 3 WHERE id = 2", Drift(2, "messages ever accepted", "2", "3")),
    ],
)
async def test_a_counter_that_drifts_is_told_with_what_it_should_be(world: World, damage, drift):
    await busy(world)
    world.plant(damage)
    assert (await world.audit()).drifts == (drift,)


async def test_a_server_of_the_release_before_that_wrote_on_after_a_migration_is_found(world: World):
    await busy(world)
    world.plant("UPDATE state_counts SET count = count - 1 WHERE account_id = 2 AND state = 'delivered'")
    world.plant("UPDATE messages SET state = 'undelivered' WHERE state = 'delivered'")
    world.plant("INSERT INTO state_counts VALUES (2, 'undelivered', 1)")
    told = {drift.what for drift in (await world.audit()).drifts}
    assert told == {"count of delivered in hour 7952", "count of undelivered in hour 7952"}


async def test_a_message_charged_twice_with_everything_else_made_to_fit_is_found(world: World):
    message = await world.sent()
    # As a defect of ours would do it: a second settlement, properly chained and booked.
    waiting = await world.accept()
    await world.tried(waiting, Accepted("other"))
    world.plant(
        f"UPDATE transfers SET message_id = {message.id} WHERE kind = 'settle' AND message_id = {waiting.id}"
    )
    whats = [drift.what for drift in (await world.audit()).drifts]
    assert f"message {message.id}" in whats
    assert f"transfer of message {waiting.id}" in whats


async def test_a_check_of_a_damaged_house_changes_nothing(world: World):
    await world.accept()
    world.plant("UPDATE balances SET available = available + 1")
    assert (await world.audit()).drifts == (await world.audit()).drifts
    assert (await world.balance()).available == FUNDS - PRICE + 1


async def test_money_is_settled_once_over_many_attempts(world: World):
    message = await world.accept()
    for _ in range(4):
        await world.tried(message, Deferred(Reason.RATE_LIMITED))
        world.later(HOUR)
    before = await world.balance()
    await world.tried(message, Accepted("ref"))
    after = await world.balance()
    assert after.transfers == before.transfers + 1
    assert await world.purses() == (99, 0, 1)
