"""Accounts with their keys, prices, channels, money and used idempotency keys."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, and_, false

from posthouse.storage.schema.base import Big, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("status", String(20), nullable=False),
    Column("region", String(3), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("unknown_policy", String(20), nullable=False),
    # Refuse numbers that are possible, but not valid.
    Column("strict_numbers", Boolean, nullable=False, server_default=false()),
    Column("rate_limit", Integer),  # calls a second a key; none: the usual limit
    Column("quiet_hours", String(11)),  # as 21:00-08:00
    Column("recipient_limits", Text),  # JSON: purpose → window → limit
    Column("guard", Text),  # JSON: what differs from the usual settings
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

channels = Table(
    "channels",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("vendor", String(40), nullable=False),
    Column("account_id", Big),  # whose own it is; none: the platform's
    Column("state", String(20), nullable=False),
    Column("countries", Text, nullable=False),  # space-separated; empty: all
    Column("weight", Integer, nullable=False),
    Column("rate_per_s", Integer, nullable=False),
    Column("concurrency", Integer, nullable=False),
    Column("cost", Big, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("credentials", LargeBinary, nullable=False),  # sealed by core/vault.py
    Column("created_at", Big, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),  # JSON: what is no secret
    Column("costs", Text, nullable=False, server_default="{}"),  # JSON: country → micro-units a part
    Column("callback_from", Text, nullable=False, server_default=""),  # networks; empty: all
    Column("generation", Integer, nullable=False, server_default="1"),  # of its callback address
    Column("changed_at", Big),
    Column("removed_at", Big),
)
there = channels.c.removed_at.is_(None)
of_platform = and_(channels.c.account_id.is_(None), there)
Index(
    "uq_channels_own",
    channels.c.account_id,
    channels.c.name,
    unique=True,
    sqlite_where=there,
    postgresql_where=there,
)
Index(
    "uq_channels_platform",
    channels.c.name,
    unique=True,
    sqlite_where=of_platform,
    postgresql_where=of_platform,
)

routes = Table(
    "routes",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("position", Integer, nullable=False),  # the lowest that applies decides
    Column("rule", Text, nullable=False),  # JSON: core/rules.py
    Column("created_at", Big, nullable=False),
    Column("updated_at", Big, nullable=False),
)

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
