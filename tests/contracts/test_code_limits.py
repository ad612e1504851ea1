"""How often codes are sent and tried, and for how long they live, whatever the clock does."""

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code
from posthouse.core.message import Ending, Lane, Mode
from posthouse.core.ports.otp import (
    Checked,
    CloseVerifications,
    CodeSent,
)
from posthouse.core.verdict import Accepted, Deferred, Reason, Refused, Unknown
from tests.contracts.build import CHANNEL, HOUR, SECOND, TO
from tests.contracts.codes import CODES, DAY, OTHER, pause, refused, wait_of

# ------------------------------------------------------------------------------------ how often it is sent


async def test_pauses_are_of_60_120_and_300_seconds(desk, world):
    waits = []
    for _ in range(4):
        await desk.sent()
        waits.append(await wait_of(desk))
        world.later(waits[-1] * SECOND - 1)
        assert await wait_of(desk) == 1
        world.later(1)
    assert waits == [60, 120, 300, 300]


async def test_a_verified_code_ends_the_pauses(desk, world):
    await desk.sent()
    await pause(desk)
    await desk.sent()
    assert await wait_of(desk) == 120
    assert (await desk.right()).valid
    await desk.sent()
    assert await wait_of(desk) == 60


async def test_a_replaced_code_does_not_end_the_pauses(desk, world):
    for length in (4, 5, 6):
        await desk.sent(length=length)
        await pause(desk)
    await desk.sent()
    assert await wait_of(desk) == 300


async def answered(world, verdict=None, ending=None):
    """The message in line is answered so, or ends."""
    [claimed] = await world.claim(1, lane=Lane.OTP)
    if ending is not None:
        await world.finish(claimed, ending, Reason.EXPIRED)
        return
    await world.record(claimed, await world.start(claimed), verdict)


@pytest.mark.parametrize(
    "end",
    [{"verdict": Refused(Reason.BLOCKED)}, {"ending": Ending.EXPIRED}, {"ending": Ending.CANCELED}],
    ids=["failed", "expired", "canceled"],
)
async def test_a_code_that_came_to_nothing_keeps_no_other_waiting_but_counts(desk, world, end):
    for _ in range(5):
        await desk.sent()
        await answered(world, **end)
    refusal = await refused(desk)
    assert (refusal.code, refusal.facts["window"]) == (Code.RECIPIENT_LIMITED, "hour")


@pytest.mark.parametrize(
    "verdict", [Accepted("ref"), Unknown("timeout"), Deferred(Reason.RATE_LIMITED), None]
)
async def test_a_code_that_may_arrive_keeps_the_next_waiting(desk, world, verdict):
    await desk.sent()
    if verdict is not None:
        await answered(world, verdict)
    assert await wait_of(desk) == 60


async def test_it_is_the_last_message_that_decides(desk, world):
    await desk.sent()
    await answered(world, Refused(Reason.BLOCKED))
    await desk.sent()
    await answered(world, Accepted("ref"))
    assert await wait_of(desk) == 120
    world.later(120 * SECOND)
    await desk.sent()
    await answered(world, Refused(Reason.BLOCKED))
    await desk.sent()


async def test_channels_that_refused_a_code_have_not_carried_it(desk, world):
    await desk.sent()
    await answered(world, Refused(Reason.BLOCKED))
    assert (await desk.found()).avoid == ()
    await desk.sent()
    await answered(world, Unknown("timeout"))
    assert (await desk.found()).avoid == (CHANNEL,)


async def test_many_at_once_for_one_test_number_all_get_their_code(desk, world):
    fixed = CODES.fingerprint(desk.account_id, TO, "246810")

    async def at_once():
        found = await desk.found()
        current = found.verification
        again = current and current._replace(sends=current.sends + 1)
        wanted = again or desk.drafted(found, fixed=fixed, silent_at=None)
        return await world.together(*[desk.command(found, wanted)] * 20)

    assert await at_once() == [CodeSent()] + [CodeSent(stale=True)] * 19
    assert await at_once() == [CodeSent()] * 20
    assert (await desk.newest()).sends == 21
    found = await desk.found()
    wanted = found.verification._replace(sends=22)
    await desk.check("111111")
    assert await world.write(desk.command(found, wanted)) == CodeSent()
    for _ in range(4):
        await desk.check("111111")
    assert await world.write(desk.command(found, wanted)) == CodeSent(stale=True)


async def test_checks_of_test_numbers_say_that_they_are(desk, world):
    fixed = CODES.fingerprint(desk.account_id, TO, "246810")
    verification = await desk.sent(fixed=fixed, silent_at=None)
    assert await desk.check("111111") == Checked(wrong=True, first=True, test_number=True)
    assert await desk.check("246810") == Checked(verification.id, world.now, test_number=True)
    assert await desk.check("246810") == Checked()


