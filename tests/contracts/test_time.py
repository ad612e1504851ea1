"""What happens by time: schedules, cancels, ageing, questions about unknown fates, the policy's word."""

from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import AGE_LIMIT_US, Ending, Lane
from posthouse.core.ports.life import AgeMessages, Cancel, Once, QueueScheduled
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Refused, Unknown
from tests.contracts.build import HOUR, SECOND, World


async def refused(world: World, message_id: int, *, account_id: int | None = None) -> Code:
    with pytest.raises(Refusal) as refusal:
        await world.write(Cancel(account_id or world.account_id, message_id, world.now))
    return refusal.value.code


async def test_a_scheduled_message_joins_its_lane_at_its_time(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    record = await world.get(message)
    assert (record.state, record.due_at, record.look_at) == ("scheduled", None, world.now + HOUR)
    world.later(HOUR - 1)
    assert await world.write(QueueScheduled(world.now, 10)) == 0
    assert await world.claim() == []
    world.later(1)
    assert await world.write(QueueScheduled(world.now, 10)) == 1
    assert await world.standing(message) == ("queued", "held")
    assert [event.kind for event in await world.events(message)] == ["accepted", "queued"]
    assert [claimed.id for claimed in await world.claim()] == [message.id]
    assert await world.write(QueueScheduled(world.now, 10)) == 0


async def test_schedules_begin_in_bounded_steps_the_longest_due_first(world: World):
    messages = [await world.accept(send_at=world.now + n * SECOND) for n in (3, 1, 2)]
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 2)) == 2
    assert [(await world.standing(message))[0] for message in messages] == ["scheduled", "queued", "queued"]
    assert await world.write(QueueScheduled(world.now, 2)) == 1


@pytest.mark.parametrize("scheduled", [True, False])
async def test_a_message_that_waits_can_be_cancelled_and_costs_nothing(world: World, scheduled):
    message = await world.accept(send_at=world.now + HOUR if scheduled else None)
    await world.write(Cancel(world.account_id, message.id, world.now))
    record = await world.get(message)
    assert (record.state, record.charge, record.due_at, record.look_at) == (
        "canceled",
        "released",
        None,
        None,
    )
    assert await world.purses() == (100, 0, 0)
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 0
    assert await world.claim() == []


@pytest.mark.parametrize("verdict", [Deferred(Reason.RATE_LIMITED), NotSent("no route")])
async def test_a_message_that_waits_for_another_try_can_be_cancelled(world: World, verdict):
    message = await world.accept()
    await world.tried(message, verdict)
    await world.write(Cancel(world.account_id, message.id, world.now))
    assert await world.standing(message) == ("canceled", "released")


@pytest.mark.parametrize(
    "verdict", [None, Accepted("ref"), Refused(Reason.BLOCKED), Unknown("timeout")], ids=repr
)
async def test_a_message_that_has_left_cannot_be_cancelled(world: World, verdict):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    if verdict is not None:
        await world.record(claimed, attempt, verdict)
    before = await world.get(message)
    assert await refused(world, message.id) is Code.NOT_CANCELABLE
    assert await world.get(message) == before


