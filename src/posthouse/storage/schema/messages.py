"""Messages with their batches and events: the rows that make up nearly all of a database."""

from sqlalchemy import Boolean, Column, Index, Integer, SmallInteger, String, Table, Text

from posthouse.storage.schema.base import Big, fixed, metadata

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
    Column("verification_id", Big),
    Column("avoid", Text),  # ids of channels, with spaces between
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
    # When to try another channel if no receipt has come; of codes, their verification knows.
    Column("silent_at", Big),
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

of_verification = messages.c.verification_id.is_not(None)
Index(
    "ix_messages_verification",
    messages.c.verification_id,
    sqlite_where=of_verification,
    postgresql_where=of_verification,
)

unheard = messages.c.silent_at.is_not(None)
Index("ix_messages_silent", messages.c.silent_at, sqlite_where=unheard, postgresql_where=unheard)

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
