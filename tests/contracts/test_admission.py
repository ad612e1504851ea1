"""Who is let in: nobody on the list, and nobody more often in a minute, an hour, a day than is allowed."""

import asyncio
import json
from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admission import Admit, Recipient, Suppress, Suppression
from posthouse.core.ports.batches import GetBatch
from posthouse.core.ports.changes import CancelBatch
from posthouse.core.ports.life import Accept, Cancel, DropStaged, Forget, NewBatch, NewMessage, Once, Stage
from posthouse.core.verdict import Accepted
from tests.contracts.build import HOUR, PRICE, SECOND, TO, World, acceptances

MINUTE = 60 * SECOND
DAY = 24 * HOUR
OTHER = "+8613800138001"
NOTIFICATION = Lane.NOTIFICATION


def limited(
    world: World, *, limits: RecipientLimits | None, once: Once | None = None, **fields: object
) -> Accept:
    return replace(world.acceptance(world.message(**fields), once=once), limits=limits)


async def refused(world: World, command: Accept) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await world.write(command)
    assert caught.value.code is Code.RECIPIENT_LIMITED
    return caught.value


def admit(
    world: World,
    *numbers: str,
    limits: RecipientLimits,
    lane: Lane = NOTIFICATION,
    mode: Mode = Mode.LIVE,
    batch: NewBatch | None = None,
) -> Admit:
    recipients = tuple(Recipient(number, lane) for number in numbers)
    return Admit(batch or world.batch(len(numbers))[0], mode, recipients, ((lane, limits),))


def dropping(admitted: Admit) -> DropStaged:
    """Everything of the batch goes in one step."""
    return DropStaged(admitted.batch.created_at + 1, 100, admitted.batch.id)


def codes(answers: list[Refusal | None]) -> list[Code | None]:
    return [None if answer is None else answer.code for answer in answers]


async def test_of_a_hundred_at_once_for_one_number_exactly_as_many_are_accepted_as_the_limit_says(
    world: World,
):
    rich = await world.account("rich", credit=1000 * PRICE)
    commands = [limited(world, limits=RecipientLimits(day=3), account_id=rich) for _ in range(100)]
    answers = await asyncio.gather(*map(world.write, commands), return_exceptions=True)
    assert len(acceptances(answers)) == 3
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {Code.RECIPIENT_LIMITED}
    assert len(await world.listed(account_id=rich)) == 3
    assert (await world.balance(rich)).held == 3 * PRICE


async def test_messages_of_one_commit_see_each_other(world: World):
    limits = RecipientLimits(minute=2)
    commands = [limited(world, limits=limits, recipient=to) for to in (TO, OTHER, TO, OTHER, TO, OTHER)]
    answers = await world.together(*commands)
    assert world.groups[-1] == 6
    assert [isinstance(answer, Refusal) for answer in answers] == [False] * 4 + [True] * 2


async def test_each_window_slides_over_the_times_of_acceptance(world: World):
    limits = RecipientLimits(minute=1, hour=2, day=3)
    await world.write(limited(world, limits=limits))
    world.later(59 * SECOND)
    refusal = await refused(world, limited(world, limits=limits))
    assert dict(refusal.facts) == {"limit": 1, "window": "minute", "retry_after_s": 1}
    assert refusal.param == "to"
    world.later(SECOND)
    await world.write(limited(world, limits=limits))
    world.later(MINUTE)
    refusal = await refused(world, limited(world, limits=limits))
    assert dict(refusal.facts) == {"limit": 2, "window": "hour", "retry_after_s": 3600 - 120}
    world.later(HOUR - 2 * MINUTE)
    await world.write(limited(world, limits=limits))
    world.later(HOUR)
    refusal = await refused(world, limited(world, limits=limits))
    assert dict(refusal.facts) == {"limit": 3, "window": "day", "retry_after_s": 22 * 3600}
    world.later(22 * HOUR)
    await world.write(limited(world, limits=limits))


async def test_numbers_purposes_and_accounts_are_counted_apart(world: World):
    limits = RecipientLimits(day=1)
    other = await world.account("other")
    await world.write(limited(world, limits=limits))
    await world.write(limited(world, limits=limits, recipient=OTHER))
    await world.write(limited(world, limits=limits, lane=Lane.OTP.value))
    await world.write(limited(world, limits=limits, account_id=other))
    await refused(world, limited(world, limits=limits))


