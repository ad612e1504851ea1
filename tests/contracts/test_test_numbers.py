"""Test numbers: they get no message, and each has a code of its own."""

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import (
    TEST_NUMBERS_MAX,
    CloseVerifications,
    CodeSent,
    DropFixedCode,
    FixedCode,
    ListFixedCodes,
    SaveFixedCode,
)
from tests.contracts.build import HOUR, SECOND, TO
from tests.contracts.codes import CODES, Desk

DAY = 24 * HOUR
OTHER = "+8613800138001"
FIXED = "246810"


def entry(desk: Desk, number: str = TO, ttl: int = 30 * DAY) -> FixedCode:
    now = desk.world.now
    return FixedCode(desk.ids.take(now), desk.mode, number, now, now + ttl)


async def save(
    desk: Desk, number: str = TO, code: str = FIXED, *, ttl: int = 30 * DAY, once: Once | None = None
) -> FixedCode:
    saved = entry(desk, number, ttl)
    fixed = CODES.fingerprint(desk.account_id, number, code)
    assert await desk.world.write(SaveFixedCode(desk.account_id, saved, fixed, once)) is None
    return saved


async def fixed_of(desk: Desk) -> list[FixedCode]:
    return await desk.world.read(ListFixedCodes(desk.account_id, desk.mode, desk.world.now))


async def drop(desk: Desk, saved: FixedCode) -> FixedCode:
    return await desk.world.write(DropFixedCode(desk.account_id, desk.mode, saved.row, desk.world.now))


async def test_a_test_number_gets_no_message_and_its_own_code_is_the_right_one(desk, world):
    await save(desk)
    verification = await desk.sent()
    record = await desk.record(verification)
    assert (record.test_number, record.message_ids) == (True, ())
    assert await world.listed() == []
    assert await world.purses() == (100, 0, 0)
    assert world.backend.count("code_counts") == 0
    assert not (await desk.check(await desk.code())).valid  # what would have been sent to another
    assert (await desk.check(FIXED)).verification_id == verification.id
    assert not (await desk.check(FIXED)).valid
    assert await desk.state(verification) == "verified"


async def test_it_is_asked_for_as_often_as_one_likes_and_wrong_codes_count_as_for_all(desk):
    await save(desk)
    for _ in range(12):
        await desk.sent()
    verification = await desk.newest()
    assert verification.sends == 12
    for left in range(4, -1, -1):
        assert not (await desk.check("000000")).valid
        assert (await desk.record(verification)).checks_left == left
    assert await desk.state(verification) == "locked"
    assert not (await desk.check(FIXED)).valid
    await desk.sent()
    assert (await desk.check(FIXED)).valid


