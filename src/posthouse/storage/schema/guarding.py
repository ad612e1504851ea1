"""What the guard against pumping keeps: who is blocked or safe, and what was sent, by the minute."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from posthouse.storage.schema.base import Big, metadata

guard_entries = Table(
    "guard_entries",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),  # 0: the platform's
    Column("list", String(5), nullable=False),
    Column("kind", String(7), nullable=False),
    Column("value", String(50), nullable=False),
    Column("rule", String(20), nullable=False),  # that made it; empty: somebody did
    Column("mode", String(4), nullable=False),  # empty: both
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big),
    # By the value first: a code is looked up by all prefixes of its number at once.
    UniqueConstraint("value", "account_id", "list", "kind", "mode", "rule"),
)
Index("ix_guard_entries_list", guard_entries.c.account_id, guard_entries.c.list, guard_entries.c.id)
Index("ix_guard_entries_rule", guard_entries.c.account_id, guard_entries.c.list, guard_entries.c.rule)

_expiring = guard_entries.c.expires_at.is_not(None)
Index(
    "ix_guard_entries_expiring",
    guard_entries.c.expires_at,
    sqlite_where=_expiring,
    postgresql_where=_expiring,
)

guard_counts = Table(
    "guard_counts",  # what was sent to a prefix, for an address and so on, by slices of time
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("mode", String(4), primary_key=True),
    Column("kind", String(10), primary_key=True),  # of subject; or what a rule did
    Column("subject", String(50), primary_key=True),
    Column("slice", Big, primary_key=True, autoincrement=False),  # when it begins, in microseconds
    Column("sent", Integer, nullable=False),
    Column("begun", Integer, nullable=False),  # verifications
    Column("verified", Integer, nullable=False),
    Column("spent", Big, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_guard_counts_slice", guard_counts.c.kind, guard_counts.c.slice)

conversions = Table(
    "conversions",  # verifications that ended, by the hour: how many codes came to be used
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("hour", Big, primary_key=True, autoincrement=False),  # when it begins, in microseconds
    Column("country", String(3), primary_key=True),
    Column("prefix", String(16), primary_key=True),  # the number without its last four digits
    Column("channel_id", Big, primary_key=True, autoincrement=False),  # the last that took it; 0: none
    Column("mode", String(4), primary_key=True),
    Column("ended", Integer, nullable=False),
    Column("verified", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_conversions_hour", conversions.c.hour)
