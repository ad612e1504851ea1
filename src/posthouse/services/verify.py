"""Check a code that somebody typed; and the breaker that stops whoever tries many numbers."""

from collections import deque
from typing import NamedTuple

import structlog

from posthouse.core import otp, phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import CheckCode, Checked
from posthouse.core.ports.queries import FindReply
from posthouse.core.ports.store import Clock, Store
from posthouse.services.directory import Caller
from posthouse.services.submit import Submit

WINDOW_US, SLOW_WINDOW_US = 60_000_000, 3_600_000_000
FAILED_MAX, SLOW_FAILED_MAX = 50, 500
"""Verifications that got a wrong code within the window; before there are so many, nobody is suspected.

The slow window sees those who take their time.
"""

FAILED_SHARE = 0.5
"""Of all verifications that were tried within the window: from here on somebody is guessing."""

PAUSE_US = 60_000_000
TRIED_MAX = 10_000
"""Of one account, remembered in each window."""

ACCOUNTS_MAX = 10_000

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class CodeGiven(NamedTuple):
    """A check that is asked for. `verification_id`: the one meant; None: the newest; 0: there is none."""

    to: str
    code: str
    purpose: str | None = None
    verification_id: int | None = None
    amount: str | None = None
    payee: str | None = None


class Verify:
    """Checks codes."""

    def __init__(self, store: Store, clock: Clock, submit: Submit, codes: otp.Codes) -> None:
        self._store = store
        self._clock = clock
        self._submit = submit
        self._codes = codes
        self._breakers: dict[tuple[int, Mode], Breaker] = {}

    async def check(self, caller: Caller, given: CodeGiven, once: Once | None) -> Checked:
        """Check a code. Whatever is wrong with it, the answer is the same.

        Refuses with INVALID_NUMBER and its like, with CHECKS_PAUSED, ACCOUNT_NOT_VERIFIED and
        IDEMPOTENCY_KEY_REUSED.
        """
        self._submit.may_send(caller)
        number = phone.read_field(given.to, "to", region=caller.account.region)
        breaker = self._breaker(caller.account.id, caller.mode)
        now = self._clock.now()
        paused_us = breaker.left_us(now)
        if paused_us and not (once is not None and await self._used(once)):
            raise Refusal(Code.CHECKS_PAUSED, retry_after_s=-(-paused_us // 1_000_000))
        checked = await self._store.write(
            CheckCode(
                caller.account.id,
                caller.mode,
                number.e164,
                given.purpose,
                given.verification_id,
                otp.read_code(given.code),
                self._codes.binding(given.amount, given.payee),
                self._codes,
                now,
                once,
            )
        )
        if failed := breaker.note(checked, now):
            seconds = PAUSE_US // 1_000_000
            log.warning("checks_paused", account_id=caller.account.id, failed=failed, seconds=seconds)
        return checked

    def paused_until(self, account_id: int, mode: Mode, now: int) -> int | None:
        """Until when an account's codes are not checked (microseconds); None: they are."""
        breaker = self._breakers.get((account_id, mode))
        left_us = 0 if breaker is None else breaker.left_us(now)
        return now + left_us if left_us else None

    async def _used(self, once: Once) -> bool:
        """Whether it was answered before: that answer stands, paused or not."""
        asked = FindReply(once.account_id, once.operation, once.key, once.fingerprint)
        return await self._store.read(asked) is not None

    def _breaker(self, account_id: int, mode: Mode) -> "Breaker":
        key = (account_id, mode)
        if key not in self._breakers and len(self._breakers) >= ACCOUNTS_MAX:
            self._breakers.pop(next(iter(self._breakers)))
        return self._breakers.setdefault(key, Breaker())


class Breaker:
    """Opens for a while when too many of an account's verifications get wrong codes.

    Five checks of a code, and twenty a day of a number, leave whoever tries a million numbers with some hits:
    only here they are seen together. What could not have been right anyway is not counted.
    """

    def __init__(self) -> None:
        self._windows = (_Window(WINDOW_US, FAILED_MAX), _Window(SLOW_WINDOW_US, SLOW_FAILED_MAX))
        self._until = 0

    def left_us(self, now: int) -> int:
        """For how long nothing is checked."""
        # A clock that was put back must not make the pause longer.
        self._until = min(self._until, now + PAUSE_US)
        return max(self._until - now, 0)

    def note(self, checked: Checked, now: int) -> int:
        """Remember a verification's first wrong code, or that it was verified.

        Answers how many had wrong ones, if that opens it, and 0 otherwise.
        """
        # Nobody has anything from guessing at a test number, and tests try wrong codes on purpose.
        if checked.replayed or checked.test_number or not (checked.valid or checked.first):
            return 0
        failed = max(window.note(now, failed=checked.first) for window in self._windows)
        if not failed or not checked.first:
            return 0
        opens = not self.left_us(now)
        self._until = now + PAUSE_US
        return failed if opens else 0


class _Window:
    """What was tried within the last minute, or hour."""

    def __init__(self, size_us: int, failed_max: int) -> None:
        self._size_us = size_us
        self._failed_max = failed_max
        self._tried: deque[tuple[int, bool]] = deque()
        self._failed = 0

    def note(self, now: int, *, failed: bool) -> int:
        """Remember one; answers how many failed, if they are too many, and 0 otherwise."""
        tried, size_us = self._tried, self._size_us
        # Those to come are of before a clock was put back.
        while tried and (len(tried) == TRIED_MAX or not now - size_us < tried[0][0] <= now + size_us):
            self._failed -= tried.popleft()[1]
        tried.append((now, failed))
        self._failed += failed
        guessing = self._failed >= self._failed_max and self._failed >= FAILED_SHARE * len(tried)
        return self._failed if guessing else 0
