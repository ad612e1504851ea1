"""Wishes and checks that are refused or repeated: all or nothing, and nothing twice."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.ports.admission import Suppress, Suppression
from posthouse.core.ports.otp import (
    Checked,
    CodeSent,
)
from tests.contracts.build import HOUR, PRICE, SECOND, TO
from tests.contracts.codes import OTHER, keyed, refused

# ------------------------------------------------------------------------------------------ all or nothing


async def test_without_money_nothing_is_stored(desk, world):
    poor = desk.of(account_id=await world.account("poor", credit=PRICE - 1))
    assert (await refused(poor)).code is Code.INSUFFICIENT_BALANCE
    for table in ("verifications", "challenges", "code_counts", "messages", "idempotency"):
        assert world.backend.count(table) == 0
    assert await poor.found() == await desk.of(number=OTHER).found()


async def test_without_money_the_code_of_before_stays_as_it_was(desk, world):
    poor = desk.of(account_id=await world.account("poor", credit=PRICE))
    first = await poor.sent()
    world.later(60 * SECOND)
    assert (await refused(poor)).code is Code.INSUFFICIENT_BALANCE
    assert (await refused(poor, length=8)).code is Code.INSUFFICIENT_BALANCE
    record = await poor.record(first)
    assert (record.state.value, record.sends, len(record.message_ids)) == ("pending", 1, 1)
    assert (await poor.right()).valid


async def test_who_is_on_the_accounts_list_gets_no_code(desk, world):
    suppression = Suppression(1, TO, None, "stop", world.now)
    await world.write(Suppress(desk.account_id, suppression))
    assert (await refused(desk)).code is Code.RECIPIENT_SUPPRESSED
    assert world.backend.count("verifications") == world.backend.count("code_counts") == 0


async def test_the_accounts_own_limits_apply_beside_ours(desk, world):
    limits = {"accept": {"limits": RecipientLimits(day=1)}}
    await desk.send(**limits)
    world.later(60 * SECOND)
    refusal = await refused(desk, **limits)
    assert (refusal.code, refusal.facts["window"]) == (Code.RECIPIENT_LIMITED, "day")
    assert world.backend.count("messages") == 1


async def test_a_refused_wish_changes_nothing_for_its_neighbours(desk, world):
    poor = desk.of(account_id=await world.account("poor", credit=0))
    commands = []
    for each in (poor, desk, poor.of(number=OTHER), desk.of(number=OTHER)):
        found = await each.found()
        commands.append(each.command(found, each.drafted(found)))
    answers = await world.together(*commands)
    codes = [each.code if isinstance(each, Refusal) else each for each in answers]
    assert codes == [Code.INSUFFICIENT_BALANCE, CodeSent()] * 2


# --------------------------------------------------------------------------------------------- idempotency


async def test_a_repeated_wish_gets_the_first_reply_and_sends_nothing(desk, world):
    assert await desk.send(once=keyed(desk)) == CodeSent()
    again = await desk.send(once=keyed(desk))  # within the pause, which does not matter
    assert again == CodeSent(replayed=b"reply")
    world.later(HOUR)
    assert await desk.send(once=keyed(desk)) == CodeSent(replayed=b"reply")
    assert await world.count() == 1


async def test_another_wish_under_the_same_key_is_refused(desk, world):
    await desk.send(once=keyed(desk))
    world.later(60 * SECOND)
    assert (await refused(desk, once=keyed(desk, request=b"other"))).code is Code.IDEMPOTENCY_KEY_REUSED
    assert await world.count() == 1


async def test_a_refused_wish_leaves_its_key_free(desk, world):
    await desk.sent()
    assert (await refused(desk, once=keyed(desk))).code is Code.OTP_COOLDOWN
    world.later(60 * SECOND)
    assert await desk.send(once=keyed(desk)) == CodeSent()


async def test_wishes_of_one_commit_with_one_key_are_one(desk, world):
    found = await desk.found()
    commands = [desk.command(found, desk.drafted(found), once=keyed(desk)) for _ in range(10)]
    answers = await world.together(*commands)
    assert answers.count(CodeSent()) == 1
    assert answers.count(CodeSent(replayed=b"reply")) == 9


async def test_a_repeated_check_is_right_again_after_its_reply_was_lost(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    once = keyed(desk, operation="sms.verify")
    at = world.now
    assert await desk.check(code, once=once) == Checked(verification.id, at)
    world.later(HOUR)
    assert await desk.check(code, once=once) == Checked(verification.id, at, replayed=True)
    assert await desk.check(code) == Checked()


async def test_a_repeated_wrong_check_is_counted_once(desk):
    verification = await desk.sent()
    once = keyed(desk, operation="sms.verify")
    answers = await desk.wrong(5, once=once)
    assert answers == [Checked(wrong=True, first=True), *[Checked(replayed=True)] * 4]
    assert (await desk.record(verification)).checks_left == 4


async def test_another_check_under_the_same_key_is_refused_and_not_counted(desk):
    verification = await desk.sent()
    await desk.wrong(once=keyed(desk))
    with pytest.raises(Refusal) as refusal:
        await desk.right(once=keyed(desk, request=b"other"))
    assert refusal.value.code is Code.IDEMPOTENCY_KEY_REUSED
    assert (await desk.record(verification)).checks_left == 4


async def test_a_hundred_right_codes_under_a_hundred_keys_are_right_once(desk, world):
    await desk.sent()
    code = await desk.code()
    commands = [desk.checking(code, once=keyed(desk, str(n))) for n in range(100)]
    answers = await world.together(*commands)
    assert [each.valid for each in answers].count(True) == 1
    again = await world.together(*commands)
    assert [(each.valid, each.replayed) for each in again].count((True, True)) == 1
    assert all(each.replayed for each in again)


async def test_a_hundred_right_codes_under_one_key_are_one_answer(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    commands = [desk.checking(code, once=keyed(desk)) for _ in range(100)]
    answers = await world.together(*commands)
    assert [each.valid for each in answers] == [True] * 100
    assert [each.replayed for each in answers].count(False) == 1
    assert {each.verification_id for each in answers} == {verification.id}