async def test_messages_of_test_keys_are_counted_apart_from_live_ones(world: World):
    limits = RecipientLimits(day=2)
    rehearsal = admit(world, TO, limits=limits, mode=Mode.TEST)
    assert codes(await world.write(rehearsal)) == [None]
    await world.write(limited(world, limits=limits, mode=Mode.TEST.value))
    await refused(world, limited(world, limits=limits, mode=Mode.TEST.value))
    assert codes(await world.write(admit(world, TO, TO, TO, limits=limits))) == [
        None,
        None,
        Code.RECIPIENT_LIMITED,
    ]
    await world.write(dropping(rehearsal))
    await refused(world, limited(world, limits=limits))
    await world.write(limited(world, limits=limits, mode=Mode.TEST.value))


async def test_a_canceled_message_makes_room_for_another_one_and_only_once(world: World):
    limits = RecipientLimits(day=2)
    first, second = [limited(world, limits=limits, send_at=world.now + HOUR) for _ in range(2)]
    await world.write(first)
    world.later(SECOND)
    await world.write(replace(second, at=world.now, messages=(world.message(send_at=world.now + HOUR),)))
    await refused(world, limited(world, limits=limits))
    [message] = first.messages
    cancel = Cancel(world.account_id, message.id, world.now, world.once())
    assert await world.together(cancel, cancel) == [False, True]
    with pytest.raises(Refusal):
        await world.write(replace(cancel, once=None))
    assert world.backend.count("admissions") == 1
    await world.write(limited(world, limits=limits))
    await refused(world, limited(world, limits=limits))


async def test_what_cannot_be_canceled_any_more_still_counts(world: World):
    limits = RecipientLimits(day=1)
    command = limited(world, limits=limits)
    await world.write(command)
    [message] = command.messages
    await world.tried(message, Accepted("ref"))
    with pytest.raises(Refusal):
        await world.write(Cancel(world.account_id, message.id, world.now))
    await refused(world, limited(world, limits=limits))


async def test_canceling_a_message_that_was_not_counted_takes_no_others_place(world: World):
    limits, send_at = RecipientLimits(day=1), world.now + HOUR
    uncounted = await world.accept(send_at=send_at)
    world.later(SECOND)
    for fields in ({}, {"mode": Mode.TEST.value}, {"lane": Lane.OTP.value}, {"recipient": OTHER}):
        await world.write(limited(world, limits=limits, **fields))
    await world.write(Cancel(world.account_id, uncounted.id, world.now))
    assert world.backend.count("admissions") == 4


async def test_a_canceled_batch_makes_room_for_as_many_as_were_stopped(world: World):
    limits, send_at = RecipientLimits(day=3), world.now + HOUR
    batch, messages = world.batch(3, send_at=send_at)
    assert codes(await world.write(admit(world, TO, TO, TO, limits=limits, batch=batch))) == [None] * 3
    await world.write(world.publish(batch, *messages))
    await world.write(Cancel(world.account_id, messages[0].id, world.now))
    stopped = await world.write(CancelBatch(world.account_id, batch.id, world.now, 1))
    assert (stopped.changed, world.backend.count("admissions")) == (1, 1)
    await world.write(CancelBatch(world.account_id, batch.id, world.now, 10, messages[1].id))
    assert world.backend.count("admissions") == 0
    await world.write(CancelBatch(world.account_id, batch.id, world.now, 10))
    assert codes(await world.write(admit(world, *[TO] * 4, limits=limits)))[2:] == [
        None,
        Code.RECIPIENT_LIMITED,
    ]


async def test_a_limit_of_none_at_all_lets_nothing_pass_and_an_empty_one_everything(world: World):
    await refused(world, limited(world, limits=RecipientLimits(minute=0)))
    for _ in range(3):
        await world.write(limited(world, limits=RecipientLimits()))


async def test_a_scheduled_message_counts_when_it_is_accepted(world: World):
    limits = RecipientLimits(hour=1)
    await world.write(limited(world, limits=limits, send_at=world.now + 10 * HOUR))
    await refused(world, limited(world, limits=limits))
    world.later(HOUR)
    await world.write(limited(world, limits=limits))


async def test_what_is_refused_is_not_counted_and_uses_no_key_up(world: World):
    limits = RecipientLimits(minute=1, hour=2)
    await world.write(limited(world, limits=limits))
    for _ in range(5):
        await refused(world, limited(world, limits=limits, once=world.once()))
    world.later(MINUTE)
    assert (await world.write(limited(world, limits=limits, once=world.once()))).replayed is None
    poor = await world.account("poor", credit=0)
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            await world.write(limited(world, limits=RecipientLimits(day=1), account_id=poor))
        assert caught.value.code is Code.INSUFFICIENT_BALANCE


