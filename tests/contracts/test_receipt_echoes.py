"""Receipts with our own key: they stand for an answer that was lost, however late, and are charged once."""

from typing import Any

import pytest

from posthouse.core.ids import MESSAGE, show
from posthouse.core.message import AGE_LIMIT_US, Lane
from posthouse.core.ports.life import AgeMessages, SettleReceipts
from posthouse.core.verdict import Accepted, Reason, Receipt, Refused, Unknown
from tests.contracts.build import CHANNEL, TO, World
from tests.contracts.heard import DELIVERED, UNDELIVERED, kinds, receipt, settle


def echo(message: Any, attempt: int = 1, **fields: Any) -> Receipt:
    """A receipt with a reference that nobody told us, and our key."""
    return receipt("lost", key=f"{show(MESSAGE, message.id)}.{attempt}", **fields)


async def unknown(world: World, **fields: Any) -> Any:
    """A message whose answer was lost."""
    message = await world.accept(**fields)
    await world.tried(message, Unknown("timed out"))
    return message


@pytest.mark.parametrize(("fate", "told"), [(DELIVERED, TO), (UNDELIVERED, TO[3:]), (DELIVERED, "")])
async def test_a_lost_answer_is_made_up_for_by_its_receipt(world: World, fate, told):
    message = await unknown(world)
    settled = await settle(world, echo(message, to=told, fate=fate, reason=Reason.UNREACHABLE))
    assert (settled.applied, settled.parked) == (1, 0)
    assert await world.standing(message) == (fate.value, "settled")
    assert await kinds(world, message) == [
        "accepted",
        "sending",
        "unknown",
        "reconciled",
        "sent",
        fate.value,
    ]
    [tried] = await world.attempts(message)
    assert (tried.outcome, tried.settled_at) == (fate.value, world.now)
    assert await world.purses() == (99, 0, 1)
    assert world.backend.count("vendor_references") == (0 if fate is DELIVERED else 1)


async def test_the_same_callback_ten_times_is_one(world: World):
    message = await unknown(world)
    answers = await world.together(*[SettleReceipts(CHANNEL, (echo(message),) * 2, world.now)] * 5)
    answers += [await settle(world, echo(message)) for _ in range(5)]
    assert sum(answer.applied for answer in answers) == 1
    assert (await kinds(world, message))[-3:] == ["reconciled", "sent", "delivered"]
    assert await world.purses() == (99, 0, 1)
    assert world.backend.count("parked_receipts") == 0