async def test_wrong_codes_of_a_day_count_though_the_number_is_a_test_number(desk):
    await save(desk)
    for _ in range(otp.FAILURES_MAX // otp.CHECKS_MAX):
        await desk.sent()
        for _ in range(otp.CHECKS_MAX):
            await desk.check("000000")
    await desk.sent()
    assert not (await desk.check(FIXED)).valid
    desk.world.later(DAY)
    await desk.sent()
    assert (await desk.check(FIXED)).valid


@pytest.mark.parametrize("mode", Mode)
async def test_it_is_one_of_its_own_mode_and_account_alone(desk, world, mode):
    [another] = [desk.of(mode=each) for each in Mode if each is not mode]
    saved = await save(desk.of(mode=mode))
    assert await fixed_of(desk.of(mode=mode)) == [saved]
    assert await fixed_of(another) == []
    sent = await another.sent()
    assert (sent.fixed, len(await world.listed())) == (None, 1)
    assert not (await another.check(FIXED)).valid
    assert (await another.right()).valid
    await desk.of(mode=mode).sent()
    assert (await desk.of(mode=mode).check(FIXED)).valid
    assert len(await world.listed()) == 1
    other = desk.of(account_id=await world.account("other"))
    await other.sent()
    assert not (await other.check(FIXED)).valid
    assert (await other.right()).valid
    assert await fixed_of(other) == []


async def test_a_number_may_have_a_code_for_each_mode_and_neither_replaces_the_other(desk):
    test = desk.of(mode=Mode.TEST)
    live_entry, test_entry = await save(desk), await save(test, code="1357")
    assert (await fixed_of(desk), await fixed_of(test)) == ([live_entry], [test_entry])
    for side, right, wrong in ((desk, FIXED, "1357"), (test, "1357", FIXED)):
        await side.sent()
        assert not (await side.check(wrong)).valid
        assert (await side.check(right)).valid
    with pytest.raises(Refusal) as refusal:
        await drop(test, live_entry)
    assert refusal.value.code is Code.NOT_FOUND
    await drop(test, test_entry)
    assert (await fixed_of(desk), await fixed_of(test)) == ([live_entry], [])


async def test_when_it_is_dropped_its_code_opens_nothing_from_then_on_for_no_purpose(desk, world):
    saved = await save(desk)
    sent = {purpose: await desk.of(purpose=purpose).sent() for purpose in ("login", "pay")}
    await desk.of(purpose="pay").check("000000")
    await save(desk.of(mode=Mode.TEST))
    rehearsed = await desk.of(mode=Mode.TEST).sent()
    assert await drop(desk, saved) == saved
    for purpose, verification in sent.items():
        assert await desk.state(verification) == "canceled"
        assert not (await desk.of(purpose=purpose).check(FIXED)).valid
    assert (await desk.record(sent["pay"])).checks_left == 4
    assert await desk.state(rehearsed) == "pending"
    assert (await desk.of(mode=Mode.TEST).check(FIXED)).valid


async def test_when_another_code_takes_its_place_the_one_it_had_opens_nothing(desk):
    await save(desk)
    sent = await desk.sent()
    await save(desk)  # the same code: who waits for a check need not ask again
    assert await desk.state(sent) == "pending"
    await save(desk, code="97531024")
    assert await desk.state(sent) == "canceled"
    assert not (await desk.check(FIXED)).valid
    assert not (await desk.check("97531024")).valid
    await desk.sent()
    assert (await desk.check("97531024")).valid


async def test_codes_that_were_sent_and_those_of_others_stay_when_one_is_dropped(desk, world):
    usual = await desk.of(purpose="login").sent()
    saved = await save(desk)
    neighbour = desk.of(number=OTHER)
    await save(neighbour, OTHER)
    stranger = desk.of(account_id=await world.account("other"))
    await save(stranger)
    kept = [(side, await side.sent()) for side in (neighbour, stranger)]
    await drop(desk, saved)
    for side, verification in kept:
        assert await side.state(verification) == "pending"
    assert await desk.state(usual) == "pending"
    assert (await desk.of(purpose="login").right()).valid


async def test_what_was_over_when_it_was_dropped_has_expired_and_what_ended_stays(desk, world):
    saved = await save(desk)
    over = await desk.sent()
    verified = await desk.of(purpose="login").sent()
    assert (await desk.of(purpose="login").check(FIXED)).valid
    world.later(otp.TTL_S * SECOND)
    await drop(desk, saved)
    world.later(-SECOND)  # so that the time does not say it
    assert await desk.state(over) == "expired"
    assert await desk.state(verified) == "verified"


async def test_the_same_number_again_is_given_another_code_in_place_of_the_one_it_had(desk):
    await save(desk)
    desk.world.later(SECOND)
    newer = await save(desk, code="97531")
    assert await fixed_of(desk) == [newer]
    await desk.sent()
    assert not (await desk.check(FIXED)).valid
    assert (await desk.check("97531")).valid


async def test_it_ends_with_its_time_and_its_row_is_swept(desk, world):
    await save(desk, ttl=HOUR)
    world.later(HOUR - 1)
    assert len(await fixed_of(desk)) == 1
    assert await desk.sent()
    assert await world.listed() == []
    world.later(1)
    assert await fixed_of(desk) == []
    await world.write(CloseVerifications(world.now, 100))
    assert world.backend.count("fixed_codes") == 0
    await desk.of(purpose="now").sent()
    assert len(await world.listed()) == 1


async def test_what_becomes_or_stops_being_one_is_found_at_the_next_wish_for_a_code(desk):
    assert (await desk.found()).fixed is None
    saved = await save(desk)
    assert (await desk.found()).fixed == CODES.fingerprint(desk.account_id, TO, FIXED)
    await drop(desk, saved)
    assert (await desk.found()).fixed is None


async def test_an_account_has_a_bounded_number_of_them_those_that_are_over_not_counted(desk):
    await save(desk, ttl=HOUR)
    saved = [await save(desk, f"+86138001381{last:02d}") for last in range(TEST_NUMBERS_MAX - 1)]
    with pytest.raises(Refusal) as refusal:
        await save(desk, OTHER)
    assert (refusal.value.code, refusal.value.facts["limit"]) == (Code.TOO_MANY, 20)
    await save(desk, saved[0].number, code="13579")  # one that is there is replaced
    assert len(await fixed_of(desk)) == TEST_NUMBERS_MAX
    desk.world.later(HOUR)
    newest = await save(desk, OTHER)
    assert await fixed_of(desk) == sorted(await fixed_of(desk), reverse=True)
    assert (await fixed_of(desk))[0] == newest
    await save(desk.of(account_id=await desk.world.account("other")))


async def test_those_of_test_keys_take_no_room_of_live_ones(desk):
    for last in range(TEST_NUMBERS_MAX):
        await save(desk.of(mode=Mode.TEST), f"+86138001381{last:02d}")
    await save(desk)
    with pytest.raises(Refusal) as refusal:
        await save(desk.of(mode=Mode.TEST))
    assert refusal.value.code is Code.TOO_MANY


async def test_one_key_saves_one_and_another_request_under_it_is_refused(desk):
    once = Once(desk.account_id, "test_numbers.create", "key", b"request", b"reply")
    saved = await save(desk, once=once)
    again = SaveFixedCode(desk.account_id, entry(desk), b"f" * 32, once)
    assert await desk.world.write(again) == b"reply"
    assert await fixed_of(desk) == [saved]
    other = Once(desk.account_id, "test_numbers.create", "key", b"another", b"reply")
    with pytest.raises(Refusal) as refusal:
        await desk.world.write(SaveFixedCode(desk.account_id, entry(desk, OTHER), b"f" * 32, other))
    assert refusal.value.code is Code.IDEMPOTENCY_KEY_REUSED
    assert await fixed_of(desk) == [saved]


async def test_one_is_forgotten_by_its_own_account_once(desk, world):
    saved = await save(desk)

    async def gone(account_id: int) -> Code:
        with pytest.raises(Refusal) as refusal:
            await drop(desk.of(account_id=account_id), saved)
        assert refusal.value.facts["resource"] == "test_number"
        return refusal.value.code

    assert await gone(await world.account("other")) is Code.NOT_FOUND
    assert await fixed_of(desk) == [saved]
    await drop(desk, saved)
    assert await fixed_of(desk) == []
    assert await gone(desk.account_id) is Code.NOT_FOUND
    assert await desk.send() == CodeSent()
    assert len(await world.listed()) == 1
