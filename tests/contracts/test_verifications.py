"""Verifications as their owners see them, and how they end."""

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane, Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.otp import (
    CancelVerification,
    CloseVerifications,
    GetVerification,
    ListVerifications,
    VerificationRecord,
)
from posthouse.core.verdict import Accepted
from tests.contracts.build import HOUR, SECOND, TO, World
from tests.contracts.codes import Desk, keyed

DAY = 24 * HOUR
LIFE = otp.TTL_S * SECOND
OTHER = "+8613800138001"


async def listed(desk: Desk, limit: int = 100, **wanted) -> list[VerificationRecord]:
    """All that fit, page by page."""
    found, before = [], None
    while True:
        page = await desk.world.read(
            ListVerifications(desk.account_id, limit, desk.world.now, before_id=before, **wanted)
        )
        assert len(page.records) <= limit
        found += page.records
        before = page.next_before
        if before is None:
            return found


async def ids(desk: Desk, **wanted) -> list[int]:
    return [record.id for record in await listed(desk, **wanted)]


async def cancel(desk: Desk, verification_id: int) -> None:
    await desk.world.write(CancelVerification(desk.account_id, verification_id, desk.world.now))


async def refusal_of(desk: Desk, verification_id: int) -> tuple[Code, object]:
    with pytest.raises(Refusal) as refusal:
        await cancel(desk, verification_id)
    return refusal.value.code, refusal.value.facts.get("state")


async def close(world: World, limit: int = 100) -> int:
    return await world.write(CloseVerifications(world.now, limit))


# ---------------------------------------------------------------------------------------- what is shown


async def test_a_record_tells_what_was_asked_for_and_what_became_of_it(desk, world):
    asked_at = world.now
    verification = await desk.of(purpose="pay", mode=Mode.TEST).sent()
    world.later(7 * SECOND)
    [message] = await world.listed()
    pending = VerificationRecord(
        id=verification.id,
        number=TO,
        country="CN",
        mode="test",
        purpose="pay",
        length=6,
        test_number=False,
        state=VerificationState.PENDING,
        checks_left=5,
        sends=1,
        message_ids=(message.id,),
        created_at=asked_at,
        expires_at=asked_at + LIFE,
        verified_at=None,
    )
    assert await desk.record(verification) == pending
    await desk.of(purpose="pay", mode=Mode.TEST).right()
    verified = pending._replace(
        state=VerificationState.VERIFIED, checks_left=4, verified_at=asked_at + 7 * SECOND
    )
    assert await desk.record(verification) == verified
    assert await listed(desk) == [verified]


async def test_nobody_else_sees_it(desk, world):
    verification = await desk.sent()
    stranger = await world.account("stranger")
    assert await world.read(GetVerification(stranger, verification.id, world.now)) is None
    assert await world.read(GetVerification(desk.account_id, verification.id + 1, world.now)) is None
    assert await ids(desk.of(account_id=stranger)) == []


async def test_its_state_follows_the_time_before_anybody_has_written_it_down(desk, world):
    verification = await desk.sent()
    await desk.wrong(2)
    world.later(LIFE - 1)
    assert await desk.state(verification) == "pending"
    assert await ids(desk, state=VerificationState.PENDING) == [verification.id]
    assert await ids(desk, state=VerificationState.EXPIRED) == []
    world.later(1)
    before = await desk.record(verification)
    assert (before.state.value, before.checks_left) == ("expired", 3)
    assert await ids(desk, state=VerificationState.PENDING) == []
    assert await ids(desk, state=VerificationState.EXPIRED) == [verification.id]
    assert await close(world) == 1
    assert await desk.record(verification) == before
    assert await ids(desk, state=VerificationState.EXPIRED) == [verification.id]


