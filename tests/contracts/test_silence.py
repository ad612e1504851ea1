"""Codes of which nothing is heard: found in time, sent once more, and charged once whatever comes of it."""

from collections.abc import Sequence

import pytest

from posthouse.core.message import AGE_LIMIT_US, Happened, Lane, Mode, State
from posthouse.core.otp import VerificationState
from posthouse.core.ports.holding import HoldOpen
from posthouse.core.ports.life import (
    AgeMessages,
    Claimed,
    Ended,
    EndMessages,
    Finish,
    RecordVerdicts,
    SettleReceipts,
)
from posthouse.core.ports.otp import CancelVerification, Verification
from posthouse.core.ports.queries import MessageRecord
from posthouse.core.ports.silence import FindSilent, ResendSilent, Silent
from posthouse.core.routing import Next
from posthouse.core.verdict import Accepted, Fate, NotSent, Reason, Receipt, Refused, Unknown, Verdict
from tests.contracts.build import CHANNEL, SECOND, TO, World
from tests.contracts.codes import Desk

SILENT = 20 * SECOND
OTHER = 2
FIRST = frozenset({CHANNEL})


async def newest(world: World) -> MessageRecord:
    return (await world.listed())[0]


async def attempt(
    world: World, verdict: Verdict, channel: int = CHANNEL, *, receipts: bool = True, more: bool = False
) -> Claimed:
    """The message in line goes to a channel, which answers."""
    [claimed] = await world.claim(1, lane=Lane.OTP)
    number = await world.start(claimed, channel=channel)
    assert number is not None
    if isinstance(verdict, Accepted):
        following = Next(more=False, due_at=world.now + AGE_LIMIT_US if receipts else None)
    else:
        following = Next(more=more, due_at=world.now + SECOND)
    finish = Finish(claimed.id, claimed.token, number, channel, claimed.recipient, verdict, following)
    await world.write(RecordVerdicts((finish,), world.now))
    return claimed


async def sent(desk: Desk, **fields: object) -> Verification:
    """A code that channel 1 took just now."""
    verification = await desk.sent(**fields)
    await attempt(desk.world, Accepted("first"))
    return verification


async def settle(world: World, fate: Fate, reference: str = "first", channel: int = CHANNEL) -> None:
    receipt = Receipt(reference, TO, fate, None, "RAW", world.now)
    await world.write(SettleReceipts(channel, (receipt,), world.now))


async def silent(world: World) -> list[Silent]:
    return await world.read(FindSilent(world.now, 10))


def code_of(found: Silent) -> int:
    assert found.verification_id is not None
    return found.verification_id


async def resend(world: World, found: Sequence[Silent]) -> None:
    """Once more, all of them."""
    ids, messages = [code_of(each) for each in found], [each.message_id for each in found]
    await world.write(ResendSilent(ids, messages, world.now))


async def resent(desk: Desk, **fields: object) -> Verification:
    """A code that is in line for another channel."""
    verification = await sent(desk, **fields)
    desk.world.later(SILENT)
    await resend(desk.world, await silent(desk.world))
    assert (await newest(desk.world)).state == State.QUEUED
    return verification


async def give_up(world: World, reason: Reason = Reason.UNROUTABLE) -> Claimed:
    """At dispatch no other channel is left."""
    [claimed] = await world.claim(1, lane=Lane.OTP)
    ended = Ended(claimed.id, claimed.token, None, reason, '{"considered":[]}')
    await world.write(EndMessages((ended,), world.now))
    return claimed


# ------------------------------------------------------------------------------------------ found


async def test_a_code_is_silent_twenty_seconds_after_it_was_sent(desk, world):
    verification = await sent(desk)
    at = world.now
    world.later(SILENT - 1)
    assert await silent(world) == []
    world.later(1)
    [found] = await silent(world)
    message = await newest(world)
    assert (found.verification_id, found.message_id) == (verification.id, message.id)
    assert (found.country, found.mode, found.pin) == ("CN", Mode.LIVE, None)
    assert (found.tried, found.sent_at) == (FIRST, at)


async def test_those_that_have_been_silent_for_longest_come_first_and_no_more_than_asked_for(desk, world):
    for number in range(5):
        await desk.of(number=f"+861380013800{number}").sent()
        world.later(SECOND)
    world.later(SILENT)
    everything = [code_of(each) for each in await silent(world)]
    assert everything == sorted(everything)
    first = await world.read(FindSilent(world.now, 2))
    assert [each.verification_id for each in first] == everything[:2]


@pytest.mark.parametrize("outcome", ["used", "locked", "canceled"])
async def test_a_code_that_is_no_use_any_more_is_not_looked_at(desk, world, outcome):
    verification = await sent(desk)
    if outcome == "used":
        await desk.right()
    elif outcome == "locked":
        await desk.wrong(5)
    else:
        await world.write(CancelVerification(desk.account_id, verification.id, world.now))
    world.later(SILENT)
    assert await silent(world) == []


