"""Moving scheduled messages: another time, the same length of validity, and never one that has begun."""

import json
from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import State
from posthouse.core.ports.changes import Moved, Reschedule
from posthouse.core.ports.holding import HoldOpen, Release
from posthouse.core.ports.life import Cancel, NewMessage, QueueScheduled, Stage
from tests.contracts.build import HOUR, SECOND, World


def move(world: World, message: NewMessage, to: int, validity_us: int | None = None) -> Reschedule:
    return Reschedule(message.account_id, message.id, to, validity_us, world.now)


async def refusal(world: World, command) -> Code:
    with pytest.raises(Refusal) as refused:
        await world.write(command)
    return refused.value.code


async def test_a_message_moved_later_waits_for_its_new_time(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    world.later(SECOND)
    later = world.now - SECOND + 2 * HOUR
    await world.write(move(world, message, later))
    record = await world.get(message)
    assert (record.send_at, record.look_at) == (later, later)
    assert record.expires_at == message.expires_at + HOUR
    assert (record.state, record.updated_at) == ("scheduled", world.now)
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 0
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 1
    assert [claimed.id for claimed in await world.claim()] == [message.id]


async def test_a_message_moved_earlier_goes_earlier(world: World):
    message = await world.accept(send_at=world.now + 10 * HOUR)
    await world.write(move(world, message, world.now + SECOND))
    world.later(2 * SECOND)
    assert await world.write(QueueScheduled(world.now, 10)) == 1
    assert (await world.get(message)).state == State.QUEUED


async def test_a_new_validity_counts_from_the_new_time(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    await world.write(move(world, message, world.now + 2 * HOUR, 30 * SECOND))
    assert (await world.get(message)).expires_at == world.now + 2 * HOUR + 30 * SECOND


async def test_every_move_is_told_in_the_trace_with_both_times(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    await world.write(move(world, message, world.now + 2 * HOUR))
    await world.write(move(world, message, world.now + 3 * HOUR))
    await world.write(Cancel(message.account_id, message.id, world.now))
    accepted, first, second, canceled = await world.events(message)
    assert [accepted.kind, first.kind, second.kind, canceled.kind] == [
        "accepted",
        "rescheduled",
        "rescheduled",
        "canceled",
    ]
    assert json.loads(first.data or "") == {
        "from": "2026-11-28T09:00:00.000000Z",
        "to": "2026-11-28T10:00:00.000000Z",
    }
    assert json.loads(second.data or "")["from"] == json.loads(first.data or "")["to"]


async def test_what_does_not_wait_for_its_time_cannot_be_moved(world: World):
    queued = await world.accept()
    assert await refusal(world, move(world, queued, world.now + HOUR)) is Code.NOT_RESCHEDULABLE
    await world.begun(queued)
    assert await refusal(world, move(world, queued, world.now + HOUR)) is Code.NOT_RESCHEDULABLE
    canceled = await world.accept(send_at=world.now + HOUR)
    await world.write(Cancel(canceled.account_id, canceled.id, world.now))
    assert await refusal(world, move(world, canceled, world.now + HOUR)) is Code.NOT_RESCHEDULABLE
    assert (await world.get(canceled)).send_at == canceled.send_at


async def test_a_move_and_the_scheduler_in_one_commit_agree_on_one_of_them(world: World):
    messages = [await world.accept(send_at=world.now + HOUR) for _ in range(4)]
    world.later(HOUR)
    moves = [move(world, message, world.now + HOUR) for message in messages]
    answers = await world.together(*moves[:2], QueueScheduled(world.now, 10), *moves[2:])
    for message, answer in zip(messages, [*answers[:2], *answers[3:]], strict=True):
        record = await world.get(message)
        moved = not isinstance(answer, Refusal)
        assert (record.state == "scheduled") is moved
        assert (record.send_at == world.now + HOUR) is moved
        assert (record.look_at is None) is not moved
    assert len(await world.claim()) == answers[2]


async def test_foreign_unknown_and_staged_messages_are_not_there(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    other = await world.account("other")
    foreign = Reschedule(other, message.id, world.now + 2 * HOUR, None, world.now)
    assert await refusal(world, foreign) is Code.NOT_FOUND
    unknown = Reschedule(other, 5, world.now + 2 * HOUR, None, world.now)
    assert await refusal(world, unknown) is Code.NOT_FOUND
    batch, chunk = world.batch(1, send_at=world.now + HOUR)
    await world.write(Stage(batch, chunk))
    assert await refusal(world, move(world, chunk[0], world.now + 2 * HOUR)) is Code.NOT_FOUND


async def test_a_held_message_keeps_its_new_time_for_its_release_and_does_not_come_due(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    await world.write(HoldOpen(world.now, 10))
    world.later(SECOND)
    await world.write(move(world, message, world.now + 2 * HOUR))
    record = await world.get(message)
    assert (record.send_at, record.look_at) == (world.now + 2 * HOUR, None)
    assert await world.write(Release((message.id,), world.now)) == 1
    assert (await world.get(message)).look_at == world.now + 2 * HOUR


async def test_a_time_that_is_past_or_too_far_is_refused(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    assert await refusal(world, move(world, message, world.now)) is Code.SEND_AT_IN_PAST
    assert await refusal(world, move(world, message, world.now + 91 * 24 * HOUR)) is Code.SEND_AT_TOO_FAR
    assert (await world.get(message)).send_at == message.send_at


async def test_one_key_moves_once_and_answers_as_the_first_time_even_when_the_new_time_is_past(world: World):
    start = world.now
    message = await world.accept(send_at=start + HOUR)
    keyed = replace(move(world, message, start + 2 * HOUR), once=world.once())
    first = await world.write(keyed)
    assert first == Moved(start + 2 * HOUR, message.expires_at + HOUR, world.now)
    await world.write(move(world, message, world.now + 3 * HOUR))
    world.later(5 * HOUR)
    assert await world.write(replace(keyed, at=world.now)) == replace(first, replayed=True)
    assert (await world.get(message)).send_at == start + 3 * HOUR


async def test_of_two_requests_with_one_key_in_one_commit_the_first_is_made_and_the_other_has_no_effect(
    world: World,
):
    message = await world.accept(send_at=world.now + HOUR)
    first, other = world.now + 2 * HOUR, world.now + 3 * HOUR
    answers = await world.together(
        replace(move(world, message, first), once=world.once()),
        replace(move(world, message, other), once=world.once(request=b"other")),
        replace(move(world, message, first), once=world.once()),
    )
    assert world.groups[-1] == 3
    assert not answers[0].replayed
    assert answers[1].code is Code.IDEMPOTENCY_KEY_REUSED
    assert answers[2] == replace(answers[0], replayed=True)
    assert (await world.get(message)).send_at == first
    assert [event.kind for event in await world.events(message)] == ["accepted", "rescheduled"]


async def test_a_refused_move_does_not_use_its_key_up(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    assert await refusal(world, replace(move(world, message, world.now), once=world.once())) is not None
    again = await world.write(replace(move(world, message, world.now + SECOND), once=world.once()))
    assert not again.replayed
