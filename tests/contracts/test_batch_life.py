"""Batches after their acceptance: counted by state, listed, stopped."""

from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.batches import BatchRecord, GetBatch, ListBatches
from posthouse.core.ports.changes import CancelBatch, Step
from posthouse.core.ports.life import NewBatch, QueueScheduled, Stage
from posthouse.core.verdict import Accepted, Fate, Unknown
from posthouse.storage.batching import COUNTED_MAX
from tests.contracts.build import HOUR, PRICE, World


async def publish(world: World, count: int, reference: str | None = None, **fields):
    batch, messages = world.batch(count, **fields)
    batch = NewBatch(
        batch.id, batch.account_id, count, batch.amount, batch.first_id, batch.last_id, reference, world.now
    )
    await world.write(world.publish(batch, *messages))
    return batch, messages


async def look(world: World, batch: NewBatch) -> BatchRecord:
    record = await world.read(GetBatch(batch.account_id, batch.id))
    assert record is not None
    return record


async def test_a_batch_is_counted_by_the_states_of_its_messages(world: World):
    batch, messages = await publish(world, 3, "spring")
    await world.accept(send_at=world.now + HOUR)
    assert await look(world, batch) == BatchRecord(
        batch.id, world.account_id, 3, 3 * PRICE, "spring", world.now, {"queued": 3}, done=False
    )
    await world.tried(messages[0], Accepted("ref"))
    assert (await look(world, batch)).states == {"queued": 2, "sent": 1}


async def test_a_batch_is_done_when_nothing_more_will_happen_to_any_of_it(world: World):
    batch, messages = await publish(world, 2)
    await world.tried(messages[0], Accepted("one"))
    await world.tried(messages[1], Accepted("two"), receipts=False)
    assert not (await look(world, batch)).done  # a receipt for the first is awaited
    await world.settle(Fate.DELIVERED, "one")
    record = await look(world, batch)
    assert (record.states, record.done) == ({"delivered": 1, "sent": 1}, True)


async def test_batches_of_others_and_staged_ones_are_not_there(world: World):
    batch, _ = await publish(world, 1)
    other = await world.account("other")
    assert await world.read(GetBatch(other, batch.id)) is None
    assert await world.read(GetBatch(world.account_id, 5)) is None
    staged, chunk = world.batch(1)
    await world.write(Stage(staged, chunk))
    assert await world.read(GetBatch(world.account_id, staged.id)) is None
    assert [each.id for each in (await world.read(ListBatches(world.account_id))).batches] == [batch.id]
    assert (await world.read(ListBatches(other))).batches == []


async def test_batches_are_listed_newest_first_by_page_and_by_label(world: World):
    made = [(await publish(world, 1, label))[0].id for label in ("a", "b", "a", "b", "a")]
    first = await world.read(ListBatches(world.account_id, limit=2))
    assert [each.id for each in first.batches] == made[:-3:-1]
    rest = await world.read(ListBatches(world.account_id, limit=3, before_id=first.next_before))
    assert [each.id for each in rest.batches] == made[2::-1]
    assert rest.next_before is None
    labelled = await world.read(ListBatches(world.account_id, "a", limit=2))
    assert [each.id for each in labelled.batches] == [made[4], made[2]]
    last = await world.read(ListBatches(world.account_id, "a", 2, labelled.next_before))
    assert ([each.id for each in last.batches], last.next_before) == ([made[0]], None)


async def test_a_list_counts_a_bounded_number_of_messages_and_goes_on_there(world: World):
    rich = await world.account("rich", credit=10**6 * PRICE)
    half = COUNTED_MAX // 2 + 1
    older, _ = await publish(world, half, account_id=rich)
    newer, _ = await publish(world, half, account_id=rich)
    first = await world.read(ListBatches(rich))
    assert ([each.id for each in first.batches], first.next_before) == ([newer.id], newer.id)
    second = await world.read(ListBatches(rich, before_id=first.next_before))
    assert ([each.id for each in second.batches], second.next_before) == ([older.id], None)