async def test_what_was_left_of_its_checks_stays_though_a_newer_one_is_checked(desk, world):
    first = await desk.sent()
    await desk.wrong(2)
    world.later(LIFE)
    second = await desk.sent()
    await desk.wrong(1)
    assert (await desk.record(first)).checks_left == 3
    assert (await desk.record(second)).checks_left == 4
    await desk.wrong(4)
    locked = await desk.record(second)
    assert (locked.state.value, locked.checks_left) == ("locked", 0)


async def test_its_messages_are_told_newest_first_and_no_more_than_ten(desk, world):
    verification = await desk.sent()
    world.later(60 * SECOND)
    await desk.sent()
    record = await desk.record(verification)
    assert (record.sends, len(record.message_ids)) == (2, 2)
    assert record.message_ids[0] > record.message_ids[1]
    more = await world.accept_many(12, lane=Lane.OTP.value, verification_id=verification.id)
    assert (await desk.record(verification)).message_ids == tuple(
        sorted((message.id for message in more), reverse=True)[:10]
    )


async def test_lists_are_newest_first_in_pages_of_any_size_and_all_filters_must_hold(desk, world):
    made = []
    for number in (TO, OTHER):
        for purpose in ("login", "pay"):
            world.later(SECOND)
            made.append(await desk.of(number=number, purpose=purpose).sent())
    await desk.of(number=OTHER, purpose="pay").right()
    await desk.of(number=TO, purpose="pay").wrong(5)
    await cancel(desk, made[0].id)
    newest_first = [each.id for each in reversed(made)]
    for limit in (1, 2, 3, 4, 100):
        assert await ids(desk, limit=limit) == newest_first
    assert await ids(desk, limit=1, number=TO) == newest_first[2:]
    assert await ids(desk, limit=1, purpose="pay") == [made[3].id, made[1].id]
    assert await ids(desk, number=OTHER, purpose="pay") == [made[3].id]
    for state, verification in zip(
        (
            VerificationState.CANCELED,
            VerificationState.LOCKED,
            VerificationState.PENDING,
            VerificationState.VERIFIED,
        ),
        made,
        strict=True,
    ):
        assert await ids(desk, state=state) == [verification.id]
    assert await ids(desk, state=VerificationState.PENDING, number=TO) == []
    assert await ids(desk, number="+8613800138009") == []


# ------------------------------------------------------------------------------------------ canceling


async def test_a_canceled_code_counts_no_more_and_canceling_twice_is_the_same_as_once(desk):
    verification = await desk.sent()
    await desk.wrong(1)
    code = await desk.code()
    for _ in range(2):
        await cancel(desk, verification.id)
        record = await desk.record(verification)
        assert (record.state.value, record.checks_left) == ("canceled", 4)
    assert not (await desk.check(code)).valid


async def test_after_a_canceled_one_the_next_is_new_and_no_sooner_than_ever(desk, world):
    verification = await desk.sent()
    [claimed] = await world.claim(1, lane=Lane.OTP)
    await world.record(claimed, await world.start(claimed), Accepted("ref"))
    await cancel(desk, verification.id)
    with pytest.raises(Refusal) as refusal:
        await desk.send()
    assert refusal.value.code is Code.OTP_COOLDOWN
    world.later(60 * SECOND)
    second = await desk.sent()
    assert second.id != verification.id
    assert (await desk.right()).verification_id == second.id
    assert await desk.state(verification) == "canceled"


async def test_a_key_is_kept_with_what_was_canceled_under_it_and_not_with_a_refusal(desk, world):
    def canceling(verification_id: int, request: bytes = b"request") -> CancelVerification:
        once = keyed(desk, request=request, operation="verifications.cancel")
        return CancelVerification(desk.account_id, verification_id, world.now, once)

    over = await desk.sent()
    await desk.right()
    with pytest.raises(Refusal) as refusal:
        await world.write(canceling(over.id))
    assert (refusal.value.code, refusal.value.facts["resource"]) == (Code.NOT_CANCELABLE, "verification")
    pending = await desk.sent()
    assert await world.together(canceling(pending.id), canceling(pending.id)) == [False, True]
    with pytest.raises(Refusal) as refusal:
        await world.write(canceling(pending.id, b"another"))
    assert refusal.value.code is Code.IDEMPOTENCY_KEY_REUSED
    assert await desk.state(pending) == "canceled"