async def test_nothing_is_to_be_done_where_time_is_over_or_the_handset_has_it_or_it_has_failed(desk, world):
    for number, fate in enumerate([None, Fate.DELIVERED, Fate.UNDELIVERED]):
        await sent(desk.of(number=f"+861380013800{number}"), expires_at=world.now + (60 - number) * SECOND)
        if fate is not None:
            receipt = Receipt("first", f"+861380013800{number}", fate, None, "RAW", world.now)
            await world.write(SettleReceipts(CHANNEL, (receipt,), world.now))
    world.later(SILENT)
    assert [each.tried for each in await silent(world)] == [FIRST, None, None]
    world.later(60 * SECOND)
    found = await silent(world)
    assert [each.tried for each in found] == [None, None, None]
    await resend(world, found)
    assert [each.state for each in await world.listed()] == ["undelivered", "delivered", "sent"]
    assert await silent(world) == []


async def test_silence_says_nothing_on_a_channel_that_has_no_receipts(desk, world):
    await desk.sent()
    await attempt(world, Accepted("first"), receipts=False)
    world.later(SILENT)
    [found] = await silent(world)
    assert found.tried is None
    await resend(world, [found])
    assert (await newest(world)).state == State.SENT


async def test_what_is_still_on_its_way_is_looked_at_again_when_it_has_been_sent(desk, world):
    verification = await desk.sent()
    world.later(SILENT)
    [found] = await silent(world)
    assert (found.tried, found.sent_at) == (frozenset(), None)
    await world.write(ResendSilent([verification.id], [found.message_id], world.now, [(verification.id, 77)]))
    assert (await newest(world)).attempts == 0
    assert (await desk.newest()).silent_at == 77
    await attempt(world, NotSent("x"), 3, more=True)
    world.later(SECOND)
    await attempt(world, Accepted("first"))
    [found] = await silent(world)
    assert (found.tried, found.sent_at) == (FIRST, world.now)


async def test_whoever_refused_it_has_been_tried(desk, world):
    await desk.sent()
    await attempt(world, Refused(Reason.BALANCE), 3, more=True)
    world.later(SECOND)
    await attempt(world, Accepted("first"))
    world.later(SILENT)
    [found] = await silent(world)
    assert found.tried == FIRST | {3}


async def test_a_call_without_an_answer_is_left_to_its_own_policy_which_sends_once_more_by_itself(
    desk, world
):
    await desk.sent()
    claimed = await attempt(world, Unknown("x"))
    world.later(SILENT)
    [found] = await silent(world)
    assert found.sent_at is None
    later = [(code_of(found), world.now + SILENT)]
    await world.write(ResendSilent([code_of(found)], [found.message_id], world.now, later))
    assert (await newest(world)).state == State.UNKNOWN
    [asked] = await world.unanswered()
    assert asked.id == claimed.id
    await world.resolve(asked, resend=True)
    await attempt(world, Accepted("first"), OTHER)
    world.later(SILENT)
    [found] = await silent(world)
    assert found.tried is None


# ------------------------------------------------------------------------------------------ sent again


async def test_it_goes_out_once_more_as_the_same_message_and_is_charged_once(desk, world):
    await resent(desk)
    message = await newest(world)
    assert (message.charge, message.attempts) == ("settled", 1)
    [event] = [each for each in await world.events(message) if each.kind == Happened.RESEND]
    assert "no receipt came" in (event.data or "")
    claimed = await attempt(world, Accepted("second"), OTHER)
    assert [past.channel_id for past in claimed.attempts] == [CHANNEL]
    message = await newest(world)
    assert (message.state, message.attempts, message.id) == (State.SENT, 2, claimed.id)
    assert await world.purses() == (99, 0, 1)
    await settle(world, Fate.DELIVERED, "second", OTHER)
    assert (await newest(world)).state == State.DELIVERED
    assert await world.count() == 1


async def test_it_happens_once_a_sending_and_again_when_the_code_is_asked_for_again(desk, world):
    await resent(desk)
    await attempt(world, Accepted("second"), OTHER)
    world.later(SILENT)
    assert await silent(world) == []
    world.later(60 * SECOND)
    await desk.sent()
    await attempt(world, Accepted("third"))
    world.later(SILENT)
    [found] = await silent(world)
    assert found.message_id == (await newest(world)).id


async def test_a_code_that_is_sent_anew_after_the_look_keeps_its_own_time(desk, world):
    verification = await sent(desk)
    world.later(61 * SECOND)
    found = await silent(world)
    first = await newest(world)
    await desk.sent()
    await world.write(ResendSilent([verification.id], [found[0].message_id], world.now))
    assert (await desk.newest()).silent_at == world.now + SILENT
    assert (await world.get(world.message(id=first.id))).state == State.SENT


