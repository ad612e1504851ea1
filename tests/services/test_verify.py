"""Checks of codes: what is asked of the store, and the breaker that sees many numbers together."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import CheckCode, Checked
from posthouse.core.ports.queries import FindReply
from posthouse.services.verify import (
    ACCOUNTS_MAX,
    FAILED_MAX,
    PAUSE_US,
    SLOW_FAILED_MAX,
    SLOW_WINDOW_US,
    TRIED_MAX,
    WINDOW_US,
    Breaker,
    CodeGiven,
    Verify,
)
from tests.fakes import CODES
from tests.services.codes import SECOND
from tests.services.desk import HOUR, NOW, TO, Desk, caller

FIRST, MORE, NOTHING = Checked(wrong=True, first=True), Checked(wrong=True), Checked()
RIGHT = Checked(7, NOW)
ONCE = Once(1, "sms.verify", "key", b"request", b"")


class Counter(Desk):
    """A desk that checks codes; `answer` is what the store makes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = NOTHING
        self.kept: bytes | None = None
        self.store.answers[CheckCode] = lambda _: self.answer
        self.store.answers[FindReply] = lambda _: self.kept
        self.verify = Verify(self.store, self, self.submit, CODES)

    async def check(self, code="123456", *, once=None, who=None, **fields):
        return await self.verify.check(who or caller(), CodeGiven(TO, code, **fields), once)

    async def tries(self, count, answer=FIRST, **options):
        """So many answers of this kind."""
        self.answer = answer
        for _ in range(count):
            await self.check(**options)

    @property
    def asked(self):
        return self.store.written(CheckCode)


@pytest.fixture
def counter() -> Counter:
    return Counter()


async def paused_s(counter, **options) -> int:
    """For how long checks are refused; 0: they are not."""
    try:
        await counter.check(**options)
    except Refusal as refusal:
        return int(refusal.facts["retry_after_s"]) if refusal.code is Code.CHECKS_PAUSED else -1
    return 0


async def test_a_check_names_the_number_in_its_one_form_and_the_digits_alone(counter):
    counter.answer = RIGHT
    given = CodeGiven("138 0013-8000", " １２３-456 ", "login", 7, "99.00 CNY", "ACME")
    assert await counter.verify.check(caller(), given, ONCE) == RIGHT
    [command] = counter.asked
    assert (command.number, command.code, command.purpose) == (TO, "123456", "login")
    assert (command.account_id, command.mode, command.at, command.once) == (1, Mode.LIVE, NOW, ONCE)
    assert command.verification_id == 7
    assert command.binding == CODES.binding("99.00 CNY", "ACME")


async def test_a_code_of_no_shape_is_asked_all_the_same(counter):
    assert await counter.check("no code") == NOTHING
    assert counter.asked[0].code == ""


async def test_who_may_not_send_may_not_check(counter):
    for status in (AccountStatus.PENDING, AccountStatus.REJECTED):
        with pytest.raises(Refusal) as refusal:
            await counter.check(who=caller(status=status))
        assert refusal.value.code is Code.ACCOUNT_NOT_VERIFIED
    assert counter.asked == []


async def test_a_number_that_is_none_is_refused(counter):
    with pytest.raises(Refusal) as refusal:
        await counter.verify.check(caller(), CodeGiven("12", "123456"), None)
    assert (refusal.value.code, refusal.value.param) == (Code.INVALID_NUMBER, "to")


# ---------------------------------------------------------------------------------------- the breaker


async def test_fifty_numbers_with_wrong_codes_within_a_minute_pause_all_checks(counter):
    await counter.tries(FAILED_MAX)
    assert await paused_s(counter) == 60
    assert len(counter.asked) == FAILED_MAX
    assert counter.verify.paused_until(1, Mode.LIVE, NOW) == NOW + PAUSE_US


async def test_checks_go_on_after_the_pause_and_it_takes_fifty_more_to_stop_them(counter):
    await counter.tries(FAILED_MAX)
    counter.at += PAUSE_US - 1
    assert await paused_s(counter) == 1
    counter.at += 1
    await counter.tries(FAILED_MAX - 1)
    assert await paused_s(counter) == 0  # the fiftieth
    assert await paused_s(counter) == 60


async def test_fewer_and_those_of_more_than_a_minute_pause_nothing(counter):
    await counter.tries(FAILED_MAX - 1)
    counter.at += WINDOW_US
    await counter.tries(FAILED_MAX - 1)
    assert await paused_s(counter) == 0


async def test_many_wrong_codes_for_one_number_are_no_spray(counter):
    await counter.tries(10, FIRST)
    await counter.tries(1000, MORE)
    assert await paused_s(counter) == 0


async def test_what_could_not_be_right_is_no_spray(counter):
    await counter.tries(1000, NOTHING)
    assert await paused_s(counter) == 0


async def test_a_busy_day_with_the_usual_mistakes_pauses_nothing(counter):
    for _ in range(20):
        await counter.tries(45, RIGHT)
        await counter.tries(30, FIRST)
        assert await paused_s(counter) == 0


async def test_when_most_are_wrong_it_is_no_usual_day(counter):
    await counter.tries(40, RIGHT)
    await counter.tries(FAILED_MAX - 1, FIRST)
    assert await paused_s(counter) == 0
    assert await paused_s(counter) == 60