async def test_what_is_over_cannot_be_canceled(desk, world):
    verified = await desk.sent()
    await desk.right()
    assert await refusal_of(desk, verified.id) == (Code.NOT_CANCELABLE, "verified")
    locked = await desk.sent()
    await desk.wrong(5)
    assert await refusal_of(desk, locked.id) == (Code.NOT_CANCELABLE, "locked")
    expired = await desk.of(number=OTHER).sent()
    world.later(LIFE)
    for _ in range(2):
        assert await refusal_of(desk, expired.id) == (Code.NOT_CANCELABLE, "expired")
        await close(world)
    states = [await desk.state(each) for each in (verified, locked, expired)]
    assert states == ["verified", "locked", "expired"]


async def test_another_accounts_is_not_found_and_stays_as_it_is(desk, world):
    verification = await desk.sent()
    stranger = desk.of(account_id=await world.account("stranger"))
    assert await refusal_of(stranger, verification.id) == (Code.NOT_FOUND, None)
    assert await refusal_of(desk, verification.id + 1) == (Code.NOT_FOUND, None)
    assert (await desk.right()).valid


@pytest.mark.parametrize("mode", Mode)
async def test_a_key_of_the_other_mode_finds_nothing_to_cancel(desk, world, mode):
    [other] = [each for each in Mode if each is not mode]
    verification = await desk.of(mode=mode).sent()
    for once in (None, keyed(desk, operation="verifications.cancel")):
        with pytest.raises(Refusal) as refusal:
            await world.write(
                CancelVerification(desk.account_id, verification.id, world.now, once, mode=other)
            )
        assert (refusal.value.code, refusal.value.facts) == (Code.NOT_FOUND, {"resource": "verification"})
    assert await desk.state(verification) == "pending"
    await world.write(CancelVerification(desk.account_id, verification.id, world.now, mode=mode))
    assert await desk.state(verification) == "canceled"


async def test_a_code_that_is_canceled_and_checked_in_one_commit_counts_once(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    canceled, checked = await world.together(
        CancelVerification(desk.account_id, verification.id, world.now), desk.checking(code)
    )
    # Whichever came first, the other must see it.
    assert isinstance(canceled, Refusal) is checked.valid
    assert await desk.state(verification) == ("verified" if checked.valid else "canceled")


# -------------------------------------------------------------------------------- closing and forgetting


async def test_closing_takes_what_is_over_step_by_step_and_leaves_the_rest(desk, world):
    for last in range(5):
        await desk.of(number=f"+861380013800{last}").sent()
    world.later(LIFE // 2)
    alive = await desk.of(purpose="later").sent()
    world.later(LIFE // 2)
    assert [await close(world, 2) for _ in range(3)] == [2, 2, 1]
    assert await close(world, 2) == 0
    assert await desk.state(alive) == "pending"
    assert len(await ids(desk, state=VerificationState.EXPIRED)) == 5


async def test_a_code_of_before_a_clock_was_put_back_does_not_live_a_second_time(desk, world):
    verification = await desk.sent()
    world.later(-DAY)
    await close(world)
    world.later(DAY)
    assert (await desk.record(verification)).state.value == "expired"


async def test_what_counts_no_more_is_forgotten_after_a_day_and_the_records_are_kept(desk, world):
    verification = await desk.sent()
    world.later(LIFE)
    await close(world)
    tables = ("challenges", "code_counts")
    world.later(DAY - LIFE)
    await close(world)
    assert [world.backend.count(table) for table in tables] == [1, 1]
    world.later(1)
    await close(world)
    assert [world.backend.count(table) for table in tables] == [0, 0]
    record = await desk.record(verification)
    assert (record.state.value, record.checks_left, record.sends) == ("expired", 5, 1)
