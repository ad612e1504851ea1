"""Verifications: a code is sent, checked, and at last verified, expired, canceled or locked."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.guard import Objection
from posthouse.core.message import Mode
from posthouse.core.otp import Codes, Seed, VerificationState
from posthouse.core.ports.guard import Asked
from posthouse.core.ports.life import Accept, Once
from posthouse.core.ports.store import Command, Query

TEST_NUMBERS_MAX = 20
"""Of one account and mode."""


class Verification(NamedTuple):
    """A code that was asked for, as it is stored. The fields are the columns of `verifications`.

    Attributes:
        fixed: the hash of a test number's own code; None for a code that is computed and sent.
        checks_left: what is left of `CHECKS_MAX`.
        sends: how often it was sent.
        silent_at: when to see whether a receipt has come of the last sending.
    """

    id: int
    account_id: int
    mode: str
    number: str
    country: str
    purpose: str
    length: int
    salt: bytes
    binding: bytes
    fixed: bytes | None
    state: str
    checks_left: int
    sends: int
    created_at: int
    expires_at: int
    verified_at: int | None = None
    silent_at: int | None = None

    @property
    def seed(self) -> Seed:
        """What its code is computed from."""
        return Seed(
            self.salt, self.account_id, self.mode, self.number, self.purpose, self.length, self.binding
        )


@dataclass(frozen=True, slots=True)
class Challenge:
    """How things stand between an account and a number, for one purpose.

    Attributes:
        verification: the newest, whatever became of it.
        sent_at: when codes were sent for this purpose since one was verified, the last day's, in order.
        fixed: the hash of its code, where it is a test number.
        avoid: channels that carried the newest verification's code, or may have.
        delivered: a receipt says the handset has the newest verification's code.
        checks_left: of the newest verification.
    """

    verification: Verification | None = None
    sent_at: tuple[int, ...] = ()
    fixed: bytes | None = None
    avoid: tuple[int, ...] = ()
    delivered: bool = False
    checks_left: int = 0


@dataclass(frozen=True, slots=True)
class FindChallenge(Query[Challenge]):
    """What there is before a code is asked for."""

    account_id: int
    mode: Mode
    number: str
    purpose: str
    now: int


@dataclass(frozen=True, slots=True)
class CodeSent:
    """What became of a wish for a code: all fields empty when it was accepted.

    Attributes:
        replayed: the stored reply of the same idempotency key.
        stale: another code was asked for since the challenge was looked at; look again.
        refused: the guard's objection.
    """

    replayed: bytes | None = None
    stale: bool = False
    refused: Objection | None = None


@dataclass(frozen=True, slots=True)
class SendCode(Command[CodeSent]):
    """Count, guard and accept a code: its verification, message and money, all or nothing.

    A code that cannot have reached anybody keeps no other waiting: only the caps count it.
    `verification` is the one that `found` holds, sent once more, or a new one in its place. A test number's
    comes without a message (`accept.messages` is empty) and is neither guarded nor counted.

    Refuses with OTP_COOLDOWN, RECIPIENT_LIMITED and whatever `Accept` refuses with.
    """

    accept: Accept
    verification: Verification
    found: Challenge
    asked: Asked


class Checked(NamedTuple):
    """What became of a check.

    Attributes:
        verification_id, verified_at: of the one that is verified by it; None: the code does not count.
        wrong: a code that might have been right was wrong; `first`: for the first time in its verification.
        test_number: a test number's code was right or wrong, and so nobody's.
        replayed: it is the answer to an earlier check under the same idempotency key.
    """

    verification_id: int | None = None
    verified_at: int | None = None
    wrong: bool = False
    first: bool = False
    replayed: bool = False
    test_number: bool = False

    @property
    def valid(self) -> bool:
        """Whether the code was right, for the first time."""
        return self.verification_id is not None


@dataclass(frozen=True, slots=True)
class CheckCode(Command[Checked]):
    """Check a code against the newest verification of a number and purpose; one counter write, always.

    The count of checks goes down before the codes are compared. `verification_id`: the one the caller means;
    0 is none. Without a `purpose` it is that one's, else `otp.PURPOSE`. `once.reply` is not stored: the
    outcome is.

    Refuses with IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    mode: Mode
    number: str
    purpose: str | None
    verification_id: int | None
    code: str
    binding: bytes
    codes: Codes
    at: int
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class CancelVerification(Command[bool]):
    """End a pending verification; canceled already is as good.

    `mode`: of the key that asks; another mode's is not found. None: either will do.
    Answers whether the idempotency key was used before. Refuses with NOT_FOUND, NOT_CANCELABLE and
    IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    verification_id: int
    at: int
    once: Once | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class CloseVerifications(Command[int]):
    """Write down as expired, up to `limit`, whose time is over, and forget counts of more than a day ago.

    Answers how many rows of any one kind were touched; fewer than `limit`: that was all.
    """

    now: int
    limit: int


class VerificationRecord(NamedTuple):
    """A verification as its owner may see it; `state` as of the query's `now`."""

    id: int
    number: str
    country: str
    mode: str
    purpose: str
    length: int
    test_number: bool
    state: VerificationState
    checks_left: int
    sends: int
    message_ids: tuple[int, ...]
    created_at: int
    expires_at: int
    verified_at: int | None


@dataclass(frozen=True, slots=True)
class GetVerification(Query[VerificationRecord | None]):
    """One verification of an account."""

    account_id: int
    verification_id: int
    now: int


class VerificationPage(NamedTuple):
    """A part of a list; `next_before`: where to go on, None at its end."""

    records: list[VerificationRecord]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ListVerifications(Query[VerificationPage]):
    """An account's verifications below `before_id`, newest first, that fit what is given.

    A bounded number of them is looked at: a page may hold fewer than `limit` though there are more.
    """

    account_id: int
    limit: int
    now: int
    state: VerificationState | None = None
    number: str | None = None
    purpose: str | None = None
    before_id: int | None = None


# Not `TestNumber`: pytest would take such a name for a test wherever one imports it.
class FixedCode(NamedTuple):
    """A test number: it gets no messages, and its code is always the same one, kept as a keyed hash.

    Attributes:
        mode: of whose keys; for those of the other mode it is a number like any other.
    """

    row: int
    mode: Mode
    number: str
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class SaveFixedCode(Command[bytes | None]):
    """Keep a test number in place of one with the same number and mode, whose other code opens nothing then.

    Answers the stored reply of a used key. Refuses with TOO_MANY and IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    entry: FixedCode
    fixed: bytes
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class DropFixedCode(Command[FixedCode]):
    """Forget a test number of this mode, by its row, and cancel its pending codes; answers what it was.

    Refuses with NOT_FOUND.
    """

    account_id: int
    mode: Mode
    row: int
    at: int


@dataclass(frozen=True, slots=True)
class ListFixedCodes(Query[list[FixedCode]]):
    """An account's test numbers of a mode, newest first, expired ones left out."""

    account_id: int
    mode: Mode
    now: int
