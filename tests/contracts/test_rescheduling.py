"""Moving scheduled messages: another time, the same length of validity, and never one that has begun."""

import json

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import State
from posthouse.core.ports.changes import KeepReply, Reschedule
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


async def test_a_reply_is_kept_once_under_its_key(world: World):
    assert await world.write(KeepReply(world.once(reply=b"one"), world.now)) is None
    assert await world.write(KeepReply(world.once(reply=b"two"), world.now)) == b"one"
    other = KeepReply(world.once(request=b"another", reply=b"three"), world.now)
    assert await refusal(world, other) is Code.IDEMPOTENCY_KEY_REUSED
    fresh = world.once("fresh", reply=b"a")
    again = world.once("fresh", reply=b"b")
    assert await world.together(KeepReply(fresh, world.now), KeepReply(again, world.now)) == [None, b"a"]
