"""The tables, defined once for both engines: integers for time (microseconds UTC) and money (micro-units).

Rules that keep them fast at tens of millions of rows: ids are time-ordered, so rows and index
entries are appended; an index exists only where a query needs it; what is looked up by a random
key (idempotency, vendor references) lives in small tables of its own; the message row is its own
outbox, and only open messages are in its partial indexes.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from posthouse.core.ids import HOUR


def fixed(value: str | int) -> ColumnElement[Any]:
    """A constant written into the SQL: only constants find a partial index."""
    return literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def hour_of(message_id: ColumnElement[int]) -> ColumnElement[int]:
    """The hour an id was taken in, counted from the ids' epoch."""
    return message_id // literal_column(str(HOUR), BigInteger())


NONE_SKIPPED = fixed(0)
"""For `.offset()` beside every `.limit()`: SQLAlchemy's SQLite dialect would add a parameter of its own."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Big = BigInteger().with_variant(Integer, "sqlite")
"""64-bit; on SQLite an INTEGER PRIMARY KEY is the row id itself."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("status", String(20), nullable=False),
    Column("region", String(3), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("unknown_policy", String(20), nullable=False),
    Column(
        "strict_numbers", Boolean, nullable=False, server_default=false()
    ),  # refuse possible but invalid numbers
    Column("rate_limit", Integer),  # calls a second a key; none: the usual limit
    Column("quiet_hours", String(11)),  # as 21:00-08:00
    Column("recipient_limits", Text),  # JSON: purpose → window → limit
    Column("total", Big, nullable=False),  # messages ever accepted
    Column("numbered", Big, nullable=False),  # the last number given to a message
    Column("created_at", Big, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Big, primary_key=True),
    Column("lookup", String(20), nullable=False, unique=True),
    Column("account_id", Big, nullable=False),
    Column("role", String(20), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("scopes", Text, nullable=False),  # space-separated
    Column("token_hash", LargeBinary, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("rate_limit", Integer),
    Column("created_at", Big, nullable=False),
    Column("revoked_at", Big),
    Column("name", String(100)),
)

prices = Table(
    "prices",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),  # 0: the platform's default list
    Column("country", String(3), primary_key=True),  # or `*`
    Column("price", Big, nullable=False),
    sqlite_with_rowid=False,
)

templates = Table(
    "templates",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("template_id", String(64), nullable=False),
    Column("name", String(100), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),  # the newest
    Column("created_at", Big, nullable=False),
    Column("updated_at", Big, nullable=False),
    Column("deleted_at", Big),
    UniqueConstraint("account_id", "template_id"),
)

template_versions = Table(
    "template_versions",  # never changed, never deleted: messages name them
    metadata,
    Column("template", Big, primary_key=True, autoincrement=False),  # templates.id
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("signature", String(40)),
    Column("variables", Text, nullable=False),  # JSON: [[name, max_length], …]
    Column("created_at", Big, nullable=False),
    sqlite_with_rowid=False,
)

signatures = Table(
    "signatures",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("signature_id", String(64), nullable=False),
    Column("name", String(40), nullable=False),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("account_id", "signature_id"),
    UniqueConstraint("account_id", "name"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("subject", String(10), primary_key=True),  # template · signature
    Column("subject_id", Big, primary_key=True, autoincrement=False),  # templates.id or signatures.id
    Column("version", Integer, primary_key=True, autoincrement=False),  # 0 for signatures
    Column("vendor", String(100), primary_key=True),  # or a channel's name
    Column("account_id", Big, nullable=False),
    Column("vendor_id", String(100)),
    Column("parameters", Text, nullable=False),  # JSON: [[theirs, ours], …]
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("updated_at", Big, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_approvals_account", approvals.c.account_id)

approval_changes = Table(
    "approval_changes",
    metadata,
    Column("id", Big, primary_key=True),
    Column("subject", String(10), nullable=False),
    Column("subject_id", Big, nullable=False),
    Column("version", Integer, nullable=False),
    Column("vendor", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("at", Big, nullable=False),
)
Index("ix_approval_changes_subject", approval_changes.c.subject, approval_changes.c.subject_id)

word_lists = Table(
    "word_lists",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),  # one a line
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("number", String(16), nullable=False),
    Column("lane", SmallInteger, nullable=False),  # -1: every purpose
    Column("reason", String(255)),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("account_id", "number", "lane"),
)
Index("ix_suppressions_account", suppressions.c.account_id, suppressions.c.id)

admissions = Table(
    "admissions",  # what accounts with limits had accepted for a number, for a day
    metadata,
    Column("id", Big, primary_key=True),
    Column("account_id", Big, nullable=False),
    Column("number", String(16), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("at", Big, nullable=False),
)
Index(
    "ix_admissions_number",
    admissions.c.account_id,
    admissions.c.number,
    admissions.c.lane,
    admissions.c.at,
)
Index("ix_admissions_at", admissions.c.at)

channels = Table(
    "channels",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("vendor", String(40), nullable=False),
    Column("account_id", Big),
    Column("state", String(20), nullable=False),
    Column("countries", Text, nullable=False),  # space-separated; empty: all
    Column("weight", Integer, nullable=False),
    Column("rate_per_s", Integer, nullable=False),
    Column("concurrency", Integer, nullable=False),
    Column("cost", Big, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("credentials", LargeBinary, nullable=False),  # sealed by core/vault.py
    Column("created_at", Big, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    # As accepted: the fields of core.ports.life.NewMessage, in its order.
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("batch_id", Big),
    Column("recipient", String(16), nullable=False),
    Column("country", String(3), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("mode", String(4), nullable=False),
    Column("sender", String(40)),
    Column("signature", String(40)),
    Column("body", Text),
    Column("template_id", String(64)),
    Column("params", Text),
    Column("encoding", String(8), nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("price", Big, nullable=False),
    Column("reference", String(255)),
    Column("metadata", Text),
    Column("pin", String(100)),
    Column("created_at", Big, nullable=False),
    Column("send_at", Big),
    Column("expires_at", Big, nullable=False),
    Column("due_at", Big),  # set exactly while it waits in its lane, leased by nobody
    Column("look_at", Big),  # set exactly while it waits for a time: scheduled, unknown, sent
    Column("simulated", Boolean, nullable=False),
    Column("template_version", Integer),
    Column("extend", Text),
    Column("postponed_from", Big),
    # As it lives.
    Column("number", Big, nullable=False),  # 1, 2, 3 … within the account; gaps where a batch was dropped
    Column("charge", String(8), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("events", SmallInteger, nullable=False),  # the sequence of the newest event
    Column("vendor", String(40)),
    Column("reason", String(20)),
    Column("updated_at", Big, nullable=False),
    # Who works on it.
    Column("lease", Big),  # fencing token
    Column("lease_owner", Big),
    Column("lease_until", Big),
)

Index("ix_messages_account", messages.c.account_id, messages.c.id)

# One test for null each: predicates that name states or leases double the cost of every update.
waiting = messages.c.due_at.is_not(None)
Index(
    "ix_messages_waiting",
    messages.c.lane,
    messages.c.account_id,
    messages.c.due_at,
    messages.c.batch_id,
    sqlite_where=waiting,
    postgresql_where=waiting,
)

timed = messages.c.look_at.is_not(None)
Index("ix_messages_timed", messages.c.look_at, sqlite_where=timed, postgresql_where=timed)

leased = messages.c.lease.is_not(None)
Index("ix_messages_leased", messages.c.lease_owner, sqlite_where=leased, postgresql_where=leased)

batches = Table(
    "batches",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("state", String(10), nullable=False),  # staged · published
    Column("count", Integer, nullable=False),
    Column("amount", Big, nullable=False),
    Column("first_id", Big, nullable=False),
    Column("last_id", Big, nullable=False),
    Column("reference", String(255)),
    Column("created_at", Big, nullable=False),
)
staged = batches.c.state == fixed("staged")
Index("ix_batches_staged", batches.c.created_at, sqlite_where=staged, postgresql_where=staged)

Index("ix_batches_account", batches.c.account_id, batches.c.id)

held_messages = Table(
    "held_messages",  # open messages of a restored backup: out of every line until an operator releases them
    metadata,
    Column("message_id", Big, primary_key=True, autoincrement=False),
    Column("due_at", Big),
    Column("look_at", Big),
    Column("held_at", Big, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("message_id", Big, primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("channel_id", Big, nullable=False),
    Column("vendor", String(40), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("reason", String(20)),
    Column("code", String(100)),  # the vendor's own words, kept beside ours
    Column("text", Text),
    Column("parts", SmallInteger),
    Column("started_at", Big, nullable=False),
    Column("answered_at", Big),
    Column("settled_at", Big),
    sqlite_with_rowid=False,
)

vendor_references = Table(
    "vendor_references",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", Big, nullable=False),
    Column("reference", String(200), nullable=False),
    Column("recipient", String(16), nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column("message_id", Big, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("channel_id", "reference", "recipient"),
)

parked_receipts = Table(
    "parked_receipts",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", Big, nullable=False),
    Column("reference", String(200), nullable=False),
    Column("recipient", String(16), nullable=False),
    Column("fate", String(12), nullable=False),
    Column("reason", String(20)),
    Column("code", String(100), nullable=False),
    Column("at", Big, nullable=False),
    Column("received_at", Big, nullable=False),
    UniqueConstraint("channel_id", "reference", "recipient", "fate"),
)

replies = Table(
    "replies",
    metadata,
    Column("id", Big, primary_key=True),
    Column("account_id", Big),
    Column("channel_id", Big, nullable=False),
    Column("message_id", Big),
    Column("reference", String(200), nullable=False),
    Column("sender", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Big, nullable=False),
    UniqueConstraint("channel_id", "reference", "sender", "at"),  # told again, it is the same reply
)

events = Table(
    "events",
    metadata,
    Column("id", Big, primary_key=True),
    Column("message_id", Big, nullable=False),
    Column("sequence", SmallInteger, nullable=False),
    Column("account_id", Big, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", Big, nullable=False),
    Column("data", Text),  # JSON
)
Index("ix_events_message", events.c.message_id, events.c.sequence)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("operation", String(40), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("created_at", Big, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_idempotency_created", idempotency.c.created_at)

balances = Table(
    "balances",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("available", Big, nullable=False),
    Column("held", Big, nullable=False),
    Column("spent", Big, nullable=False),
    Column("funded", Big, nullable=False),
    Column("transfers", Big, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", Big, primary_key=True),
    Column("account_id", Big, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("amount", Big, nullable=False),
    Column("message_id", Big),
    Column("batch_id", Big),
    Column("at", Big, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

daily_counts = Table(
    "daily_counts",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("accepted", Big, nullable=False),
    sqlite_with_rowid=False,
)

state_counts = Table(
    "state_counts",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("state", String(12), primary_key=True),
    Column("count", Big, nullable=False),
    sqlite_with_rowid=False,
)

hourly_counts = Table(
    "hourly_counts",  # by the hour in the message's id: a list finds its page without counting rows
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("state", String(12), primary_key=True),
    Column("count", Big, nullable=False),
    sqlite_with_rowid=False,
)

nothing_counted = hourly_counts.c.count == fixed(0)
Index(
    "ix_hourly_counts_zero",
    hourly_counts.c.hour,
    sqlite_where=nothing_counted,
    postgresql_where=nothing_counted,
)

FINAL_SENT = "final_sent"
"""A word among the states of `hourly_counts`: of those `sent`, how many await no receipt."""

counters = Table(
    "counters",
    metadata,
    Column("name", String(20), primary_key=True),  # boot · directory · secret
    Column("value", Big, nullable=False),
    sqlite_with_rowid=False,
)
