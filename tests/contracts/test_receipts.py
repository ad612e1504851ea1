"""Receipts: early, late, doubled, out of order or unknown; they move states, and never money."""

import pytest

from posthouse.core.message import AGE_LIMIT_US, Ending, Lane
from posthouse.core.ports.life import AgeMessages, Forget, RecordReplies, Settlement, SettleReceipts
from posthouse.core.ports.queries import GetMessage
from posthouse.core.verdict import Accepted, Fate, Reason, Receipt, Refused, Reply
from tests.contracts.build import CHANNEL, PRICE, SECOND, TO, World

DELIVERED, UNDELIVERED = Fate.DELIVERED, Fate.UNDELIVERED


async def test_delivered_ends_the_message_and_is_told(world: World):
    message = await world.sent()
    assert await world.settle(DELIVERED) == Settlement(applied=1, parked=0, ignored=0, lags_us=(0,))
    record = await world.get(message)
    assert (record.state, record.charge, record.due_at, record.look_at) == (
        "delivered",
        "settled",
        None,
        None,
    )
    [tried] = await world.attempts(message)
    assert (tried.outcome, tried.settled_at) == ("delivered", world.now)
    assert [event.kind for event in await world.events(message)][-1] == "delivered"


async def test_undelivered_ends_the_message_with_its_reason_and_is_not_refunded(world: World):
    message = await world.sent()
    assert (await world.settle(UNDELIVERED, reason=Reason.UNREACHABLE)).applied == 1
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == ("undelivered", "settled", "unreachable")
    [tried] = await world.attempts(message)
    assert (tried.outcome, tried.reason, tried.code) == ("undelivered", "unreachable", "RAW")
    assert await world.purses() == (99, 0, 1)


async def test_the_same_receipt_again_changes_nothing_and_is_told_once(world: World):
    message = await world.sent()
    await world.settle(UNDELIVERED)
    before, story = await world.get(message), await world.events(message)
    world.later(SECOND)
    for _ in range(3):
        assert (await world.settle(UNDELIVERED)).applied == 0
    assert (await world.get(message), await world.events(message)) == (before, story)


async def test_a_hundred_copies_of_a_receipt_make_one_event(world: World):
    message = await world.sent()
    receipt = Receipt("ref", TO, DELIVERED)
    answers = await world.together(*[SettleReceipts(CHANNEL, (receipt,) * 10, world.now)] * 10)
    assert sum(answer.applied for answer in answers) == 1
    assert [e.kind for e in await world.events(message)] == ["accepted", "sending", "sent", "delivered"]


async def test_undelivered_after_delivered_is_a_no_op(world: World):
    message = await world.sent()
    await world.settle(DELIVERED)
    before, story = await world.get(message), await world.events(message)
    assert (await world.settle(UNDELIVERED, reason=Reason.UNREACHABLE)).applied == 0
    assert (await world.get(message), await world.events(message)) == (before, story)


async def test_delivered_after_undelivered_overrides_it_and_takes_its_reason_away(world: World):
    message = await world.sent()
    await world.settle(UNDELIVERED, reason=Reason.UNREACHABLE)
    await world.settle(DELIVERED)
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == ("delivered", "settled", None)
    assert await world.purses() == (99, 0, 1)


@pytest.mark.parametrize("shared", [(UNDELIVERED, DELIVERED), (DELIVERED, UNDELIVERED)])
async def test_conflicting_receipts_in_one_command_end_delivered(world: World, shared):
    message = await world.sent()
    receipts = tuple(Receipt("ref", TO, fate, Reason.UNREACHABLE) for fate in shared)
    await world.write(SettleReceipts(CHANNEL, receipts, world.now))
    record = await world.get(message)
    assert (record.state, record.reason) == ("delivered", None)


async def test_delivered_overrides_unconfirmed_and_moves_no_money(world: World):
    message = await world.sent()
    world.later()
    assert await world.write(AgeMessages(world.now, 10)) == 1
    assert await world.standing(message) == ("unconfirmed", "settled")
    before = await world.balance()
    await world.settle(DELIVERED)
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.balance() == before


async def test_undelivered_after_unconfirmed_is_a_no_op(world: World):
    message = await world.sent()
    world.later()
    await world.write(AgeMessages(world.now, 10))
    before, story = await world.get(message), await world.events(message)
    assert (await world.settle(UNDELIVERED, reason=Reason.UNREACHABLE)).applied == 0
    assert (await world.get(message), await world.events(message)) == (before, story)
    await world.settle(DELIVERED)
    assert (await world.standing(message))[0] == "delivered"


