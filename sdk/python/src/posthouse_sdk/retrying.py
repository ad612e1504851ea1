"""When a call is tried again, and after how long. Pure: the engines wait and send."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from posthouse_sdk.errors import ConnectionFailed, InvalidSettings
from posthouse_sdk.replies import Reply
from posthouse_sdk.requests.building import Request

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 4.0
_LAST_MOMENT_S = 0.001

_TIMED_OUT = 408
_CONFLICT = 409
_TOO_MANY = 429
_SERVER = 500

MINUTES = frozenset({"otp_cooldown", "recipient_limited", "checks_paused", "guard_limited"})
"""Refusals whose wait is a matter of minutes: people must hear of them at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How much patience a client has."""

    timeout_s: float = 10.0
    """For one try, connecting included."""
    retries: int = 2
    budget_s: float = 30.0
    """For a call with all its tries and pauses."""

    def __post_init__(self) -> None:
        if not (self.timeout_s > 0 and self.budget_s > 0 and self.retries >= 0):
            raise InvalidSettings("timeout_s and budget_s must be more than 0, and retries not less.")


@dataclass(slots=True)
class Run:
    """One call on its way: counts tries, watches the budget."""

    request: Request
    policy: Policy
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    tries: int = 0
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.clock()

    def begin(self) -> float:
        """Count another try; how many seconds it may take."""
        self.tries += 1
        left = self.policy.budget_s - (self.clock() - self.since)
        return max(_LAST_MOMENT_S, min(self.policy.timeout_s, left))

    def pause_after(self, outcome: Reply | ConnectionFailed) -> float | None:
        """How long to wait before the next try; None: this outcome is the call's."""
        if self.tries > self.policy.retries or not self.request.route.repeatable:
            return None
        told = None
        if isinstance(outcome, Reply):
            if not _may_pass(outcome):
                return None
            told = outcome.retry_after_s()
        grown: float = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (self.tries - 1))
        # Who was told the same time as everybody else comes a little later than told, never sooner.
        pause = grown * (0.5 + self.jitter() / 2) if told is None else told + _FIRST_PAUSE_S * self.jitter()
        left = self.policy.budget_s - (self.clock() - self.since)
        return pause if pause < left else None


def _may_pass(reply: Reply) -> bool:
    problem = reply.document or {}
    code, retryable = problem.get("code"), problem.get("retryable")
    if retryable is False or code in MINUTES:
        return False
    if reply.status == _CONFLICT:
        return retryable is True
    return reply.status in {_TIMED_OUT, _TOO_MANY} or reply.status >= _SERVER
