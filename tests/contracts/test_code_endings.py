"""Messages of codes that count no more: out of the line at once or at the next claim, and their money."""

import json
from typing import Any

import pytest

from posthouse.core import otp
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Ending, Lane, State
from posthouse.core.ports.life import Claimed, Ended, EndMessages
from posthouse.core.ports.otp import CancelVerification, CloseVerifications, Verification
from posthouse.core.ports.queries import MessageRecord
from posthouse.core.ports.silence import FindSilent, ResendSilent
from posthouse.core.verdict import Accepted, Deferred, Fate, Reason, Unknown, Verdict
from tests.contracts.build import PRICE, SECOND, World
from tests.contracts.codes import Desk

ENDINGS = ["verified", "canceled", "locked", "replaced"]
WHY = {"why": "its code counts no more"}


async def end(desk: Desk, verification: Verification, ending: str) -> None:
    """End a verification before its time."""
    world = desk.world
    if ending == "verified":
        assert (await desk.right()).valid
    elif ending == "locked":
        assert len(await desk.wrong(otp.CHECKS_MAX)) == otp.CHECKS_MAX
    elif ending == "canceled":
        await world.write(CancelVerification(desk.account_id, verification.id, world.now))
    else:
        world.later(60 * SECOND)
        await desk.sent(length=8)
    assert await desk.state(verification) == ("canceled" if ending == "replaced" else ending)


async def first(world: World) -> MessageRecord:
    return (await world.listed())[-1]


async def claim(world: World) -> Claimed:
    return (await world.claim(1, lane=Lane.OTP))[0]


async def attempt(world: World, verdict: Verdict) -> None:
    """The oldest in line is tried."""
    claimed = await claim(world)
    number = await world.start(claimed)
    assert number is not None
    await world.record(claimed, number, verdict)


async def unanswered_and_once_more(world: World) -> None:
    """Nobody knows whether the code went out, and it is in line again."""
    await attempt(world, Unknown("timeout"))
    world.later(5 * SECOND)
    [asked] = await world.unanswered()
    await world.resolve(asked, resend=True)


async def silent_and_once_more(world: World) -> None:
    """A vendor took it, no receipt came, and it is in line again."""
    await attempt(world, Accepted("ref"))
    world.later(20 * SECOND)
    [found] = await world.read(FindSilent(world.now, 10))
    assert found.verification_id is not None
    await world.write(ResendSilent([found.verification_id], [found.message_id], world.now))


async def finish(world: World, claimed: Claimed) -> None:
    """End it as dispatch does with a dead code."""
    ended = Ended(claimed.id, claimed.token, Ending.CANCELED, None, json.dumps(WHY))
    await world.write(EndMessages((ended,), world.now))


async def last_event(world: World, message: Any) -> tuple[str, Any]:
    event = (await world.events(message))[-1]
    return event.kind, json.loads(event.data or "null")


# ------------------------------------------------------------------------------------------------- at once


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("stands", ["waiting", "claimed", "deferred"])
async def test_what_waits_is_canceled_with_its_code_and_its_money_comes_back(desk, world, ending, stands):
    verification = await desk.sent()
    claimed = None
    if stands == "claimed":
        claimed = await claim(world)
    elif stands == "deferred":
        await attempt(world, Deferred(Reason.VENDOR_TEMPORARY, after_s=90.0))
    message = await first(world)
    assert message.state == State.QUEUED
    await end(desk, verification, ending)
    assert await world.standing(message) == (State.CANCELED, "released")
    assert await last_event(world, message) == ("canceled", WHY)
    assert await world.purses() == ((99, 1, 0) if ending == "replaced" else (100, 0, 0))
    if claimed is not None:
        assert await world.start(claimed) is None
    world.later(100 * SECOND)
    assert [each.dead for each in await world.claim(10, lane=Lane.OTP)] == [False] * (ending == "replaced")


async def test_all_messages_of_a_code_are_canceled_and_no_others(desk, world):
    verification = await desk.sent()
    world.later(60 * SECOND)
    await desk.sent()
    await desk.of(purpose="login").sent()
    await end(desk, verification, "verified")
    assert [each.state for each in await world.listed()] == ["queued", "canceled", "canceled"]
    assert await world.purses() == (99, 1, 0)


async def test_what_was_canceled_with_its_code_does_not_count_against_the_accounts_limits(desk, world):
    limits = {"accept": {"limits": RecipientLimits(day=1)}}
    await desk.send(**limits)
    await end(desk, await desk.newest(), "canceled")
    assert world.backend.count("admissions") == 0
    await desk.send(**limits)
    assert [each.state for each in await world.listed()] == ["queued", "canceled"]