async def test_a_receipt_names_its_recipient_where_many_share_a_reference(world: World):
    one = await world.sent("call", recipient="+8613800138001")
    two = await world.sent("call", recipient="+8613800138002")
    await world.settle(DELIVERED, "call", to="+8613800138002")
    assert (await world.standing(one))[0] == "sent"
    assert (await world.standing(two))[0] == "delivered"


async def test_a_receipt_of_another_channel_or_recipient_touches_nothing(world: World):
    message = await world.sent()
    assert (await world.settle(DELIVERED, to="+8613800138009")).parked == 1
    foreign = SettleReceipts(CHANNEL + 1, (Receipt("ref", TO, DELIVERED),), world.now)
    assert (await world.write(foreign)).parked == 1
    assert (await world.standing(message))[0] == "sent"


@pytest.mark.parametrize("fate", [DELIVERED, UNDELIVERED])
async def test_a_receipt_that_overtakes_its_verdict_is_parked_and_matched(world: World, fate):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    assert await world.settle(fate, reason=Reason.BLOCKED) == Settlement(applied=0, parked=1, ignored=0)
    assert await world.standing(message) == ("sending", "held")
    await world.record(claimed, attempt, Accepted("ref"))
    assert await world.standing(message) == (fate.value, "settled")
    kinds = [event.kind for event in await world.events(message)]
    assert kinds == ["accepted", "sending", "sent", fate.value]
    assert world.backend.count("parked_receipts") == 0


