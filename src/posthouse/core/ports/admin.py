"""Commands of the operator: accounts, money, keys. All of them raise the directory's version."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from posthouse.core.keys import ACCOUNT_SCOPES, GRANTED_SCOPES, SCOPES
from posthouse.core.ledger import CURRENCY, Balance
from posthouse.core.limits import Limits
from posthouse.core.message import Mode
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command
from posthouse.core.quiet import QuietHours
from posthouse.core.routing import UnknownPolicy

PLATFORM = 0
"""The account number of the default price list."""


class AccountStatus(StrEnum):
    """How far an account may go: only `approved` sends for real, `trial` on the sandbox."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    TRIAL = "trial"


class Role(StrEnum):
    """Whose key it is: an operator's also rules the platform's resources."""

    OPERATOR = "operator"
    ACCOUNT = "account"

    @property
    def scopes(self) -> frozenset[str]:
        """All that a key of this role can be allowed to do."""
        return SCOPES if self is Role.OPERATOR else ACCOUNT_SCOPES

    @property
    def usual_scopes(self) -> frozenset[str]:
        """What a new key of this role may do, where nothing is said."""
        return self.scopes if self is Role.OPERATOR else self.scopes - GRANTED_SCOPES


@dataclass(frozen=True, slots=True)
class CreateAccount(Command[bytes | None]):
    """Open an account with the platform's default prices and a first credit.

    Answers the stored reply where the idempotency key was used before. Refuses with ALREADY_EXISTS and
    IDEMPOTENCY_KEY_REUSED. `rate_limit`: calls a second a key; None is the usual limit.
    """

    name: str
    status: AccountStatus
    credit: int
    at: int
    region: str = "CN"
    currency: str = CURRENCY
    unknown_policy: UnknownPolicy = UnknownPolicy.LEAVE
    strict_numbers: bool = False
    rate_limit: int | None = None
    once: Once | None = None


class Credited(NamedTuple):
    """The account's money right after a credit; `replayed` where the key was used before."""

    balance: Balance
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CreditAccount(Command[Credited]):
    """Add prepaid money.

    With `once` the money is added once, however often that is asked; its reply is written by the store.
    Refuses with NOT_FOUND, INVALID_VALUE (more than an account can hold) and IDEMPOTENCY_KEY_REUSED.
    """

    name: str
    amount: int
    at: int
    once: Once | None = None


RATE_LIMIT = 5_000
"""Calls a second a key may make, where its account has no limit of its own."""

USUAL_LIMIT = 0
"""As an account's new limit: back to the usual one."""


@dataclass(frozen=True, slots=True)
class UpdateAccount(Command[None]):
    """Change what is given of an account's settings. Refuses with NOT_FOUND.

    A new `rate_limit` (calls a second a key, or `USUAL_LIMIT`) holds for every limited key of the account.
    `quiet_hours` "none" ends them; `recipient_limits` replace those of before.
    """

    name: str
    status: AccountStatus | None = None
    region: str | None = None
    unknown_policy: UnknownPolicy | None = None
    strict_numbers: bool | None = None
    rate_limit: int | None = None
    quiet_hours: QuietHours | Literal["none"] | None = None
    recipient_limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A credential as stored: `lookup` finds it, the two hashes prove the Bearer key and the secret."""

    lookup: str
    account_id: int
    role: Role
    mode: Mode
    scopes: frozenset[str]
    token_hash: bytes
    secret_hash: bytes
    limited: bool
    created_at: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CreateKey(Command[bytes | None]):
    """Store a credential, limited as its account is (or not at all).

    Answers the stored reply where the idempotency key was used before, and then stores nothing. Refuses
    with IDEMPOTENCY_KEY_REUSED.
    """

    key: NewKey
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class OpenTrial(Command[bytes | None]):
    """Open an account on trial, with its key (whose `account_id` does not count).

    Answers the stored reply where the idempotency key was used before. Refuses with TRIALS_EXHAUSTED when
    there are `total_max` accounts on trial, and with IDEMPOTENCY_KEY_REUSED.
    """

    name: str
    credit: int
    key: NewKey
    at: int
    total_max: int
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class RevokeKey(Command[None]):
    """End a credential for ever, by its lookup.

    Refuses with NOT_FOUND, and with LAST_OPERATOR_KEY when nobody could administer any more.
    """

    lookup: str
    at: int


@dataclass(frozen=True, slots=True)
class SetPrices(Command[None]):
    """Set lines of a price list; account 0 is the platform's default list.

    A line is a country (`*` for all others) and its price: micro-units a part, or None to take it out.
    Accepted messages keep the price they were accepted at.
    """

    account_id: int
    lines: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class NoteSecret(Command[None]):
    """Remember which master key this installation belongs to.

    Refuses with FORBIDDEN when it belongs to another: its keys could never be proven.
    """

    fingerprint: int


@dataclass(frozen=True, slots=True)
class NextBoot(Command[int]):
    """A number no process had before: the owner of leases and the node of ids."""
