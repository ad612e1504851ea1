"""Holding: what a restored backup cannot know the fate of waits until an operator releases it."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import AGE_LIMIT_US, Lane, State
from posthouse.core.ports.admin import NextBoot
from posthouse.core.ports.holding import CountHeld, HoldOpen, LeapBoot, ListHeld, Release
from posthouse.core.ports.life import AgeMessages, Cancel, DropStaged, QueueScheduled, Stage
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Unknown
from tests.contracts.build import HOUR, SECOND, World


async def hold(world: World, limit: int = 100) -> int:
    """Hold all that is open, as `restore` does; answers in how many steps."""
    last, steps = await world.write(HoldOpen(world.now, limit)), 0
    while last is not None:
        last, steps = await world.write(HoldOpen(world.now, limit, last)), steps + 1
    return steps


async def release(world: World, *messages) -> int:
    return await world.write(Release(tuple(message.id for message in messages), world.now))


async def kinds(world: World, message) -> list[str]:
    return [event.kind for event in await world.events(message)]


async def is_idle(world: World) -> bool:
    """Nothing is in any line, now or ever after."""
    world.later(2 * AGE_LIMIT_US)
    queued = await world.write(QueueScheduled(world.now, 10))
    aged = await world.write(AgeMessages(world.now, 10))
    return (queued, aged, await world.claim(), await world.unanswered()) == (0, 0, [], [])


@pytest.mark.parametrize(
    "kind", ["queued", "deferred", "claimed", "scheduled", "unknown", "asked", "sending"]
)
async def test_an_open_message_is_out_of_every_line_until_it_is_released(world: World, kind):
    message, state = await opened(world, kind)
    await hold(world)
    assert [held.id for held in await world.read(ListHeld())] == [message.id]
    assert await world.read(CountHeld()) == {state: 1}
    assert (await kinds(world, message))[-1] == "held"
    record = await world.get(message)
    assert (record.state, record.due_at, record.look_at, record.charge) == (state.value, None, None, "held")
    now = world.now
    assert await is_idle(world)
    world.now = now
    assert (await world.restart()).freed == 0
    assert await release(world, message) == 1
    assert await world.read(CountHeld()) == {}
    assert (await kinds(world, message))[-1] == "released"
    world.later(HOUR)
    await world.write(QueueScheduled(world.now, 10))
    found = await world.unanswered() if state is State.UNKNOWN else await world.claim()
    assert [each.id for each in found] == [message.id]


def refer(world: World, message) -> None:
    """The vendor's reference of the first attempt is known after all."""
    values = f"1, 'late', '{message.recipient}', 1, {message.id}, 1, {world.now}"
    columns = "channel_id, reference, recipient, part, message_id, attempt, created_at"
    world.plant(f"INSERT INTO vendor_references ({columns}) VALUES ({values})")  # noqa: S608 - our own words


async def opened(world: World, kind: str):
    """A message at this point of its life, and the state it is held in."""
    message = await world.accept(send_at=world.now + HOUR if kind == "scheduled" else None)
    match kind:
        case "scheduled":
            return message, State.SCHEDULED
        case "deferred":
            await world.tried(message, Deferred(Reason.RATE_LIMITED))
        case "claimed":
            await world.take(message)
        case "sending":
            await world.begun(message)
            return message, State.UNKNOWN
        case "unknown" | "asked":
            await world.tried(message, Unknown("timeout"))
            if kind == "asked":
                world.later(SECOND)
                await world.unanswered()
            return message, State.UNKNOWN
    return message, State.QUEUED


async def test_a_started_attempt_becomes_unknown_and_is_asked_about_and_never_sent_again_on_a_guess(
    world: World,
):
    message = await world.accept()
    await world.begun(message)
    await hold(world)
    assert await kinds(world, message) == ["accepted", "sending", "unknown", "held"]
    [attempt] = await world.attempts(message)
    assert (attempt.outcome, attempt.text) == (
        "unknown",
        "the backup was taken before the answer was recorded",
    )
    await release(world, message)
    assert await world.claim() == []
    [asked] = await world.unanswered()
    await world.record(asked, asked.attempt, Accepted("ref"))
    assert await world.standing(message) == ("sent", "settled")


async def test_a_second_attempt_in_doubt_leaves_a_message_that_was_taken_waiting_for_its_receipt(
    world: World,
):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(5 * SECOND)
    [asked] = await world.unanswered()
    await world.resolve(asked, resend=True)
    await world.begun(message)
    world.plant("UPDATE attempts SET outcome = 'accepted' WHERE number = 1")
    await hold(world)
    assert await world.read(CountHeld()) == {}
    assert (await world.get(message)).state == "sent"


async def test_what_a_vendor_took_is_not_held_and_its_receipt_still_counts(world: World):
    message = await world.sent()
    assert await hold(world) == 0
    assert (await kinds(world, message))[-1] == "sent"
    await world.settle(Fate.DELIVERED)
    assert await world.standing(message) == ("delivered", "settled")


async def test_what_a_vendor_took_is_waited_for_anew_from_the_restore_on(world: World):
    messages = [await world.sent(f"ref-{n}") for n in range(3)]
    world.later(AGE_LIMIT_US)  # so old is the backup
    known = [await kinds(world, message) for message in messages]
    assert await hold(world, limit=2) == 2
    assert await world.write(AgeMessages(world.now, 10)) == 0
    assert [(await world.get(message)).look_at for message in messages] == [world.now + AGE_LIMIT_US] * 3
    assert [await kinds(world, message) for message in messages] == known
    assert await hold(world) == 0
    await world.settle(Fate.DELIVERED, "ref-0")
    world.later(AGE_LIMIT_US)
    assert await world.write(AgeMessages(world.now, 10)) == 2