async def test_five_an_hour_go_to_a_number_whatever_they_are_for(desk, world):
    for purpose in ("a", "b", "c", "d", "e"):
        await desk.of(purpose=purpose).sent()
        world.later(SECOND)
    refusal = await refused(desk.of(purpose="f"))
    assert refusal.code is Code.RECIPIENT_LIMITED
    assert refusal.facts == {"limit": 5, "window": "hour", "retry_after_s": 3595}
    await desk.of(number=OTHER).sent()
    await desk.of(mode=Mode.TEST, purpose="f").sent()
    world.later(3595 * SECOND - 1)
    await refused(desk.of(purpose="f"))
    world.later(1)
    await desk.of(purpose="f").sent()
    assert (await refused(desk.of(purpose="g"))).facts["retry_after_s"] == 1


async def test_ten_a_day_go_to_a_number(desk, world):
    start = world.now
    for turn in range(10):
        await desk.of(purpose=str(turn)).sent()
        world.later(HOUR)
    refusal = await refused(desk.of(purpose="more"))
    assert refusal.facts == {"limit": 10, "window": "day", "retry_after_s": 14 * 3600}
    world.now = start + DAY
    await desk.of(purpose="more").sent()


async def test_verified_codes_count_towards_the_hour(desk, world):
    for _ in range(5):
        await desk.sent()
        assert (await desk.right()).valid
    assert (await refused(desk)).code is Code.RECIPIENT_LIMITED


# ----------------------------------------------------------------------------------- how often it is tried


async def test_twenty_wrong_codes_a_day_are_looked_at_over_all_codes(desk, world):
    evaluated, start = 0, world.now
    for _ in range(10):
        await desk.sent()
        evaluated += sum(each.wrong for each in await desk.wrong(7))
        world.later(HOUR)
    assert evaluated == otp.FAILURES_MAX
    assert await desk.right() == Checked()
    assert (await desk.of(purpose="login").check("")) == Checked()
    world.now = start + DAY
    await desk.sent()
    assert (await desk.right()).valid  # the first five are a day old


async def test_the_twentieth_can_still_be_right(desk, world):
    for _ in range(3):
        await desk.sent()
        await desk.wrong(5)
        world.later(HOUR)
    await desk.sent()
    await desk.wrong(4)
    assert (await desk.right()).valid
    world.later(HOUR)
    await desk.sent()
    assert [each.wrong for each in await desk.wrong(2)] == [True, False]
    assert await desk.right() == Checked()


async def test_numbers_and_purposes_have_failures_of_their_own(desk, world):
    for _ in range(4):
        await desk.sent()
        await desk.wrong(5)
        world.later(HOUR)
    for another in (desk.of(purpose="login"), desk.of(number=OTHER), desk.of(mode=Mode.TEST)):
        await another.sent()
        assert (await another.right()).valid


async def test_a_hundred_right_codes_at_once_are_right_once(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    answers = await world.together(*[desk.checking(code) for _ in range(100)])
    assert [each.valid for each in answers].count(True) == 1
    assert await desk.state(verification) == "verified"


async def test_of_a_hundred_wrong_codes_at_once_five_are_looked_at(desk, world):
    await desk.sent()
    right = int(await desk.code())
    commands = [desk.checking(f"{(right + n) % 10**6:06d}") for n in range(1, 101)]
    answers = await world.together(*commands, desk.checking(f"{right:06d}"))
    assert [each.wrong for each in answers].count(True) == 5
    assert not [each for each in answers if each.valid]


async def test_ended_codes_of_many_days_leave_only_records(desk, world):
    for _ in range(3):
        await desk.sent()
        await desk.wrong(2)
        world.later(HOUR)
    assert await world.write(CloseVerifications(world.now, 100)) > 0
    world.later(DAY + 1)
    await world.write(CloseVerifications(world.now, 100))
    tables = [world.backend.count(name) for name in ("challenges", "code_counts", "verifications")]
    assert tables == [0, 0, 3]


# ----------------------------------------------------------------------------------------- clocks put back


async def test_a_clock_that_is_put_back_does_not_extend_a_code(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    world.later(-61 * SECOND)
    assert await desk.check(code) == Checked()
    assert (await desk.record(verification)).checks_left == 5


async def test_a_code_of_before_the_clock_was_put_back_is_replaced(desk, world):
    first = await desk.sent()
    world.later(-HOUR)
    second = await desk.sent()
    assert second.id != first.id
    assert second.expires_at == world.now + otp.TTL_S * SECOND
    assert (await desk.right()).valid


async def test_a_clock_that_is_put_back_keeps_nobody_waiting_for_longer_than_a_pause(desk, world):
    for _ in range(3):
        await desk.sent()
        await pause(desk)
    world.later(-HOUR)
    await desk.sent()
    assert await wait_of(desk) <= 300
