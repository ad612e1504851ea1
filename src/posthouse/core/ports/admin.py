"""Commands of the operator: accounts, money, keys, channels. All of them raise the directory's version."""

from dataclasses import dataclass
from enum import StrEnum

from posthouse.core.message import Mode
from posthouse.core.ports.store import Command
from posthouse.core.routing import Channel, UnknownPolicy


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


@dataclass(frozen=True, slots=True)
class CreateAccount(Command[int]):
    """Open an account with the platform's default prices and a first credit; answers its id.

    Refuses with ALREADY_EXISTS.
    """

    name: str
    status: AccountStatus
    credit: int
    at: int
    region: str = "CN"
    currency: str = "CNY"
    unknown_policy: UnknownPolicy = UnknownPolicy.LEAVE


@dataclass(frozen=True, slots=True)
class CreditAccount(Command[int]):
    """Add prepaid money; answers what is available now. Refuses with NOT_FOUND."""

    name: str
    amount: int
    at: int


@dataclass(frozen=True, slots=True)
class SetAccountStatus(Command[None]):
    """Approve, reject or put back to pending. Refuses with NOT_FOUND."""

    name: str
    status: AccountStatus


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
    rate_limit: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class CreateKey(Command[int]):
    """Store a credential; answers its id."""

    key: NewKey


@dataclass(frozen=True, slots=True)
class RevokeKey(Command[None]):
    """End a credential for ever, by its lookup. Refuses with NOT_FOUND."""

    lookup: str
    at: int


@dataclass(frozen=True, slots=True)
class AddChannel(Command[int]):
    """Configure a connection to a vendor; `credentials` are sealed. Refuses with ALREADY_EXISTS."""

    channel: Channel
    credentials: bytes
    at: int


@dataclass(frozen=True, slots=True)
class SetPrice(Command[None]):
    """Micro-units a part for a country (`*` for all others); account 0 is the platform's default list."""

    account_id: int
    country: str
    price: int


@dataclass(frozen=True, slots=True)
class NoteSecret(Command[None]):
    """Remember which master key this installation belongs to.

    Refuses with FORBIDDEN when it belongs to another: its keys could never be proven.
    """

    fingerprint: int


@dataclass(frozen=True, slots=True)
class NextBoot(Command[int]):
    """A number no process had before: the owner of leases and the node of ids."""