async def test_a_repetition_under_the_same_key_is_answered_and_not_counted(world: World):
    limits = RecipientLimits(day=1)
    first, again = (limited(world, limits=limits, once=world.once()) for _ in range(2))
    answers = await world.together(first, again)
    assert [answer.replayed for answer in answers] == [None, b"reply"]
    assert (await world.write(limited(world, limits=limits, once=world.once()))).replayed == b"reply"
    assert world.backend.count("admissions") == 1


async def test_without_limits_nothing_is_counted(world: World):
    await world.accept()
    batch, messages = world.batch(3)
    await world.write(world.publish(batch, *messages))
    await world.write(replace(admit(world, TO, limits=RecipientLimits(day=1)), limits=()))
    assert world.backend.count("admissions") == 0


async def test_limits_may_be_narrowed_and_widened_over_what_was_counted(world: World):
    for _ in range(3):
        await world.write(limited(world, limits=RecipientLimits(day=5)))
    await refused(world, limited(world, limits=RecipientLimits(hour=2)))
    await world.write(limited(world, limits=RecipientLimits(day=4)))


async def test_a_batch_is_admitted_recipient_by_recipient_and_counted_at_once(world: World):
    limits = RecipientLimits(day=2)
    await world.write(limited(world, limits=limits))
    answers = await world.write(admit(world, TO, OTHER, TO, OTHER, OTHER, limits=limits))
    assert codes(answers) == [None, None, Code.RECIPIENT_LIMITED, None, Code.RECIPIENT_LIMITED]
    await refused(world, limited(world, limits=limits))
    await refused(world, limited(world, limits=limits, recipient=OTHER))


async def test_purposes_of_a_batch_that_have_no_limits_pass(world: World):
    recipients = tuple(Recipient(TO, lane) for lane in (Lane.OTP, Lane.MARKETING) for _ in range(2))
    limits = ((Lane.MARKETING, RecipientLimits(day=1)),)
    answers = await world.write(Admit(world.batch(4)[0], Mode.LIVE, recipients, limits))
    assert codes(answers) == [None, None, None, Code.RECIPIENT_LIMITED]
    assert world.backend.count("admissions") == 1


async def test_batches_and_single_messages_of_one_commit_share_the_limit(world: World):
    limits = RecipientLimits(day=3)
    answers = await world.together(
        admit(world, TO, TO, limits=limits),
        limited(world, limits=limits),
        limited(world, limits=limits),
        admit(world, TO, OTHER, limits=limits),
    )
    assert world.groups[-1] == 4
    batches = [*answers[0], *answers[3]]
    passed = batches.count(None) + len(acceptances(answers))
    assert passed == 4  # three for the one number, one for the other
    assert answers[3][1] is None


async def test_a_batch_that_was_not_accepted_after_all_is_counted_back(world: World):
    limits = RecipientLimits(day=2)
    await world.write(limited(world, limits=limits))
    world.later(SECOND)
    admitted = admit(world, TO, OTHER, OTHER, limits=limits)
    assert codes(await world.write(admitted)) == [None, None, None]
    await world.write(dropping(admitted))
    assert world.backend.count("admissions") == 1
    assert codes(await world.write(admitted)) == [None, None, None]
    await refused(world, limited(world, limits=limits))


async def test_counting_back_takes_no_more_than_was_admitted_to_that_batch(world: World):
    limits = RecipientLimits(day=4)
    admitted, other = (admit(world, TO, limits=limits) for _ in range(2))  # of the same microsecond
    await world.write(admitted)
    await world.write(other)
    await world.write(limited(world, limits=limits))
    assert await world.write(dropping(admitted)) == 1
    assert world.backend.count("admissions") == 2
    assert await world.write(dropping(admitted)) == 0


async def test_what_a_crash_left_of_a_batch_is_counted_back_in_bounded_steps(world: World):
    limits = RecipientLimits(day=1)
    batch, messages = world.batch(3)
    numbers = [TO, OTHER, "+8613800138002"]
    await world.write(admit(world, *numbers, limits=limits, batch=batch))
    await world.write(Stage(batch, messages))
    await world.restart()
    await refused(world, limited(world, limits=limits))
    world.later(SECOND)
    assert [await world.write(DropStaged(world.now, 2)) for _ in range(4)] == [2, 2, 2, 0]
    assert [world.backend.count(table) for table in ("batches", "messages", "admissions")] == [0, 0, 0]
    await world.write(limited(world, limits=limits))


