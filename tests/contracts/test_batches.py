"""Batches: one hold, chunks that become visible together, leftovers that are swept."""

import asyncio

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import STEP
from posthouse.core.message import Lane
from posthouse.core.ports.life import Cancel, DropStaged, QueueScheduled, Stage
from posthouse.core.ports.queries import GetMessage, GetStanding, GetTrace
from tests.contracts.build import DAY, FUNDS, HOUR, PRICE, World


async def test_a_batch_is_accepted_with_one_hold(world: World):
    batch, messages = world.batch(10)
    before = await world.balance()
    await world.write(world.publish(batch, *messages))
    after = await world.balance()
    assert after.transfers == before.transfers + 1
    assert await world.purses() == (90, 10, 0)
    listed = await world.listed()
    assert {record.batch_id for record in listed} == {batch.id}
    assert [record.number for record in listed] == list(range(10, 0, -1))


async def test_a_batch_without_funds_is_refused_whole(world: World):
    batch, messages = world.batch(101)
    with pytest.raises(Refusal) as refused:
        await world.write(world.publish(batch, *messages))
    assert refused.value.code is Code.INSUFFICIENT_BALANCE
    assert await world.listed() == []
    assert await world.purses() == (100, 0, 0)


async def test_each_message_of_a_batch_is_settled_or_released_on_its_own(world: World):
    batch, messages = world.batch(3)
    await world.write(world.publish(batch, *messages))
    await world.write(Cancel(world.account_id, messages[0].id, world.now))
    assert await world.purses() == (98, 2, 0)


async def test_staged_chunks_are_invisible_until_the_batch_is_published_and_then_all_there(world: World):
    batch, messages = world.batch(6)
    for chunk in (messages[:2], messages[2:4], messages[4:]):
        await world.write(Stage(batch, chunk))
        assert await world.listed() == []
        assert await world.listed(account_id=None) == []
        assert await world.read(GetMessage(world.account_id, messages[0].id)) is None
        assert await world.read(GetTrace(None, messages[0].id)) is None
        assert await world.claim(10) == []
        assert await world.purses() == (100, 0, 0)
    standing = await world.read(GetStanding(world.account_id, DAY))
    assert standing is not None
    assert (standing.total, standing.today) == (0, 0)

    await world.write(world.publish(batch))
    assert await world.count() == 6
    assert await world.purses() == (94, 6, 0)
    standing = await world.read(GetStanding(world.account_id, DAY))
    assert standing is not None
    assert (standing.total, standing.today) == (6, 6)
    assert {claimed.id for claimed in await world.claim(10)} == {message.id for message in messages}
    assert [event.kind for event in await world.events(messages[5])] == [
        "accepted",
    ]


async def test_chunks_may_arrive_in_one_commit_and_in_any_order(world: World):
    batch, messages = world.batch(40)
    chunks = [messages[at : at + 10] for at in (30, 0, 20, 10)]
    answers = await world.together(*(Stage(batch, chunk) for chunk in chunks), world.publish(batch))
    assert not any(isinstance(answer, Exception) for answer in answers)
    assert await world.count() == 40
    assert await world.purses() == (60, 40, 0)


async def test_staged_messages_do_not_hide_others_from_a_claim(world: World):
    batch, messages = world.batch(20)
    await world.write(Stage(batch, messages))
    message = await world.accept()
    assert [claimed.id for claimed in await world.claim(5)] == [message.id]


async def test_a_staged_batch_without_funds_is_refused_and_stays_invisible(world: World):
    batch, messages = world.batch(101)
    await world.write(Stage(batch, messages))
    with pytest.raises(Refusal) as refused:
        await world.write(world.publish(batch))
    assert refused.value.code is Code.INSUFFICIENT_BALANCE
    assert await world.listed() == []
    assert await world.purses() == (100, 0, 0)


async def test_a_staged_batch_with_a_used_key_answers_the_first_reply_and_is_left_to_the_sweeper(
    world: World,
):
    first, messages = world.batch(2)
    await world.write(world.publish(first, *messages, once=world.once()))
    second, copies = world.batch(2)
    await world.write(Stage(second, copies))
    done = await world.write(world.publish(second, once=world.once()))
    assert done.replayed == b"reply"
    assert await world.count() == 2
    world.later(HOUR)
    assert await world.write(DropStaged(world.now, 100)) == 2


async def test_leftovers_are_swept_in_bounded_steps_and_leave_no_trace(world: World):
    batch, messages = world.batch(5)
    await world.write(Stage(batch, messages))
    published, kept = world.batch(3)
    await world.write(Stage(published, kept))
    await world.write(world.publish(published))
    world.later(HOUR)
    assert [await world.write(DropStaged(world.now, 2)) for _ in range(4)] == [2, 2, 1, 0]
    assert await world.count() == 3
    assert await world.purses() == (97, 3, 0)