async def test_a_message_that_a_handset_may_have_cannot_be_cancelled_while_it_waits_again(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    await world.resend(message)
    assert (await world.get(message)).state == "queued"
    assert await refused(world, message.id) is Code.NOT_CANCELABLE


@pytest.mark.parametrize("end", ["delivered", "undelivered", "expired", "failed", "canceled", "unconfirmed"])
async def test_a_message_that_has_ended_cannot_be_cancelled(world: World, end):
    message = await ended(world, end)
    assert (await world.get(message)).state == end
    before = await world.get(message)
    assert await refused(world, message.id) is Code.NOT_CANCELABLE
    assert await world.get(message) == before


async def ended(world: World, end: str):
    if end in ("delivered", "undelivered", "unconfirmed"):
        message = await world.sent()
        if end == "unconfirmed":
            world.later()
            await world.write(AgeMessages(world.now, 10))
        else:
            await world.settle(Fate(end))
        return message
    message = await world.accept()
    if end == "canceled":
        await world.write(Cancel(world.account_id, message.id, world.now))
    else:
        ending = Ending.EXPIRED if end == "expired" else None
        await world.finish(await world.take(message), ending, Reason.EXPIRED)
    return message


async def test_a_message_of_another_account_or_none_is_not_found_by_a_cancel(world: World):
    other = await world.account("other")
    message = await world.accept()
    assert await refused(world, message.id, account_id=other) is Code.NOT_FOUND
    assert await refused(world, 17) is Code.NOT_FOUND
    assert await world.standing(message) == ("queued", "held")


async def test_a_cancel_is_repeated_by_its_key_and_by_nothing_else(world: World):
    message, other = await world.accept(), await world.accept()
    once = Once(world.account_id, "sms.cancel", "k", b"this message", b"")
    assert await world.write(Cancel(world.account_id, message.id, world.now, once)) is False
    assert await world.write(Cancel(world.account_id, message.id, world.now, once)) is True
    another = replace(once, fingerprint=b"the other")
    with pytest.raises(Refusal) as reused:
        await world.write(Cancel(world.account_id, other.id, world.now, another))
    assert reused.value.code is Code.IDEMPOTENCY_KEY_REUSED
    assert await world.standing(other) == ("queued", "held")


async def test_of_many_cancels_at_once_one_succeeds(world: World):
    message = await world.accept()
    answers = await world.together(*[Cancel(world.account_id, message.id, world.now)] * 5)
    assert [isinstance(answer, bool) for answer in answers] == [True, False, False, False, False]
    assert [event.kind for event in await world.events(message)] == ["accepted", "canceled"]
    assert await world.purses() == (100, 0, 0)


async def test_what_was_taken_and_not_heard_of_for_72_hours_ends_unconfirmed_and_is_paid(world: World):
    message = await world.sent()
    world.later(AGE_LIMIT_US - 1)
    assert await world.write(AgeMessages(world.now, 10)) == 0
    world.later(1)
    assert await world.write(AgeMessages(world.now, 10)) == 1
    record = await world.get(message)
    assert (record.state, record.charge, record.look_at) == ("unconfirmed", "settled", None)
    assert await world.purses() == (99, 0, 1)
    assert await world.write(AgeMessages(world.now, 10)) == 0


async def test_what_has_ended_or_has_no_receipts_does_not_age(world: World):
    heard = await world.sent()
    await world.settle(Fate.DELIVERED)
    silent = await world.accept()
    await world.tried(silent, Accepted("silent"), receipts=False)
    waiting = await world.accept()
    world.later(2 * AGE_LIMIT_US)
    assert await world.write(AgeMessages(world.now, 10)) == 0
    assert [(await world.standing(m))[0] for m in (heard, silent, waiting)] == ["delivered", "sent", "queued"]


async def test_ageing_goes_in_bounded_steps(world: World):
    for number in range(5):
        await world.sent(str(number))
    world.later()
    assert [await world.write(AgeMessages(world.now, 2)) for _ in range(4)] == [2, 2, 1, 0]


async def test_an_unknown_message_is_leased_for_a_question_when_it_is_due(world: World):
    message = await world.accept()
    await world.tried(message, Unknown("timeout"))
    started = world.now
    assert await world.unanswered() == []
    world.later(SECOND)
    [asked] = await world.unanswered()
    assert (asked.id, asked.attempt, asked.unknown_attempts) == (message.id, 1, 1)
    assert (asked.account_id, asked.recipient) == (world.account_id, message.recipient)
    assert (asked.started_at, asked.expires_at) == (started, message.expires_at)
    assert asked.lane is Lane.NOTIFICATION
    assert await world.unanswered() == []


@pytest.mark.parametrize(
    ("told", "state", "charge"),
    [
        (Accepted("ref"), "sent", "settled"),
        (Refused(Reason.BLOCKED), "failed", "released"),
        (NotSent("not found"), "queued", "held"),
        (Deferred(Reason.RATE_LIMITED), "queued", "held"),
    ],
)
async def test_what_the_vendor_tells_later_counts_as_if_the_call_had_answered(
    world: World, told, state, charge
):
    message = await world.accept()
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    [asked] = await world.unanswered()
    await world.record(asked, asked.attempt, told)
    assert await world.standing(message) == (state, charge)
    kinds = [event.kind for event in await world.events(message)]
    assert kinds[2] == "unknown"
    assert len(kinds) > 3


async def test_an_unknown_message_is_looked_at_again_when_the_policy_says_so(world: World):
    message = await world.accept()
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    [asked] = await world.unanswered()
    await world.resolve(asked, resend=False, due_at=world.now + HOUR)
    assert await world.standing(message) == ("unknown", "held")
    assert (await world.get(message)).look_at == world.now + HOUR
    assert await world.unanswered() == []
    world.later(HOUR)
    assert len(await world.unanswered()) == 1


async def test_the_policy_sends_once_more_and_the_second_unknown_is_counted(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(5 * SECOND)
    await world.resend(message)
    kinds = [event.kind for event in await world.events(message)]
    assert kinds[-2:] == ["resend", "queued"]
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    [asked] = await world.unanswered()
    assert (asked.attempt, asked.unknown_attempts) == (2, 2)


async def test_a_stale_token_resolves_nothing(world: World):
    message = await world.accept()
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    [stale] = await world.unanswered()
    assert (await world.restart()).freed == 1
    [_fresh] = await world.unanswered()
    await world.resolve(stale, resend=True)
    assert await world.standing(message) == ("unknown", "held")
    assert await world.record(stale, 1, NotSent("not found")) == {}
    assert await world.claim() == []


async def test_a_question_cut_off_by_a_crash_is_asked_again(world: World):
    message = await world.accept()
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    await world.unanswered()
    await world.restart()
    assert [asked.id for asked in await world.unanswered()] == [message.id]


async def test_an_unknown_message_ends_unconfirmed_after_72_hours_and_is_paid(world: World):
    message = await world.accept()
    await world.tried(message, Unknown("timeout"))
    world.later(AGE_LIMIT_US)
    assert await world.unanswered() == []
    assert await world.standing(message) == ("unconfirmed", "settled")
    assert await world.purses() == (99, 0, 1)


async def test_an_attempt_lost_in_a_crash_is_asked_about_at_once_and_ends_like_any_unknown(world: World):
    message = await world.accept()
    await world.begun(message)
    await world.restart()
    [asked] = await world.unanswered()
    await world.resolve(asked, resend=False, due_at=asked.started_at + AGE_LIMIT_US)
    world.later()
    await world.unanswered()
    assert await world.standing(message) == ("unconfirmed", "settled")


async def test_a_refusal_after_an_unknown_attempt_leaves_the_message_unknown_until_it_ages(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(5 * SECOND)
    await world.resend(message)
    await world.tried(message, Refused(Reason.BLOCKED))
    assert await world.standing(message) == ("unknown", "held")
    world.later()
    await world.unanswered()
    assert await world.standing(message) == ("unconfirmed", "settled")


async def test_a_second_try_not_sent_after_an_unknown_one_may_be_tried_again(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(5 * SECOND)
    await world.resend(message)
    await world.tried(message, NotSent("no route"))
    assert await world.standing(message) == ("queued", "held")