async def test_parked_conflicting_receipts_end_delivered(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    for fate in (DELIVERED, UNDELIVERED, DELIVERED):
        assert (await world.settle(fate)).parked == 1
    await world.record(claimed, attempt, Accepted("ref"))
    assert (await world.standing(message))[0] == "delivered"


async def test_a_receipt_and_its_verdict_in_one_commit_meet_in_either_order(world: World):
    for number, turn in enumerate((1, -1)):
        message = await world.accept()
        claimed, attempt = await world.begun(message)
        reference = f"ref {number}"
        receipt = SettleReceipts(CHANNEL, (Receipt(reference, TO, DELIVERED),), world.now)
        verdict = world.verdict(claimed, attempt, Accepted(reference))
        await world.together(*(receipt, verdict)[::turn])
        assert await world.standing(message) == ("delivered", "settled")


async def test_parked_receipts_wait_72_hours(world: World):
    await world.settle(DELIVERED)
    world.later(AGE_LIMIT_US)
    assert await world.write(Forget(world.now, 10)) == 0
    world.later(1)
    assert await world.write(Forget(world.now, 10)) == 1
    message = await world.sent()
    assert (await world.standing(message))[0] == "sent"


async def test_a_parked_receipt_survives_a_restart(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    await world.settle(DELIVERED)
    await world.restart()
    await world.record(claimed, attempt, Accepted("ref"))
    assert (await world.standing(message))[0] == "delivered"


async def first_taken_second_in_flight(world: World):
    """Attempt 1 was unknown and turned out to be taken while attempt 2 is on the wire."""
    message = await world.accept(lane=Lane.OTP.value)
    stale, attempt = await world.begun(message)
    await world.restart()
    await world.resend(message)
    holder, again = await world.begun(message)
    await world.record(stale, attempt, Accepted("one"))
    return message, holder, again


async def test_delivery_of_the_first_attempt_ends_the_message_while_the_second_is_in_flight(world: World):
    message, holder, again = await first_taken_second_in_flight(world)
    await world.settle(DELIVERED, "one")
    assert await world.standing(message) == ("delivered", "settled")
    await world.record(holder, again, Accepted("two"))
    await world.settle(UNDELIVERED, "two", reason=Reason.UNREACHABLE)
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == ("delivered", "settled", None)
    assert await world.purses() == (99, 0, 1)


async def test_the_first_attempt_undelivered_leaves_the_fate_to_the_second_in_flight(world: World):
    message, holder, again = await first_taken_second_in_flight(world)
    await world.settle(UNDELIVERED, "one")
    assert await world.standing(message) == ("sending", "settled")
    await world.record(holder, again, Accepted("two"))
    assert (await world.standing(message))[0] == "sent"
    await world.settle(DELIVERED, "two")
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.purses() == (99, 0, 1)


async def test_the_message_is_undelivered_when_the_first_was_and_the_second_is_refused(world: World):
    message, holder, again = await first_taken_second_in_flight(world)
    await world.settle(UNDELIVERED, "one", reason=Reason.UNREACHABLE)
    await world.record(holder, again, Refused(Reason.BLOCKED))
    assert await world.standing(message) == ("undelivered", "settled")


async def test_a_crash_in_the_second_attempt_does_not_undo_the_delivery_of_the_first(world: World):
    message, _, _ = await first_taken_second_in_flight(world)
    await world.settle(DELIVERED, "one")
    await world.restart()
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.unanswered() == []


async def test_both_attempts_undelivered_end_the_message_only_with_the_second(world: World):
    message, holder, again = await first_taken_second_in_flight(world)
    await world.record(holder, again, Accepted("two"))
    await world.settle(UNDELIVERED, "two")
    assert (await world.standing(message))[0] == "sent"
    await world.settle(UNDELIVERED, "one")
    assert await world.standing(message) == ("undelivered", "settled")


async def test_receipts_move_no_money_in_any_order(world: World):
    message = await world.sent()
    before = await world.balance()
    for fate in (UNDELIVERED, DELIVERED, UNDELIVERED, DELIVERED):
        await world.settle(fate)
    assert await world.balance() == before
    assert before.spent == PRICE
    assert (await world.standing(message))[0] == "delivered"


def reply(reference: str = "ref", sender: str = TO) -> Reply:
    return Reply(reference, sender, "STOP", 0)


async def test_a_reply_is_told_in_the_story_of_its_message_and_changes_no_state(world: World):
    message = await world.sent()
    before = await world.get(message)
    await world.write(RecordReplies(CHANNEL, (reply(), reply("stranger")), world.now))
    assert [event.kind for event in await world.events(message)][-1] == "replied"
    assert await world.get(message) == before


@pytest.mark.parametrize("state", ["unconfirmed", "undelivered"])
async def test_a_reply_to_a_message_that_has_ended_leaves_it_ended(world: World, state):
    message = await world.sent()
    if state == "undelivered":
        await world.settle(UNDELIVERED)
    else:
        world.later()
        await world.write(AgeMessages(world.now, 10))
    await world.write(RecordReplies(CHANNEL, (reply(),), world.now))
    assert await world.standing(message) == (state, "settled")


async def test_a_reply_belongs_to_its_sender_where_many_share_a_reference(world: World):
    one = await world.sent("call", recipient="+8613800138001")
    two = await world.sent("call", recipient="+8613800138002")
    await world.write(RecordReplies(CHANNEL, (reply("call", "+8613800138001"),), world.now))
    assert [event.kind for event in await world.events(one)][-1] == "replied"
    assert [event.kind for event in await world.events(two)][-1] == "sent"


async def test_a_reply_told_twice_is_one(world: World):
    message = await world.sent()
    for _ in range(2):
        await world.write(RecordReplies(CHANNEL, (reply(), reply()), world.now))
    assert [event.kind for event in await world.events(message)].count("replied") == 1


async def test_a_reply_after_the_delivery_is_kept_without_its_message(world: World):
    """`delivered` forgets the reference, so that the table of references stays small."""
    message = await world.sent()
    await world.settle(DELIVERED)
    await world.write(RecordReplies(CHANNEL, (reply(),), world.now))
    assert [event.kind for event in await world.events(message)][-1] == "delivered"


async def test_a_receipt_for_a_message_in_a_foreign_account_stays_there(world: World):
    other = await world.account("other")
    message = await world.sent(account_id=other)
    await world.settle(DELIVERED)
    assert (await world.standing(message))[0] == "delivered"
    assert await world.read(GetMessage(world.account_id, message.id)) is None
    assert await world.purses() == (100, 0, 0)
    assert await world.purses(other) == (99, 0, 1)


async def test_an_expired_second_try_leaves_a_taken_first_one_to_its_receipt(world: World):
    message, holder, again = await first_taken_second_in_flight(world)
    await world.record(holder, again, Refused(Reason.BALANCE), others_left=True)
    assert (await world.standing(message))[0] == "sent"
    await world.finish(holder, Ending.EXPIRED, Reason.EXPIRED)
    assert await world.standing(message) == ("sent", "settled")
