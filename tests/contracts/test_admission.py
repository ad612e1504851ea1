"""Who is let in: nobody on the list, and nobody more often in a minute, an hour, a day than is allowed."""

import asyncio
import json
from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane
from posthouse.core.ports.admission import Admit, Dismiss, Recipient, Suppress, Suppression
from posthouse.core.ports.life import Accept, Forget, NewMessage, Once, Stage
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


def admit(world: World, *numbers: str, limits: RecipientLimits, lane: Lane = NOTIFICATION) -> Admit:
    recipients = tuple(Recipient(number, lane) for number in numbers)
    return Admit(world.account_id, recipients, ((lane, limits),), world.now)


def dismiss(admitted: Admit) -> Dismiss:
    return Dismiss(admitted.account_id, admitted.recipients, admitted.at)


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
    answers = await world.write(Admit(world.account_id, recipients, limits, world.now))
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
    await world.write(dismiss(admitted))
    assert world.backend.count("admissions") == 1
    assert codes(await world.write(admitted)) == [None, None, None]
    await refused(world, limited(world, limits=limits))


async def test_counting_back_takes_no_more_than_was_admitted_at_that_time(world: World):
    limits = RecipientLimits(day=3)
    admitted = admit(world, TO, limits=limits)
    await world.write(admitted)
    await world.write(admitted)  # another batch of the same microsecond
    await world.write(limited(world, limits=limits, lane=Lane.OTP.value))
    await world.write(dismiss(admitted))
    assert world.backend.count("admissions") == 2
    world.later(SECOND)
    await world.write(replace(dismiss(admitted), at=world.now))
    assert world.backend.count("admissions") == 2


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