async def test_nobody_sees_a_batch_whose_recipients_were_admitted_until_it_is_accepted(world: World):
    limits = RecipientLimits(day=1)
    batch, messages = world.batch(2)
    await world.write(admit(world, TO, TO, limits=limits, batch=batch))
    assert await world.read(GetBatch(world.account_id, batch.id)) is None
    smaller = replace(batch, count=1, amount=PRICE)  # the other was one too many
    await world.write(world.publish(smaller, messages[0]))
    found = await world.read(GetBatch(world.account_id, batch.id))
    assert found is not None
    assert (found.count, found.amount) == (1, PRICE)
    assert await world.write(dropping(admit(world, TO, limits=limits, batch=batch))) == 0
    assert world.backend.count("admissions") == 1


async def test_the_same_is_true_of_a_batch_in_chunks(world: World):
    limits = RecipientLimits(day=1)
    batch, messages = world.batch(3)
    await world.write(admit(world, TO, OTHER, TO, limits=limits, batch=batch))
    smaller = replace(batch, count=2, amount=2 * PRICE)
    await world.write(Stage(smaller, messages[:2]))
    await world.write(world.publish(smaller))
    found = await world.read(GetBatch(world.account_id, batch.id))
    assert found is not None
    assert (found.count, found.amount) == (2, 2 * PRICE)


async def test_nobody_is_admitted_to_a_batch_that_was_accepted(world: World):
    batch, messages = world.batch(1)
    await world.write(world.publish(batch, *messages))
    with pytest.raises(Refusal) as caught:
        await world.write(admit(world, TO, limits=RecipientLimits(day=1), batch=batch))
    assert caught.value.code is Code.UNAVAILABLE
    assert world.backend.count("admissions") == 0


async def test_a_published_batch_is_not_counted_again(world: World):
    limits = RecipientLimits(day=3)
    batch, messages = world.batch(2)
    await world.write(admit(world, TO, TO, limits=limits))
    await world.write(replace(world.publish(batch, *messages), limits=limits))
    await world.write(limited(world, limits=limits))
    await refused(world, limited(world, limits=limits))


async def test_what_no_window_reaches_back_to_is_forgotten_in_bounded_steps(world: World):
    limits = RecipientLimits(day=10)
    await world.write(admit(world, *[TO] * 5, limits=limits))
    world.later(SECOND)
    await world.write(limited(world, limits=limits))
    world.later(DAY)
    assert await world.write(Forget(world.now, 3)) == 3
    assert await world.write(Forget(world.now, 3)) == 2
    assert await world.write(Forget(world.now, 3)) == 0
    assert world.backend.count("admissions") == 1
    world.later(1)
    assert await world.write(Forget(world.now, 3)) == 1


async def test_a_suppressed_recipient_is_refused_before_it_is_counted(world: World):
    await world.write(Suppress(world.account_id, Suppression(1, TO, None, None, world.now)))
    limits = RecipientLimits(minute=1)
    with pytest.raises(Refusal) as caught:
        await world.write(limited(world, limits=limits))
    assert (caught.value.code, caught.value.param) == (Code.RECIPIENT_SUPPRESSED, "to")
    answers = await world.write(admit(world, TO, OTHER, limits=limits))
    assert codes(answers) == [Code.RECIPIENT_SUPPRESSED, None]
    assert world.backend.count("admissions") == 1
    assert await world.purses() == (100, 0, 0)


async def test_counts_outlive_the_process(world: World):
    limits = RecipientLimits(day=1)
    await world.write(limited(world, limits=limits))
    await world.restart()
    await refused(world, limited(world, limits=limits))


async def told(world: World, message: NewMessage) -> object:
    [accepted, *_] = await world.events(message)
    return None if accepted.data is None else json.loads(accepted.data)


async def test_the_story_of_a_message_moved_out_of_quiet_hours_begins_with_that(world: World):
    moved = await world.accept(send_at=world.now + HOUR, postponed_from=world.now)
    assert await told(world, moved) == {
        "from": "2026-11-28T08:00:00.000000Z",
        "to": "2026-11-28T09:00:00.000000Z",
        "why": "quiet_hours",
    }
    assert (await world.get(moved)).postponed_from == world.now
    assert await told(world, await world.accept(send_at=world.now + HOUR)) is None
    batch, [staged] = world.batch(1, send_at=world.now + HOUR, postponed_from=world.now)
    await world.write(Stage(batch, (staged,)))
    await world.write(world.publish(batch))
    assert await told(world, staged) == await told(world, moved)
