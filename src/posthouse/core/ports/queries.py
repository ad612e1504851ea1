"""What can be asked of the store."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.ledger import Balance
from posthouse.core.message import Mode, State
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.store import Query
from posthouse.core.routing import Channel, UnknownPolicy


class MessageRecord(NamedTuple):
    """A message as callers may see it. Params of the vendor's template and money are in it; codes never."""

    id: int
    account_id: int
    number: int
    batch_id: int | None
    recipient: str
    country: str
    lane: int
    state: str
    charge: str
    mode: str
    sender: str | None
    signature: str | None
    body: str | None
    template_id: str | None
    encoding: str
    parts: int
    price: int
    reference: str | None
    metadata: str | None
    pin: str | None
    vendor: str | None
    simulated: bool
    reason: str | None
    attempts: int
    created_at: int
    send_at: int | None
    expires_at: int
    due_at: int | None
    look_at: int | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class GetMessage(Query[MessageRecord | None]):
    """One message of an account (of any, when the account is None)."""

    account_id: int | None
    message_id: int


@dataclass(frozen=True, slots=True)
class FindReply(Query[bytes | None]):
    """The stored reply of an idempotency key; refuses with IDEMPOTENCY_KEY_REUSED on another fingerprint."""

    account_id: int
    operation: str
    key: str
    fingerprint: bytes


class AttemptRecord(NamedTuple):
    """One vendor call made for a message."""

    number: int
    channel: str
    vendor: str
    outcome: str
    reason: str | None
    code: str | None
    text: str | None
    started_at: int
    answered_at: int | None
    settled_at: int | None


class EventRecord(NamedTuple):
    """One change of a message, numbered from 1; `data` is JSON."""

    sequence: int
    kind: str
    at: int
    data: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that ever happened to a message."""

    message: MessageRecord
    attempts: tuple[AttemptRecord, ...]
    events: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class GetTrace(Query[Trace | None]):
    """The whole story of one message of an account (of any, when the account is None)."""

    account_id: int | None
    message_id: int


@dataclass(frozen=True, slots=True)
class ListMessages(Query[list[MessageRecord]]):
    """Newest first; `before_id` is exclusive."""

    account_id: int | None
    limit: int = 20
    before_id: int | None = None
    state: State | None = None


class AccountRecord(NamedTuple):
    """An account's settings."""

    id: int
    name: str
    status: AccountStatus
    region: str
    currency: str
    unknown_policy: UnknownPolicy
    created_at: int


@dataclass(frozen=True, slots=True)
class GetAccount(Query[AccountRecord | None]):
    """An account, by id or by name."""

    account_id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ListAccounts(Query[list[tuple[AccountRecord, Balance]]]):
    """All accounts with their balances, oldest first."""

    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """An account's money and counters."""

    balance: Balance
    total: int
    today: int


@dataclass(frozen=True, slots=True)
class GetStanding(Query[Standing | None]):
    """Balance, all messages ever accepted, and those accepted on `day` (yyyymmdd)."""

    account_id: int
    day: int


class KeyRecord(NamedTuple):
    """A stored credential."""

    id: int
    lookup: str
    account_id: int
    role: Role
    mode: Mode
    scopes: frozenset[str]
    token_hash: bytes
    secret_hash: bytes
    rate_limit: int | None
    created_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class FindKey(Query[KeyRecord | None]):
    """A credential by its lookup, revoked or not."""

    lookup: str


@dataclass(frozen=True, slots=True)
class ListKeys(Query[list[KeyRecord]]):
    """Credentials of an account, or all."""

    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class ListChannels(Query[list[Channel]]):
    """All channels."""


@dataclass(frozen=True, slots=True)
class GetPrices(Query[dict[str, int]]):
    """An account's price list: country (or `*`) → micro-units a part."""

    account_id: int


@dataclass(frozen=True, slots=True)
class DirectoryVersion(Query[int]):
    """A number that every administrative command raises."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One place where the ledger does not add up."""

    account_id: int
    what: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome of recomputing every balance from the first transfer."""

    accounts: int
    transfers: int
    messages: int
    drifts: tuple[Drift, ...]


@dataclass(frozen=True, slots=True)
class CheckLedger(Query[Audit]):
    """Recompute everything: purses, chains, holds against messages, charges against states."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages by state, over all accounts."""

    by_state: dict[str, int]


@dataclass(frozen=True, slots=True)
class GetCounts(Query[Counts]):
    """For the metrics page."""
