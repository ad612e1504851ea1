"""Moving scheduled messages: another time, the same length of validity, and never one that has begun."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane, State
from posthouse.core.ports.changes import Moved, QuietRule, Reschedule, RescheduleBatch, Step
from posthouse.core.ports.holding import HoldOpen, Release
from posthouse.core.ports.life import Cancel, NewBatch, NewMessage, QueueScheduled, Stage
from posthouse.core.quiet import quiet_hours
from tests.contracts.build import HOUR, SECOND, World

QUIET = QuietRule(quiet_hours("21:00-08:00"), ZoneInfo("Asia/Shanghai"))
"""By universal time from 13:00 until midnight; the stories begin at 08:00."""


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


MARKETING = Lane.MARKETING.value


async def test_a_marketing_message_is_moved_behind_quiet_hours_and_its_record_says_so(world: World):
    message = await world.accept(send_at=world.now + HOUR, lane=MARKETING)
    asked, morning = world.now + 6 * HOUR, world.now + 16 * HOUR
    moved = await world.write(replace(move(world, message, asked), quiet=QUIET))
    assert moved == Moved(morning, morning + 24 * HOUR, world.now)
    record = await world.get(message)
    assert (record.send_at, record.look_at, record.postponed_from) == (morning, morning, asked)
    assert record.expires_at == moved.expires_at
    _, told = await world.events(message)
    assert json.loads(told.data or "") == {
        "from": "2026-11-28T09:00:00.000000Z",
        "to": "2026-11-29T00:00:00.000000Z",
        "asked": "2026-11-28T14:00:00.000000Z",
        "why": "quiet_hours",
    }


async def test_moved_to_a_time_that_is_not_quiet_it_is_postponed_no_more(world: World):
    message = await world.accept(
        send_at=world.now + 16 * HOUR, postponed_from=world.now + 6 * HOUR, lane=MARKETING
    )
    await world.write(replace(move(world, message, world.now + 2 * HOUR), quiet=QUIET))
    record = await world.get(message)
    assert (record.send_at, record.postponed_from) == (world.now + 2 * HOUR, None)


@pytest.mark.parametrize("lane", [Lane.OTP, Lane.NOTIFICATION])
async def test_other_purposes_know_no_quiet_hours(world: World, lane: Lane):
    message = await world.accept(send_at=world.now + HOUR, lane=lane.value)
    asked = world.now + 6 * HOUR
    assert (await world.write(replace(move(world, message, asked), quiet=QUIET))).send_at == asked
    assert (await world.get(message)).postponed_from is None


async def test_a_repeated_move_tells_of_the_time_behind_quiet_hours(world: World):
    message = await world.accept(send_at=world.now + HOUR, lane=MARKETING)
    keyed = replace(move(world, message, world.now + 6 * HOUR), quiet=QUIET, once=world.once())
    first = await world.write(keyed)
    assert first.send_at == world.now + 16 * HOUR
    assert await world.write(keyed) == replace(first, replayed=True)


async def test_a_held_marketing_message_is_released_behind_quiet_hours(world: World):
    message = await world.accept(send_at=world.now + HOUR, lane=MARKETING)
    await world.write(HoldOpen(world.now, 10))
    await world.write(replace(move(world, message, world.now + 6 * HOUR), quiet=QUIET))
    assert (await world.get(message)).look_at is None
    await world.write(Release((message.id,), world.now))
    assert (await world.get(message)).look_at == world.now + 16 * HOUR


# -------------------------------------------------------------------------------------------- batches


async def publish(world: World, count: int, **fields) -> tuple[NewBatch, tuple[NewMessage, ...]]:
    batch, messages = world.batch(count, **fields)
    await world.write(world.publish(batch, *messages))
    return batch, messages


def move_batch(world: World, batch: NewBatch, to: int, limit: int = 10) -> RescheduleBatch:
    return RescheduleBatch(batch.account_id, batch.id, to, world.now, limit)


async def times(world: World, messages: tuple[NewMessage, ...]) -> list[int | None]:
    return [(await world.get(message)).send_at for message in messages]


async def test_a_batch_is_moved_in_bounded_steps(world: World):
    batch, messages = await publish(world, 5, send_at=world.now + HOUR)
    _, others = await publish(world, 2, send_at=world.now + HOUR)
    later = world.now + 2 * HOUR
    step = move_batch(world, batch, later, 2)
    assert await world.write(step) == Step(2, messages[1].id)
    assert await world.write(replace(step, after_id=messages[1].id)) == Step(2, messages[3].id)
    assert await world.write(replace(step, after_id=messages[3].id)) == Step(1, None)
    assert await times(world, messages) == [later] * 5
    assert await times(world, others) == [world.now + HOUR] * 2
    assert [event.kind for event in await world.events(messages[4])] == ["accepted", "rescheduled"]
    world.later(2 * HOUR - SECOND)
    assert await world.write(QueueScheduled(world.now, 10)) == 2
    world.later(SECOND)
    assert await world.write(QueueScheduled(world.now, 10)) == 5


async def test_each_message_of_a_batch_stays_valid_as_long_as_it_was(world: World):
    batch, messages = world.batch(2, send_at=world.now + HOUR)
    short = messages[1]._replace(expires_at=world.now + HOUR + 30 * SECOND)
    await world.write(world.publish(batch, messages[0], short))
    later = world.now + 2 * HOUR
    await world.write(move_batch(world, batch, later))
    expires = [(await world.get(message)).expires_at for message in messages]
    assert expires == [later + 24 * HOUR, later + 30 * SECOND]


async def test_what_of_a_batch_does_not_wait_for_its_time_stays_as_it_is(world: World):
    batch, messages = world.batch(4, send_at=world.now + HOUR)
    now = messages[3]._replace(state="queued", send_at=None, look_at=None, due_at=world.now)
    await world.write(world.publish(batch, *messages[:3], now))
    await world.write(Cancel(world.account_id, messages[0].id, world.now))
    assert await world.write(move_batch(world, batch, world.now + 2 * HOUR)) == Step(2, None)
    states = [(await world.get(message)).state for message in messages]
    assert states == ["canceled", "scheduled", "scheduled", "queued"]
    assert await times(world, messages[2:]) == [world.now + 2 * HOUR, None]
    world.later(2 * HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 2
    assert await world.write(move_batch(world, batch, world.now + HOUR)) == Step(0, None)


async def test_of_a_batch_marketing_messages_go_behind_quiet_hours_and_others_do_not(world: World):
    batch, messages = world.batch(2, send_at=world.now + HOUR)
    await world.write(world.publish(batch, messages[0], messages[1]._replace(lane=MARKETING)))
    asked = world.now + 6 * HOUR
    await world.write(replace(move_batch(world, batch, asked), quiet=QUIET))
    assert await times(world, messages) == [asked, world.now + 16 * HOUR]
    assert (await world.get(messages[1])).postponed_from == asked


async def test_held_messages_of_a_batch_keep_their_new_time_for_their_release(world: World):
    batch, messages = await publish(world, 3, send_at=world.now + HOUR)
    await world.write(HoldOpen(world.now, 10))
    await world.write(Release((messages[0].id,), world.now))
    later = world.now + 2 * HOUR
    assert await world.write(move_batch(world, batch, later)) == Step(3, None)
    looks = [(await world.get(message)).look_at for message in messages]
    assert looks == [later, None, None]
    await world.write(Release((messages[1].id, messages[2].id), world.now))
    assert (await world.get(messages[2])).look_at == later


async def test_foreign_unknown_and_staged_batches_are_not_there(world: World):
    batch, messages = await publish(world, 1, send_at=world.now + HOUR)
    other = await world.account("other")
    step = move_batch(world, batch, world.now + 2 * HOUR)
    assert await refusal(world, replace(step, account_id=other)) is Code.NOT_FOUND
    assert await refusal(world, replace(step, batch_id=5)) is Code.NOT_FOUND
    staged, chunk = world.batch(1, send_at=world.now + HOUR)
    await world.write(Stage(staged, chunk))
    assert await refusal(world, replace(step, batch_id=staged.id)) is Code.NOT_FOUND
    assert await times(world, messages) == [world.now + HOUR]


async def test_a_batch_is_not_moved_to_a_time_that_is_past_or_too_far_but_a_begun_move_is_ended(
    world: World,
):
    batch, messages = await publish(world, 2, send_at=world.now + HOUR)
    assert await refusal(world, move_batch(world, batch, world.now)) is Code.SEND_AT_IN_PAST
    too_far = world.now + 91 * 24 * HOUR
    assert await refusal(world, move_batch(world, batch, too_far)) is Code.SEND_AT_TOO_FAR
    soon = world.now + SECOND
    first = await world.write(move_batch(world, batch, soon, 1))
    world.later(2 * SECOND)
    assert first.looked_to == messages[0].id
    rest = replace(move_batch(world, batch, soon), after_id=messages[0].id)
    assert await world.write(rest) == Step(1, None)
    assert await times(world, messages) == [soon] * 2
    assert await world.write(QueueScheduled(world.now, 10)) == 2


async def test_steps_under_one_key_go_on_where_they_broke_off(world: World):
    batch, messages = await publish(world, 5, send_at=world.now + HOUR)
    step = replace(move_batch(world, batch, world.now + 2 * HOUR, 2), once=world.once())
    assert await world.write(step) == Step(2, messages[1].id)
    assert await world.write(step) == Step(2, messages[1].id, replayed=True)
    assert await world.write(replace(step, after_id=messages[1].id)) == Step(2, messages[3].id)
    assert await world.write(replace(step, after_id=messages[3].id)) == Step(1, None)
    assert await world.write(step) == Step(5, None, replayed=True)
    assert [len(await world.events(message)) for message in messages] == [2] * 5
    other = replace(step, once=world.once(request=b"other"))
    assert await refusal(world, other) is Code.IDEMPOTENCY_KEY_REUSED
    refused = replace(move_batch(world, batch, world.now), once=world.once("another"))
    assert await refusal(world, refused) is Code.SEND_AT_IN_PAST
    assert not (await world.write(replace(refused, send_at=world.now + HOUR))).replayed
