"""The life of a message: its state is a function of its attempts, kept by the one table below."""

from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple

from posthouse.core.verdict import Accepted, Deferred, NotSent, Refused, Verdict


class State(StrEnum):
    """Where a message stands. `FINAL` below says which of these end its life."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELED = "canceled"
    UNCONFIRMED = "unconfirmed"


class Happened(StrEnum):
    """What can happen to a message that is not a state: with `State`, every kind of event there is."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    NOT_SENT = "not_sent"
    RECONCILED = "reconciled"
    RESEND = "resend"
    REPLIED = "replied"
    RESCHEDULED = "rescheduled"
    POSTPONED = "postponed"
    HELD = "held"
    RELEASED = "released"


FINAL = frozenset(
    {
        State.DELIVERED,
        State.UNDELIVERED,
        State.EXPIRED,
        State.FAILED,
        State.CANCELED,
        State.UNCONFIRMED,
    }
)
"""No attempt will follow. `sent` joins them only on a channel that has no receipts."""

CANCELABLE = frozenset({State.SCHEDULED, State.QUEUED})


class Progress(StrEnum):
    """A message's standing in three words: `success` is delivered, or `sent` where that is final."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


def progress_of(state: State, *, final_sent: bool) -> Progress:
    """The word for a state; `final_sent` says whether `sent` would be final, since no receipt will come."""
    if state is State.DELIVERED or (state is State.SENT and final_sent):
        return Progress.SUCCESS
    return Progress.FAILED if state in FINAL else Progress.PENDING


class Lane(IntEnum):
    """A message's purpose, which is also its lane; a smaller number goes first."""

    OTP = 0
    NOTIFICATION = 1
    MARKETING = 2

    @property
    def label(self) -> str:
        """The word callers use: `otp`, `notification` or `marketing`."""
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> "Lane":
        """The lane that callers name so.

        Raises:
            KeyError: there is none.
        """
        return cls[label.upper()]


class Mode(StrEnum):
    """Whether a key sends for real or through the simulator."""

    LIVE = "live"
    TEST = "test"


class Outcome(StrEnum):
    """What became of one attempt so far: `started`, then a verdict, then perhaps a receipt."""

    STARTED = "started"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


TAKEN = frozenset({Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.UNDELIVERED})
"""A vendor had it: the message is charged, and never refunded by itself."""

IN_DOUBT = TAKEN | {Outcome.UNKNOWN, Outcome.STARTED}
"""A handset may have it, or may yet get it."""


class Ending(StrEnum):
    """Why nothing more will be tried, where that is not the vendors' doing."""

    CANCELED = "canceled"
    EXPIRED = "expired"
    AGED = "aged"


class Charge(StrEnum):
    """What became of the money held at acceptance."""

    HELD = "held"
    SETTLED = "settled"
    RELEASED = "released"


class Life(NamedTuple):
    """All that a state depends on.

    Attributes:
        outcomes: of every attempt, oldest first.
        more: another attempt is due.
        scheduled: the next attempt waits for `send_at`.
        ending: set when the message was stopped, ran out of validity, or aged 72 h.
    """

    outcomes: tuple[Outcome, ...] = ()
    more: bool = False
    scheduled: bool = False
    ending: Ending | None = None


_TABLE: tuple[tuple[State, Callable[[Life], bool]], ...] = (
    # The first row that holds names the state.
    (State.CANCELED, lambda life: life.ending is Ending.CANCELED),
    (State.DELIVERED, lambda life: Outcome.DELIVERED in life.outcomes),
    (State.SENDING, lambda life: bool(life.outcomes) and life.outcomes[-1] is Outcome.STARTED),
    (State.SCHEDULED, lambda life: life.scheduled and life.more),
    (State.QUEUED, lambda life: life.more),
    (State.UNCONFIRMED, lambda life: life.ending is Ending.AGED and _open(life)),
    (State.SENT, lambda life: Outcome.ACCEPTED in life.outcomes),
    # What another channel got after that, and did not answer, may still arrive.
    (State.UNDELIVERED, lambda life: Outcome.UNDELIVERED in life.outcomes and not _in_doubt(life)),
    (State.UNKNOWN, lambda life: Outcome.UNKNOWN in life.outcomes),
    (State.EXPIRED, lambda life: life.ending is Ending.EXPIRED),
    (State.FAILED, lambda _: True),
)


def _open(life: Life) -> bool:
    if Outcome.ACCEPTED in life.outcomes or _in_doubt(life):
        return True
    return Outcome.UNKNOWN in life.outcomes and Outcome.UNDELIVERED not in life.outcomes


def _in_doubt(life: Life) -> bool:
    return bool(life.outcomes) and life.outcomes[-1] is Outcome.UNKNOWN


@lru_cache(maxsize=4096)
def state_of(life: Life) -> State:
    """The state of a message with this life.

    `failed` and `expired` are the last rows: they need that no attempt was accepted or unknown.
    """
    for state, holds in _TABLE:
        if holds(life):
            return state
    raise AssertionError(life)


def next_state(state: State, life: Life) -> State:
    """The state after news: what is final yields to `delivered` alone, and `canceled` to nothing."""
    new = state_of(life)
    if state in FINAL and (new is not State.DELIVERED or state is State.CANCELED):
        return state
    return new


def charge_of(outcomes: Sequence[Outcome], state: State) -> Charge:
    """Where the held money belongs: spent once anyone took it (or may have, at the end), else back."""
    if state is State.UNCONFIRMED or not TAKEN.isdisjoint(outcomes):
        return Charge.SETTLED
    if state in FINAL:
        return Charge.RELEASED
    return Charge.HELD


_OUTCOMES: dict[type[Verdict], Outcome] = {
    Accepted: Outcome.ACCEPTED,
    Refused: Outcome.REFUSED,
    Deferred: Outcome.DEFERRED,
    NotSent: Outcome.NOT_SENT,
}


def outcome_of(verdict: Verdict) -> Outcome:
    """The outcome that a verdict gives its attempt."""
    return _OUTCOMES.get(type(verdict), Outcome.UNKNOWN)


def after_receipt(outcome: Outcome, told: Outcome) -> Outcome:
    """The outcome after a receipt: `delivered` stands for ever, `undelivered` yields only to it."""
    if outcome is Outcome.DELIVERED or (outcome is Outcome.UNDELIVERED and told is not Outcome.DELIVERED):
        return outcome
    return told


AGE_LIMIT_US = 72 * 3600 * 1_000_000
"""A message that was taken, or may have been, and is not heard of for this long ends `unconfirmed`."""

VALIDITY_S: dict[Lane, int] = {Lane.OTP: 600, Lane.NOTIFICATION: 86_400, Lane.MARKETING: 86_400}
"""How long we try to send where the caller does not say."""

UNKNOWN_SETTLES_AFTER_US: dict[Lane, int] = {
    Lane.OTP: 5_000_000,
    Lane.NOTIFICATION: 60_000_000,
    Lane.MARKETING: 60_000_000,
}
"""When, after an unanswered call, the policy speaks."""