async def test_what_was_sent_on_a_channel_without_receipts_stays_sent_for_good(world: World):
    message = await world.accept()
    await world.tried(message, Accepted("ref"), receipts=False)
    assert await hold(world) == 0
    assert (await world.get(message)).look_at is None


async def test_what_has_ended_is_not_held(world: World):
    await world.sent()
    await world.settle(Fate.DELIVERED)
    message = await world.accept()
    await world.write(Cancel(world.account_id, message.id, world.now))
    assert await hold(world) == 0


async def test_a_batch_that_nobody_saw_is_swept_and_not_held(world: World):
    batch, messages = world.batch(3)
    await world.write(Stage(batch, messages))
    assert await hold(world) == 0
    assert await world.write(DropStaged(world.now + 1, 10)) == 3


async def test_holding_goes_in_bounded_steps_and_a_second_time_finds_nothing(world: World):
    messages = await world.accept_many(5)
    assert await hold(world, limit=2) == 3
    assert await hold(world) == 0
    first = await world.read(ListHeld(limit=2))
    rest = await world.read(ListHeld(after_id=first[-1].id))
    assert [held.id for held in (*first, *rest)] == [message.id for message in messages]


async def test_held_messages_are_listed_by_state(world: World):
    queued = await world.accept()
    scheduled = await world.accept(send_at=world.now + HOUR)
    await hold(world)
    [found] = await world.read(ListHeld(frozenset({State.SCHEDULED})))
    assert (found.id, found.state, found.look_at) == (scheduled.id, State.SCHEDULED, scheduled.look_at)
    [found] = await world.read(ListHeld(frozenset({State.QUEUED, State.UNKNOWN})))
    assert (found.id, found.due_at, found.held_at) == (queued.id, queued.due_at, world.now)


async def test_a_schedule_that_is_released_in_time_keeps_its_time(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    await hold(world)
    await release(world, message)
    assert (await world.get(message)).look_at == world.now + HOUR
    assert await world.write(QueueScheduled(world.now, 10)) == 0


async def test_a_held_message_can_be_cancelled_and_its_money_comes_back(world: World):
    for send_at in (None, world.now + HOUR):
        message = await world.accept(send_at=send_at)
        await hold(world)
        await world.write(Cancel(world.account_id, message.id, world.now))
        assert await world.standing(message) == ("canceled", "released")
        assert await world.read(CountHeld()) == {}
        assert await release(world, message) == 0
    assert await world.purses() == (100, 0, 0)


async def test_a_held_message_that_a_handset_may_have_cannot_be_cancelled(world: World):
    message = await world.accept()
    await world.begun(message)
    await hold(world)
    with pytest.raises(Refusal) as refusal:
        await world.write(Cancel(world.account_id, message.id, world.now))
    assert refusal.value.code is Code.NOT_CANCELABLE
    assert await world.read(CountHeld()) == {State.UNKNOWN: 1}


async def test_a_receipt_settles_a_held_message_which_is_held_no_longer(world: World):
    # A first attempt was taken after all, while the message waited for its second.
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(5 * SECOND)
    [asked] = await world.unanswered()
    await world.resolve(asked, resend=True)
    await hold(world)
    refer(world, message)
    await world.settle(Fate.DELIVERED, "late")
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.read(CountHeld()) == {}
    assert await release(world, message) == 0
    assert (await kinds(world, message))[-1] == "delivered"


async def test_a_receipt_that_tells_of_a_failure_leaves_a_waiting_message_held(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(5 * SECOND)
    [asked] = await world.unanswered()
    await world.resolve(asked, resend=True)
    await hold(world)
    refer(world, message)
    await world.settle(Fate.UNDELIVERED, "late")
    assert await world.read(CountHeld()) == {State.QUEUED: 1}
    assert await world.claim(lane=Lane.OTP) == []


async def test_only_what_is_held_is_released_and_once(world: World):
    message, other = await world.accept(), await world.accept()
    await world.take(message)
    await hold(world)
    later = await world.accept()
    claimed = await world.take(later)
    assert await release(world, message, later) == 1
    assert await release(world, message) == 0
    assert await world.start(claimed) == 1, "its lease was left alone"
    assert [held.id for held in await world.read(ListHeld())] == [other.id]
    assert (await kinds(world, message)).count("released") == 1


async def test_releases_that_wait_together_release_a_message_once(world: World):
    message = await world.accept()
    await hold(world)
    assert await world.together(*[Release((message.id,), world.now)] * 3) == [1, 0, 0]


async def test_a_released_unknown_that_is_older_than_72_hours_ends_unconfirmed(world: World):
    message = await world.accept()
    await world.begun(message)
    await hold(world)
    world.later(AGE_LIMIT_US)
    await release(world, message)
    assert await world.unanswered() == []
    assert await world.standing(message) == ("unconfirmed", "settled")


async def test_what_was_not_sent_after_all_goes_back_to_its_line_after_its_release(world: World):
    message = await world.accept()
    await world.begun(message)
    await hold(world)
    await release(world, message)
    [asked] = await world.unanswered()
    await world.record(asked, asked.attempt, NotSent("nobody has it"))
    world.later(HOUR)
    assert [claimed.id for claimed in await world.claim()] == [message.id]


async def test_the_boot_number_leaps_over_those_that_may_have_been_drawn_since(world: World):
    before = await world.write(NextBoot())
    await world.write(LeapBoot(1000))
    assert await world.write(NextBoot()) == before + 1001