async def test_what_is_left_of_a_batch_is_stopped_in_bounded_steps(world: World):
    batch, messages = await publish(world, 5, send_at=world.now + HOUR)
    before = await world.purses()
    step = CancelBatch(world.account_id, batch.id, world.now, 2)
    first = await world.write(step)
    assert first == Step(2, messages[1].id)
    second = await world.write(CancelBatch(world.account_id, batch.id, world.now, 2, messages[1].id))
    assert second == Step(2, messages[3].id)
    third = await world.write(CancelBatch(world.account_id, batch.id, world.now, 2, messages[3].id))
    assert third == Step(1, None)
    assert (await look(world, batch)).states == {"canceled": 5}
    assert await world.purses() == (before[0] + 5, before[1] - 5, 0)
    assert await world.write(step) == Step(0, None)
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 0


async def test_what_a_vendor_has_or_may_have_goes_its_way_when_its_batch_is_stopped(world: World):
    batch, messages = await publish(world, 4)
    await world.tried(messages[0], Accepted("ref"))
    await world.tried(messages[1], Unknown("no answer"))
    world.later(HOUR)
    await world.resend(messages[1])  # it waits in its lane once more, but a handset may have it
    started = await world.begun(messages[2])
    assert await world.write(CancelBatch(world.account_id, batch.id, world.now, 10)) == Step(1, None)
    assert [(await world.get(each)).state for each in messages] == ["sent", "queued", "sending", "canceled"]
    await world.record(*started, Accepted("other"))
    assert (await world.get(messages[2])).state == "sent"


async def test_a_leased_message_of_a_stopped_batch_is_not_started(world: World):
    batch, messages = await publish(world, 1)
    claimed = await world.take(messages[0])
    await world.write(CancelBatch(world.account_id, batch.id, world.now, 10))
    assert await world.start(claimed) is None
    assert await world.standing(messages[0]) == ("canceled", "released")


async def test_a_batch_of_another_account_cannot_be_stopped(world: World):
    batch, messages = await publish(world, 1)
    other = await world.account("other")
    with pytest.raises(Refusal) as refused:
        await world.write(CancelBatch(other, batch.id, world.now, 10))
    assert refused.value.code is Code.NOT_FOUND
    assert (await world.get(messages[0])).state == "queued"


async def test_steps_under_one_key_go_on_where_they_broke_off_and_the_count_with_them(world: World):
    batch, messages = await publish(world, 5, send_at=world.now + HOUR)
    step = CancelBatch(world.account_id, batch.id, world.now, 2, once=world.once())
    assert await world.write(step) == Step(2, messages[1].id)
    again = Step(2, messages[1].id, replayed=True)
    assert await world.write(step) == again
    assert await world.write(replace(step, after_id=messages[1].id)) == Step(2, messages[3].id)
    assert await world.write(replace(step, after_id=messages[3].id)) == Step(1, None)
    assert await world.write(step) == Step(5, None, replayed=True)
    assert (await look(world, batch)).states == {"canceled": 5}


async def test_of_two_batches_under_one_key_in_one_commit_the_first_is_stopped_and_the_other_is_not(
    world: World,
):
    first, _ = await publish(world, 2)
    other, _ = await publish(world, 2)
    step = CancelBatch(world.account_id, first.id, world.now, 10, once=world.once())
    answers = await world.together(
        step, replace(step, batch_id=other.id, once=world.once(request=b"other")), step
    )
    assert world.groups[-1] == 3
    assert (answers[0], answers[2]) == (Step(2, None), Step(2, None, replayed=True))
    assert answers[1].code is Code.IDEMPOTENCY_KEY_REUSED
    assert (await look(world, first)).states == {"canceled": 2}
    assert (await look(world, other)).states == {"queued": 2}