async def test_a_receipt_that_overtakes_its_answer_needs_it_no_more(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    assert (await settle(world, echo(message))).applied == 1
    assert await world.standing(message) == ("delivered", "settled")
    await world.record(claimed, attempt, Accepted("lost"))
    await world.record(claimed, attempt, Refused(Reason.BALANCE))
    assert await world.standing(message) == ("delivered", "settled")
    assert await kinds(world, message) == ["accepted", "sending", "sent", "delivered"]


async def test_undelivered_is_told_later_by_the_reference_alone(world: World):
    message = await unknown(world)
    await settle(world, echo(message, fate=UNDELIVERED))
    await settle(world, receipt("lost"))
    assert (await world.standing(message))[0] == "delivered"


async def test_after_the_policy_has_sent_it_once_more_it_still_counts_and_once(world: World):
    message = await unknown(world, lane=Lane.OTP.value)
    world.later(5_000_000)
    await world.resend(message)
    assert (await settle(world, echo(message))).applied == 1
    # It waits in line no more.
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.claim(lane=Lane.OTP) == []
    assert await world.purses() == (99, 0, 1)


@pytest.mark.parametrize("fate", [DELIVERED, UNDELIVERED])
async def test_while_the_second_try_is_on_the_wire_the_first_may_be_heard_of(world: World, fate):
    message = await unknown(world, lane=Lane.OTP.value)
    world.later(5_000_000)
    await world.resend(message)
    claimed, attempt = await world.begun(message)
    await settle(world, echo(message, fate=fate))
    assert await world.standing(message) == ("delivered" if fate is DELIVERED else "sending", "settled")
    await world.record(claimed, attempt, Accepted("second"))
    await settle(world, receipt("second"))
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.purses() == (99, 0, 1)


async def test_heard_of_after_three_days_it_is_delivered(world: World):
    message = await unknown(world)
    world.later(AGE_LIMIT_US)
    await world.unanswered()
    await world.write(AgeMessages(world.now, 10))
    assert (await world.standing(message))[0] == "unconfirmed"
    await settle(world, echo(message))
    assert await world.standing(message) == ("delivered", "settled")


async def test_what_was_taken_under_another_reference_is_known_by_the_key(world: World):
    message = await world.sent()
    assert (await settle(world, echo(message))).applied == 1
    assert (await world.standing(message))[0] == "delivered"


async def test_a_part_told_by_its_own_reference_and_again_is_no_whole(world: World):
    """The key alone would say that all of it was delivered."""
    message = await world.accept()
    await world.tried(message, Accepted("one", 2, others=("lost",)))
    for _ in range(3):
        await settle(world, echo(message))
    assert (await world.standing(message))[0] == "sent"
    await settle(world, receipt("one"))
    assert (await world.standing(message))[0] == "delivered"


async def test_parts_of_a_lost_answer_are_counted(world: World):
    message = await unknown(world)
    await settle(world, echo(message, part=1, parts=2), echo(message, part=1, parts=2))
    assert (await world.standing(message))[0] == "sent"
    await settle(world, echo(message, part=2, parts=2))
    assert (await world.standing(message))[0] == "delivered"


async def test_several_lost_answers_of_one_callback(world: World):
    messages = [await unknown(world, recipient=f"+861380013800{n}") for n in range(3)]
    told = [
        receipt(f"lost {n}", message.recipient, key=f"{show(MESSAGE, message.id)}.1")
        for n, message in enumerate(messages)
    ]
    assert (await settle(world, *told)).applied == 3
    assert [(await world.standing(message))[0] for message in messages] == ["delivered"] * 3


async def test_what_does_not_fit_is_parked(world: World):
    message = await unknown(world)
    shown = show(MESSAGE, message.id)
    for wrong in (
        {"key": "sms_0000000000000.1"},
        {"key": "sms_nonsense.1"},
        {"key": "1-5f"},
        {"key": ""},
        {"to": "+8613800138009"},
        {"to": "13800138009"},
        *({"key": f"{shown}.{number}"} for number in ("2", "0", "-1", "1x", "", "99999", "²")),
    ):
        fields: dict[str, Any] = {"key": f"{shown}.1"} | wrong
        assert (await settle(world, receipt("lost", **fields))).parked == 1
        assert (await world.standing(message))[0] == "unknown", wrong


async def test_another_channels_key_is_not_believed(world: World):
    message = await unknown(world)
    assert (await settle(world, echo(message), channel=CHANNEL + 1)).parked == 1
    assert (await world.standing(message))[0] == "unknown"


async def test_where_a_reference_came_round_the_key_is_believed(world: World):
    old = await world.sent("lost")
    message = await unknown(world)
    assert (await settle(world, echo(message))).applied == 1
    assert await world.standing(old) == ("sent", "settled")
    assert await world.standing(message) == ("delivered", "settled")


@pytest.mark.parametrize(
    "wrong", [{"to": "+8613800138009"}, {"key": "sms_nonsense.1"}, {"key": "1-5f"}, {"key": None}]
)
async def test_a_key_that_names_nothing_else_leaves_the_reference_its_word(world: World, wrong):
    other = await world.sent("lost", recipient="+8613800138009")
    message = await unknown(world)
    fields: dict[str, Any] = {"to": other.recipient, "key": f"{show(MESSAGE, message.id)}.1"} | wrong
    assert (await settle(world, receipt("lost", **fields))).applied == 1
    assert (await world.standing(other))[0] == "delivered"
    assert (await world.standing(message))[0] == "unknown"


async def test_what_a_vendor_certainly_refused_is_not_delivered_by_a_key(world: World):
    message = await world.accept()
    await world.tried(message, Refused(Reason.INVALID_NUMBER))
    assert (await settle(world, echo(message))).parked == 1
    assert await world.standing(message) == ("failed", "released")


async def test_a_key_without_any_reference_is_enough(world: World):
    one, two = await unknown(world), await unknown(world)
    for message in (one, two):
        key = f"{show(MESSAGE, message.id)}.1"
        assert (await settle(world, receipt("", key=key))).applied == 1
    assert [(await world.standing(each))[0] for each in (one, two)] == ["delivered"] * 2
    assert world.backend.count("vendor_references") == 0