@pytest.mark.parametrize("news", ["delivered", "used", "locked"])
async def test_what_is_heard_after_the_look_keeps_it_from_being_sent_again(desk, world, news):
    await sent(desk)
    world.later(SILENT)
    found = await silent(world)
    if news == "delivered":
        await settle(world, Fate.DELIVERED)
    elif news == "used":
        await desk.right()
    else:
        await desk.wrong(5)
    await resend(world, found)
    message = await newest(world)
    assert message.state == (State.DELIVERED if news == "delivered" else State.SENT)
    assert await world.claim(lane=Lane.OTP) == []


async def test_a_receipt_that_comes_while_it_waits_keeps_it_from_being_sent_again(desk, world):
    await resent(desk)
    await settle(world, Fate.DELIVERED)
    assert (await newest(world)).state == State.DELIVERED
    assert await world.claim(lane=Lane.OTP) == []


async def test_a_receipt_that_comes_between_claim_and_start_keeps_it_from_being_sent_again(desk, world):
    await resent(desk)
    [claimed] = await world.claim(1, lane=Lane.OTP)
    await settle(world, Fate.DELIVERED)
    assert await world.start(claimed, channel=OTHER) is None


async def test_a_code_that_was_delivered_by_an_earlier_sending_is_not_silent(desk, world):
    await sent(desk)
    await settle(world, Fate.DELIVERED)
    world.later(61 * SECOND)
    await desk.sent()
    await attempt(world, Accepted("second"))
    world.later(SILENT)
    [found] = await silent(world)
    assert found.tried is None


# ------------------------------------------------------------------------------------------ in vain


@pytest.mark.parametrize("reason", [Reason.UNROUTABLE, Reason.EXPIRED, Reason.BLOCKED])
async def test_where_no_other_channel_is_left_it_is_sent_again_as_before_and_neither_failed_nor_refunded(
    desk, world, reason
):
    await sent(desk)
    before = await newest(world)
    world.later(SILENT)
    await resend(world, await silent(world))
    await give_up(world, reason)
    message = await newest(world)
    assert (message.state, message.charge, message.reason) == (State.SENT, "settled", None)
    assert (message.attempts, message.look_at, message.due_at) == (1, before.look_at, None)
    assert await world.purses() == (99, 0, 1)
    assert [each.kind for each in await world.events(message)][-2:] == [State.QUEUED, State.SENT]
    assert await silent(world) == []
    await settle(world, Fate.DELIVERED)
    assert (await newest(world)).state == State.DELIVERED


async def test_given_up_it_ages_from_when_it_was_taken_first(desk, world):
    await resent(desk)
    await give_up(world)
    world.later(AGE_LIMIT_US - SILENT - 1)
    assert await world.write(AgeMessages(world.now, 10)) == 0
    world.later(1)
    assert await world.write(AgeMessages(world.now, 10)) == 1
    assert await world.standing(await newest(world)) == (State.UNCONFIRMED, "settled")


@pytest.mark.parametrize("verdict", [Refused(Reason.BALANCE), NotSent("x"), Unknown("x")])
async def test_another_channel_that_does_not_take_it_leaves_it_sent_by_the_first(desk, world, verdict):
    await resent(desk)
    await attempt(world, verdict, OTHER, more=True)
    assert await world.standing(await newest(world)) == (State.SENT, "settled")
    assert await world.claim(lane=Lane.OTP) == []
    assert await world.purses() == (99, 0, 1)


async def test_a_crash_while_it_is_in_line_or_on_the_wire_loses_and_doubles_nothing(desk, world):
    await resent(desk)
    [claimed] = await world.claim(1, lane=Lane.OTP)
    await world.restart()
    [claimed] = await world.claim(1, lane=Lane.OTP)
    await world.start(claimed, channel=OTHER)
    await world.restart()
    assert await world.standing(await newest(world)) == (State.SENT, "settled")
    assert await silent(world) == []


async def test_what_a_backup_knows_nothing_of_is_not_sent_again(desk, world):
    await sent(desk)
    await world.write(HoldOpen(world.now, 10))
    world.later(SILENT)
    assert await silent(world) == []
    assert await desk.state(await desk.newest()) == VerificationState.CANCELED


async def test_an_undelivered_first_try_leaves_what_waits_in_line(desk, world):
    await resent(desk)
    await settle(world, Fate.UNDELIVERED)
    assert (await newest(world)).state == State.QUEUED
    await give_up(world)
    message = await newest(world)
    assert (message.state, message.charge, message.reason) == (State.UNDELIVERED, "settled", None)
