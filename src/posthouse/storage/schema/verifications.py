"""Codes that were asked for, and how often: per number, and per number and purpose."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, String, Table, UniqueConstraint

from posthouse.storage.schema.base import Big, fixed, metadata

verifications = Table(
    "verifications",
    metadata,
    # The fields of core.ports.otp.Verification, in its order.
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("mode", String(4), nullable=False),
    Column("number", String(16), nullable=False),
    Column("country", String(3), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("length", SmallInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("binding", LargeBinary, nullable=False),
    Column("fixed", LargeBinary),
    Column("state", String(10), nullable=False),
    Column("checks_left", SmallInteger, nullable=False),  # as it was when the verification ended
    Column("sends", SmallInteger, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big, nullable=False),
    Column("verified_at", Big),
    Column("silent_at", Big),
)
Index("ix_verifications_account", verifications.c.account_id, verifications.c.id)

pending = verifications.c.state == fixed("pending")
Index("ix_verifications_pending", verifications.c.expires_at, sqlite_where=pending, postgresql_where=pending)

silent = verifications.c.silent_at.is_not(None)
Index("ix_verifications_silent", verifications.c.silent_at, sqlite_where=silent, postgresql_where=silent)

challenges = Table(
    "challenges",  # what a check has to do with: one row, rewritten by every check
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("mode", String(4), primary_key=True),
    Column("number", String(16), primary_key=True),
    Column("purpose", String(64), primary_key=True),
    Column("verification_id", Big),  # the newest
    Column("checks_left", SmallInteger, nullable=False),
    Column("sent_at", LargeBinary, nullable=False),  # times, packed: since one was verified
    Column("failed_at", LargeBinary, nullable=False),  # times, packed
    Column("touched_at", Big, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_challenges_touched", challenges.c.touched_at)

code_counts = Table(
    "code_counts",  # codes sent to a number, for all purposes
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("mode", String(4), primary_key=True),
    Column("number", String(16), primary_key=True),
    Column("sent_at", LargeBinary, nullable=False),  # times, packed
    Column("touched_at", Big, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_code_counts_touched", code_counts.c.touched_at)

fixed_codes = Table(
    "fixed_codes",  # test numbers
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("mode", String(4), nullable=False),
    Column("number", String(16), nullable=False),
    Column("fixed", LargeBinary, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big, nullable=False),
    UniqueConstraint("account_id", "mode", "number"),
)
