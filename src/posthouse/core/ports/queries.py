"""What can be asked of the store."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.guard import UNCHANGED_GUARD, Guard
from posthouse.core.ledger import Balance
from posthouse.core.limits import NO_LIMITS, Limits
from posthouse.core.message import Lane, Mode, Progress, State
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.store import Query
from posthouse.core.quiet import QuietHours
from posthouse.core.routing import UnknownPolicy


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
    template_version: int | None = None
    postponed_from: int | None = None


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


class Happening(NamedTuple):
    """An event of any message, with what a reader wants to know of the message and of the call it tells of.

    `id` grows with every event; `channel` and `vendor` are None where no vendor call is concerned.
    """

    id: int
    message_id: int
    sequence: int
    account_id: int
    recipient: str
    kind: str
    at: int
    data: str | None
    channel: str | None
    vendor: str | None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events of all messages, oldest first; what happens later has ids above `next_after`."""

    events: list[Happening]
    next_after: int


@dataclass(frozen=True, slots=True)
class ListEvents(Query[EventPage]):
    """The first `limit` events behind the id `after_id`; without it, the last ones below `before_id`.

    Batches become visible as a whole: the page ends before the first event of one that is not published
    yet, unless that happened before `staged_since`, and its acceptance will never end.
    """

    limit: int
    staged_since: int
    after_id: int | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages a list shows; what is left out does not matter.

    `since` and `until` (exclusive) are times of acceptance, taken from the ids: see `PageMessages`. A `state`
    that is empty means any.
    """

    account_id: int | None = None
    state: frozenset[State] = frozenset()
    recipient: str | None = None
    since: int | None = None
    until: int | None = None
    batch_id: int | None = None
    reference: str | None = None
    lane: Lane | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages of a list, newest first; the list goes on below the id `next_before`, where there is one."""

    messages: list[MessageRecord]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ListMessages(Query[MessagePage]):
    """Messages below the id `before_id`, newest first.

    One query looks at a bounded number of rows: a page may hold fewer than `limit`, even none, while
    `next_before` says that there is more to look through.
    """

    wanted: Wanted
    limit: int = 20
    before_id: int | None = None


class MessageLine(NamedTuple):
    """What a numbered list shows of a message."""

    id: int
    number: int
    recipient: str
    template_id: str | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page, newest first, and how many messages there are on all pages."""

    lines: list[MessageLine]
    total: int


@dataclass(frozen=True, slots=True)
class PageMessages(Query[RecordPage]):
    """So many of an account's messages after the newest `offset`, with the number of all.

    `since` and `until` (exclusive) are microseconds UTC, compared with the times in the ids
    (`ids.taken_at`), by which the messages are ordered too. An id is never older than its message's
    `created_at`, and newer by as much as it ran ahead: by the length of a batch, or after a clock was set
    back. Who shows such a page shows the id's time, and page, order and filter agree to the microsecond.
    """

    account_id: int
    progress: Progress | None = None
    since: int | None = None
    until: int | None = None
    offset: int = 0
    limit: int = 10


class AccountRecord(NamedTuple):
    """An account's settings."""

    id: int
    name: str
    status: AccountStatus
    region: str
    currency: str
    unknown_policy: UnknownPolicy
    created_at: int
    strict_numbers: bool = False
    rate_limit: int | None = None
    quiet_hours: QuietHours | None = None
    recipient_limits: Limits = NO_LIMITS
    guard: Guard = UNCHANGED_GUARD


@dataclass(frozen=True, slots=True)
class GetAccount(Query[AccountRecord | None]):
    """An account, by id or by name."""

    account_id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ListAccounts(Query[list[tuple[AccountRecord, Balance]]]):
    """Accounts with their balances, oldest first; `after_id` is exclusive."""

    limit: int = 1000
    after_id: int = 0


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
    name: str | None = None


@dataclass(frozen=True, slots=True)
class FindKey(Query[KeyRecord | None]):
    """A credential by its lookup, revoked or not."""

    lookup: str


@dataclass(frozen=True, slots=True)
class ListKeys(Query[list[KeyRecord]]):
    """Credentials of an account, or of all, oldest first; `after_id` is exclusive."""

    account_id: int | None = None
    limit: int = 1000
    after_id: int = 0


@dataclass(frozen=True, slots=True)
class GetPrices(Query[dict[str, int]]):
    """An account's price list: country (or `*`) → micro-units a part."""

    account_id: int


@dataclass(frozen=True, slots=True)
class DirectoryVersion(Query[int]):
    """A number that every administrative command raises."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One place where the ledger, or a counter of messages, does not add up."""

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
    """Recompute everything: purses, chains, holds against messages, charges against states, counters.

    `window`: so many messages are in memory at once, and the transfers are read once for each window.
    """

    window: int = 1_000_000


@dataclass(frozen=True, slots=True)
class CheckBooks(Query[tuple[Drift, ...]]):
    """Whether each account's purses add up and none is below zero: sums only, so cheap."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """How the store stands.

    Attributes:
        by_state: messages by state, over all accounts.
        waiting: of each lane, how many messages are in line (a million at most), and since when the
            first of them is due.
        held: how many messages a restore holds (a million at most).
        scheduled_since: the `send_at` of a scheduled message whose time has come, the earliest.
    """

    by_state: dict[str, int]
    waiting: dict[Lane, tuple[int, int | None]]
    held: int
    scheduled_since: int | None


@dataclass(frozen=True, slots=True)
class GetGauges(Query[Gauges]):
    """For the metrics page: counters and bounded looks into partial indexes."""

    now: int