async def slowly(counter, count: int, answers=(FIRST,), pause_us=2 * SECOND) -> int:
    """Try so often, too slowly for the minute to see it; how many before checks paused."""
    for turn in range(count):
        if await paused_s(counter) > 0:
            return turn
        counter.answer = answers[(turn + 1) % len(answers)]
        counter.at += pause_us
    return count


async def test_who_takes_an_hour_for_five_hundred_wrong_codes_is_paused_too(counter):
    counter.answer = FIRST
    assert await slowly(counter, 2 * SLOW_FAILED_MAX) == SLOW_FAILED_MAX
    assert counter.verify.paused_until(1, Mode.LIVE, counter.at) == counter.at - 2 * SECOND + PAUSE_US


async def test_from_then_on_each_wrong_code_pauses_once_more_and_a_right_one_does_not(counter):
    counter.answer = FIRST
    await slowly(counter, 2 * SLOW_FAILED_MAX)
    counter.at += PAUSE_US
    await counter.tries(5, RIGHT)
    assert await paused_s(counter) == 0
    await counter.tries(1, FIRST)
    assert await paused_s(counter) == 60
    counter.at += SLOW_WINDOW_US
    await counter.tries(FAILED_MAX - 1, FIRST)
    assert await paused_s(counter) == 0


async def test_five_hundred_mistakes_of_a_busy_hour_pause_nothing(counter):
    counter.answer = RIGHT
    assert await slowly(counter, 1700, (RIGHT, FIRST, RIGHT)) == 1700


async def test_wrong_codes_spread_over_more_than_the_hour_pause_nothing(counter):
    counter.answer = FIRST
    count = 2 * SLOW_FAILED_MAX
    assert await slowly(counter, count, pause_us=SLOW_WINDOW_US // (SLOW_FAILED_MAX - 1) + 1) == count


async def test_codes_of_test_numbers_are_no_guesses_and_no_alibi(counter):
    await counter.tries(2000, FIRST._replace(test_number=True))
    assert await paused_s(counter) == 0
    await counter.tries(2000, RIGHT._replace(test_number=True))
    await counter.tries(FAILED_MAX, FIRST)
    assert await paused_s(counter) == 60


async def test_a_pause_is_told_once_and_of_whom(counter):
    with capture_logs() as told:
        await counter.tries(FAILED_MAX, FIRST, who=caller(id=7))
        assert await paused_s(counter, who=caller(id=7)) == 60
    assert told == [
        {"event": "checks_paused", "log_level": "warning", "account_id": 7, "failed": 50, "seconds": 60}
    ]


async def test_repeated_answers_are_counted_once(counter):
    await counter.tries(1000, FIRST._replace(replayed=True))
    await counter.tries(1000, RIGHT._replace(replayed=True))
    counter.answer = FIRST
    await counter.tries(FAILED_MAX)
    assert await paused_s(counter) == 60


async def test_an_answer_of_before_is_given_though_checks_are_paused(counter):
    await counter.tries(FAILED_MAX)
    counter.answer = RIGHT._replace(replayed=True)
    assert await paused_s(counter, once=ONCE) == 60
    counter.kept = b"7 1"
    assert await counter.check(once=ONCE) == counter.answer


async def test_accounts_and_modes_are_paused_apart(counter):
    await counter.tries(FAILED_MAX)
    assert await paused_s(counter, who=caller(id=2)) == 0
    assert await paused_s(counter, who=replace(caller(), mode=Mode.TEST)) == 0
    assert await paused_s(counter) == 60


async def test_a_refused_check_is_not_counted(counter):
    refusal = Refusal(Code.IDEMPOTENCY_KEY_REUSED)
    for _ in range(FAILED_MAX):
        counter.store.failing[CheckCode].append(refusal)
        with pytest.raises(Refusal):
            await counter.check(once=ONCE)
    assert await paused_s(counter) == 0


async def test_a_clock_that_is_put_back_makes_no_pause_longer(counter):
    await counter.tries(FAILED_MAX)
    counter.at -= HOUR
    assert await paused_s(counter) == 60
    counter.at += PAUSE_US
    assert await paused_s(counter) == 0


def test_failures_of_before_a_clock_was_put_back_do_not_stay_for_ever():
    breaker = Breaker()
    for _ in range(FAILED_MAX - 1):
        breaker.note(FIRST, NOW)
    breaker.note(FIRST, NOW - HOUR)
    assert breaker.left_us(NOW - HOUR) == 0


def test_no_account_takes_more_memory_than_it_may():
    breaker = Breaker()
    for turn in range(2 * TRIED_MAX):
        breaker.note(RIGHT, NOW + turn)
    for turn in range(TRIED_MAX // 2 - 1):
        breaker.note(FIRST, NOW + turn)
    assert breaker.left_us(NOW) == 0
    breaker.note(FIRST, NOW)
    assert breaker.left_us(NOW) == PAUSE_US


async def test_no_number_of_accounts_takes_more_memory_than_it_may(counter):
    for account_id in range(1, ACCOUNTS_MAX + 2):
        counter.verify._breaker(account_id, Mode.LIVE)  # noqa: SLF001 - what it holds is not shown
    assert len(counter.verify._breakers) == ACCOUNTS_MAX  # noqa: SLF001