async def test_ends_that_share_a_commit_release_each_message_once(desk, world):
    await desk.sent()
    code = await desk.code()
    others = [desk.of(number=f"+86138001390{n:02d}") for n in range(5)]
    for other in others:
        await other.sent()
    cancels = [CancelVerification(desk.account_id, (await other.newest()).id, world.now) for other in others]
    await world.together(*[desk.checking(code)] * 3, *cancels, *cancels)
    assert {each.state for each in await world.listed()} == {State.CANCELED}
    assert await world.purses() == (100, 0, 0)


async def test_a_code_whose_time_is_over_leaves_its_message_to_expire_by_itself(desk, world):
    await desk.sent()
    world.later(otp.TTL_S * SECOND)
    await world.write(CloseVerifications(world.now, 10))
    message = await first(world)
    assert await world.standing(message) == (State.QUEUED, "held")
    await world.finish(await claim(world), Ending.EXPIRED, Reason.EXPIRED)
    assert await world.standing(message) == (State.EXPIRED, "released")


# ---------------------------------------------------------------------------------------- at the next claim


async def test_a_code_that_counts_is_not_dead_nor_is_what_carries_none(desk, world):
    await desk.sent()
    await world.accept(lane=Lane.OTP.value)
    await world.accept()
    claims = [*await world.claim(10, lane=Lane.OTP), *await world.claim(10)]
    assert [each.dead for each in claims] == [False] * 3


@pytest.mark.parametrize("ending", ENDINGS)
async def test_one_in_doubt_is_dead_when_it_is_claimed_and_waits_for_news_as_before(desk, world, ending):
    verification = await desk.sent()
    await unanswered_and_once_more(world)
    message = await first(world)
    await end(desk, verification, ending)
    assert await world.standing(message) == (State.QUEUED, "held")
    claimed = await claim(world)
    assert (claimed.id, claimed.dead) == (message.id, True)
    await finish(world, claimed)
    assert await world.standing(message) == (State.UNKNOWN, "held")
    assert await last_event(world, message) == ("unknown", WHY)
    world.later()
    assert await world.unanswered() == []
    assert await world.standing(message) == ("unconfirmed", "settled")


async def test_one_that_a_vendor_took_goes_back_to_sent_and_its_receipt_still_counts(desk, world):
    verification = await desk.sent()
    await silent_and_once_more(world)
    message = await first(world)
    await end(desk, verification, "verified")
    claimed = await claim(world)
    assert claimed.dead
    await finish(world, claimed)
    assert await world.standing(message) == (State.SENT, "settled")
    assert (await first(world)).reason is None
    await world.settle(Fate.DELIVERED)
    assert await world.standing(message) == (State.DELIVERED, "settled")


async def test_one_in_doubt_that_was_claimed_before_the_end_is_not_started(desk, world):
    verification = await desk.sent()
    await unanswered_and_once_more(world)
    before = await claim(world)
    await end(desk, verification, "verified")
    assert not before.dead
    assert await world.start(before) is None
    after = await claim(world)
    assert (after.id, after.dead) == (before.id, True)


async def test_one_that_was_on_its_way_when_its_code_ended_is_canceled_when_it_comes_back(desk, world):
    await desk.send(accept={"limits": RecipientLimits(day=5)})
    claimed = await claim(world)
    number = await world.start(claimed)
    assert number == 1
    await end(desk, await desk.newest(), "canceled")
    message = await first(world)
    assert message.state == State.SENDING
    await world.record(claimed, number, Deferred(Reason.VENDOR_TEMPORARY, after_s=1.0))
    world.later(2 * SECOND)
    again = await claim(world)
    assert again.dead
    await finish(world, again)
    assert await world.standing(message) == (State.CANCELED, "released")
    assert await last_event(world, message) == ("canceled", WHY)
    assert world.backend.count("admissions") == 0
    assert (await world.balance()).available == 100 * PRICE


async def test_a_first_try_that_was_on_its_way_is_taken_and_paid_for_all_the_same(desk, world):
    verification = await desk.sent()
    claimed = await claim(world)
    number = await world.start(claimed)
    await end(desk, verification, "canceled")
    await world.write(world.verdict(claimed, number or 0, Accepted("ref")))
    assert await world.standing(claimed) == (State.SENT, "settled")
