"""Codes sent and checked: what a code is, what a resend is, and what outlives a restart."""

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane, Mode, State
from posthouse.core.ports.otp import (
    CancelVerification,
    Checked,
    CodeSent,
    GetVerification,
)
from tests.contracts.build import SECOND, TO, World
from tests.contracts.codes import CODES, OTHER, Desk, wait_of


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


# ------------------------------------------------------------------------------------------------ one code


async def test_a_code_is_a_verification_a_message_and_its_money_together(desk, world):
    verification = await desk.sent()
    [message] = await world.listed()
    assert (message.state, message.lane, message.recipient) == (State.QUEUED, Lane.OTP, TO)
    assert await world.purses() == (99, 1, 0)
    record = await desk.record(verification)
    assert (record.state.value, record.checks_left, record.sends) == ("pending", 5, 1)
    assert record.message_ids == (message.id,)


async def test_the_right_code_is_right_once(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    world.later(SECOND)
    assert await desk.check(code) == Checked(verification.id, world.now)
    assert await desk.check(code) == Checked()
    record = await desk.record(verification)
    assert (record.state.value, record.verified_at) == ("verified", world.now)


async def test_a_wrong_code_is_counted_and_the_right_one_still_good(desk):
    verification = await desk.sent()
    assert await desk.wrong(4) == [Checked(wrong=True, first=True), *[Checked(wrong=True)] * 3]
    assert (await desk.record(verification)).checks_left == 1
    assert (await desk.right()).valid


async def test_the_fifth_wrong_code_locks_and_then_the_right_one_is_wrong(desk):
    verification = await desk.sent()
    assert [each.wrong for each in await desk.wrong(6)] == [True] * 5 + [False]
    assert await desk.right() == Checked()
    record = await desk.record(verification)
    assert (record.state.value, record.checks_left) == ("locked", 0)


async def test_a_canceled_code_is_good_no_more_and_uses_nothing_up(desk, world):
    verification = await desk.sent()
    await world.write(CancelVerification(desk.account_id, verification.id, world.now))
    assert await desk.right() == Checked()
    record = await desk.record(verification)
    assert (record.state.value, record.checks_left) == ("canceled", 5)
    await world.write(CancelVerification(desk.account_id, verification.id, world.now))  # as good as once


@pytest.mark.parametrize("ending", ["verified", "locked", "expired"])
async def test_what_is_over_cannot_be_canceled(desk, world, ending):
    verification = await desk.sent()
    if ending == "verified":
        await desk.right()
    elif ending == "locked":
        await desk.wrong(5)
    else:
        world.later(otp.TTL_S * SECOND)
    with pytest.raises(Refusal) as refusal:
        await world.write(CancelVerification(desk.account_id, verification.id, world.now))
    assert (refusal.value.code, refusal.value.facts["state"]) == (Code.NOT_CANCELABLE, ending)


async def test_a_code_can_be_used_until_it_expires(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    world.later(otp.TTL_S * SECOND)
    assert await desk.state(verification) == "expired"
    assert await desk.check(code) == Checked()
    world.later(-1)
    assert (await desk.check(code)).valid


async def test_what_is_no_code_at_all_is_a_wrong_one(desk):
    verification = await desk.sent()
    assert (await desk.check("")).wrong
    assert (await desk.record(verification)).checks_left == 4


async def test_a_check_where_nothing_was_sent_is_answered_and_written_like_any_other(desk, world):
    assert await desk.check("123456") == Checked()
    assert world.backend.count("challenges") == 1
    assert world.backend.count("verifications") == 0
    verification = await desk.sent()  # what was tried before harms nobody
    assert (await desk.record(verification)).checks_left == 5
    assert (await desk.right()).valid


async def test_checks_that_cannot_be_right_use_nothing_up(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    for verification_id in (0, verification.id + 1):
        assert await desk.check(code, verification_id=verification_id) == Checked()
    assert (await desk.record(verification)).checks_left == 5
    assert (await desk.check(code, verification_id=verification.id)).valid


async def test_a_bound_code_is_right_only_with_what_it_is_bound_to(desk):
    binding = CODES.binding("99.00 CNY", "ACME")
    await desk.sent(binding=binding)
    for other in (b"", CODES.binding("99.00 CNY", None), CODES.binding("1.00 CNY", "ACME")):
        assert (await desk.right(binding=other)).wrong
    assert (await desk.right(binding=binding)).valid


@pytest.mark.parametrize(
    "other",
    [{"number": OTHER}, {"purpose": "login"}, {"mode": Mode.TEST}, {"account_id": None}],
    ids=lambda other: next(iter(other)),
)
async def test_a_code_is_good_for_its_account_number_purpose_and_mode_alone(desk, world, other):
    if "account_id" in other:
        other = {"account_id": await world.account("other")}
    another = desk.of(**other)
    verification = await desk.sent()
    code = await desk.code()
    assert await another.check(code) == Checked()
    theirs = await another.sent()  # nor does the one's cooldown keep the other waiting
    assert theirs.id != verification.id
    assert (await another.check(code)).wrong
    assert await another.check(code, verification_id=verification.id) == Checked()
    assert (await desk.record(verification)).checks_left == 5
    assert (await desk.check(code)).valid
    assert (await another.right()).valid


# ----------------------------------------------------------------------------------------------- once more


async def test_a_resend_is_the_same_code_and_extends_nothing_and_renews_no_checks(desk, world):
    first = await desk.sent()
    code = await desk.code()
    await desk.wrong(3)
    world.later(60 * SECOND)
    again = await desk.sent()
    assert (again.id, again.expires_at, again.sends) == (first.id, first.expires_at, 2)
    assert await desk.code() == code
    record = await desk.record(again)
    assert (record.checks_left, len(record.message_ids)) == (2, 2)
    assert await world.purses() == (98, 2, 0)
    world.later(240 * SECOND)
    assert await desk.check(code) == Checked()  # five minutes after the first


async def test_a_request_id_alone_says_which_purpose_is_meant(desk):
    login, other = desk.of(purpose="login"), desk.of(number=OTHER, purpose="login")
    verification, elsewhere = await login.sent(), await other.sent()
    code = await login.code()
    asked = {"purpose": None, "verification_id": verification.id}
    assert not (await desk.check(code, purpose=None)).valid
    assert not (await desk.check(code, purpose=None, verification_id=elsewhere.id)).valid
    assert not (await desk.of(mode=Mode.TEST).check(code, **asked)).valid
    assert (await desk.check(code, **asked)).verification_id == verification.id


@pytest.mark.parametrize("ending", ["locked", "verified", "expired", "canceled"])
async def test_what_is_over_is_replaced_and_not_repeated(desk, world, ending):
    first = await desk.sent()
    code = await desk.code()
    if ending == "locked":
        await desk.wrong(5)
    elif ending == "verified":
        assert (await desk.right()).valid
    elif ending == "canceled":
        await world.write(CancelVerification(desk.account_id, first.id, world.now))
    world.later((otp.TTL_S if ending == "expired" else 60) * SECOND)
    second = await desk.sent()
    assert second.id != first.id
    assert await desk.state(first) == ending
    assert (await desk.record(second)).checks_left == 5
    assert await desk.code() != code
    assert (await desk.check(code)).wrong
    assert (await desk.right()).valid


async def test_a_new_code_ends_the_one_before(desk, world):
    first = await desk.sent()
    code = await desk.code()
    await desk.wrong(2)
    world.later(60 * SECOND)
    second = await desk.sent(length=8)
    record = await desk.record(first)
    assert (record.state.value, record.checks_left) == ("canceled", 3)
    assert await desk.check(code, verification_id=first.id) == Checked()
    assert (await desk.record(second)).checks_left == 5
    assert len(await desk.code()) == 8
    assert (await desk.right()).valid


async def test_who_looked_before_somebody_else_must_look_again(desk, world):
    found = await desk.found()
    one, other = desk.drafted(found), desk.drafted(found)
    assert await world.write(desk.command(found, one)) == CodeSent()
    assert await world.write(desk.command(found, other)) == CodeSent(stale=True)
    assert await world.count() == 1
    world.later(60 * SECOND)
    found = await desk.found()
    again = desk.drafted(found)
    await desk.wrong()
    assert await world.write(desk.command(found, again)) == CodeSent(stale=True)
    assert await world.purses() == (99, 1, 0)


async def test_of_many_wishes_in_one_commit_one_is_met(desk, world):
    found = await desk.found()
    commands = [desk.command(found, desk.drafted(found)) for _ in range(20)]
    answers = await world.together(*commands)
    assert answers.count(CodeSent()) == 1
    assert answers.count(CodeSent(stale=True)) == 19
    assert (await world.count(), world.backend.count("verifications")) == (1, 1)
    assert await world.purses() == (99, 1, 0)


# ----------------------------------------------------------------------------------------- across restarts


async def test_counts_and_codes_survive_a_restart(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    await desk.wrong(4)
    await world.restart()
    assert await wait_of(desk) == 60
    assert (await desk.record(verification)).checks_left == 1
    assert (await desk.check(code)).valid


async def test_foreign_and_unknown_verifications_are_not_shown(desk, world):
    verification = await desk.sent()
    other = await world.account("other")
    assert await world.read(GetVerification(other, verification.id, world.now)) is None
    with pytest.raises(Refusal) as refusal:
        await world.write(CancelVerification(other, verification.id, world.now))
    assert refusal.value.code is Code.NOT_FOUND
    assert await desk.state(verification) == "pending"