async def test_one_refused_batch_is_dropped_at_once_and_no_other(world: World):
    refused, messages = world.batch(3)
    await world.write(Stage(refused, messages))
    waiting, others = world.batch(2)
    await world.write(Stage(waiting, others))
    drop = DropStaged(refused.created_at + 1, 2, refused.id)
    assert [await world.write(drop) for _ in range(3)] == [2, 1, 0]
    await world.write(world.publish(waiting))
    assert await world.count() == 2
    drop = DropStaged(waiting.created_at + 1, 2, waiting.id)
    assert await world.write(drop) == 0
    assert await world.count() == 2


async def test_what_was_swept_can_be_staged_again_and_has_one_story(world: World):
    batch, messages = world.batch(2)
    await world.write(Stage(batch, messages))
    world.later(HOUR)
    assert await world.write(DropStaged(world.now, 100)) == 2
    await world.write(Stage(batch, messages))
    await world.write(world.publish(batch))
    assert [event.kind for event in await world.events(messages[0])] == ["accepted"]


async def test_what_was_staged_lately_is_not_swept(world: World):
    batch, messages = world.batch(2)
    await world.write(Stage(batch, messages))
    assert await world.write(DropStaged(world.now, 100)) == 0
    await world.write(world.publish(batch))
    assert await world.count() == 2


async def test_a_swept_batch_cannot_be_published(world: World):
    batch, messages = world.batch(2)
    await world.write(Stage(batch, messages))
    world.later(HOUR)
    await world.write(DropStaged(world.now, 100))
    with pytest.raises(Refusal) as refused:
        await world.write(world.publish(batch))
    assert refused.value.code is Code.UNAVAILABLE
    assert await world.purses() == (100, 0, 0)


async def test_a_batch_that_lost_chunks_to_the_sweeper_cannot_be_published(world: World):
    batch, messages = world.batch(4)
    await world.write(Stage(batch, messages))
    world.later(HOUR)
    await world.write(DropStaged(world.now, 3))
    with pytest.raises(Refusal) as refused:
        await world.write(world.publish(batch))
    assert refused.value.code is Code.UNAVAILABLE
    assert await world.listed() == []


async def test_a_batch_whose_first_chunk_was_swept_before_the_last_came_cannot_be_published(world: World):
    batch, messages = world.batch(4)
    await world.write(Stage(batch, messages[:2]))
    world.later(HOUR)
    await world.write(DropStaged(world.now, 100))
    await world.write(Stage(batch, messages[2:]))
    with pytest.raises(Refusal) as refused:
        await world.write(world.publish(batch))
    assert refused.value.code is Code.UNAVAILABLE


async def test_nothing_can_be_staged_into_a_published_batch(world: World):
    batch, messages = world.batch(2)
    await world.write(world.publish(batch, *messages))
    stray = world.message(id=batch.last_id + STEP, batch_id=batch.id)
    with pytest.raises(Refusal):
        await world.write(Stage(batch, (stray,)))
    assert await world.count() == 2


async def test_a_batch_is_published_once(world: World):
    batch, messages = world.batch(2)
    await world.write(Stage(batch, messages))
    answers = await world.together(world.publish(batch), world.publish(batch))
    assert isinstance(answers[1], Refusal)
    assert await world.purses() == (98, 2, 0)


async def test_a_staged_message_cannot_be_cancelled(world: World):
    await world.accept()
    batch, messages = world.batch(2)
    await world.write(Stage(batch, messages))
    with pytest.raises(Refusal) as refused:
        await world.write(Cancel(world.account_id, messages[0].id, world.now))
    assert refused.value.code is Code.NOT_FOUND
    assert await world.purses() == (99, 1, 0)


async def test_a_staged_schedule_does_not_begin_before_the_batch_is_published(world: World):
    batch, messages = world.batch(2, send_at=world.now + HOUR)
    await world.write(Stage(batch, messages))
    world.later(2 * HOUR)
    assert await world.write(QueueScheduled(world.now, 100)) == 0
    await world.write(world.publish(batch))
    assert await world.write(QueueScheduled(world.now, 100)) == 2
    assert len(await world.claim(10)) == 2


async def test_many_batches_at_once_each_hold_their_own(world: World):
    rich = await world.account("rich", credit=FUNDS)
    batches = [world.batch(20, account_id=rich, lane=Lane.MARKETING.value) for _ in range(6)]
    answers = await asyncio.gather(
        *(world.write(world.publish(batch, *messages)) for batch, messages in batches), return_exceptions=True
    )
    assert sum(isinstance(answer, Refusal) for answer in answers) == 1
    assert (await world.balance(rich)).held == 100 * PRICE
