"""Who gets no message: suppressed numbers, and those that had as many as their sender allows."""

from sqlalchemy import Column, Index, SmallInteger, String, Table, UniqueConstraint

from posthouse.storage.schema.base import Big, metadata

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
    Column("mode", String(4), nullable=False),
    Column("at", Big, nullable=False),
    Column("batch_id", Big),
)
Index(
    "ix_admissions_number",
    admissions.c.account_id,
    admissions.c.number,
    admissions.c.lane,
    admissions.c.mode,
    admissions.c.at,
)
Index("ix_admissions_at", admissions.c.at)
