"""Numbers kept beside the messages, so that nothing is counted by reading them all."""

from sqlalchemy import Column, Index, Integer, String, Table

from posthouse.storage.schema.base import Big, fixed, metadata

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
