"""Who wrote last to a number: by periods, without an index on the time."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PERIOD_US = 30 * 86_400 * 1_000_000
_COLUMNS = "channel_id, number, account_id, message_id, at"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _big(name: str) -> "sa.Column[int]":
    return sa.Column(name, _BIG, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Rebuild the table with the period in front of its key."""
    op.drop_index("ix_correspondents_at", table_name="correspondents")
    op.rename_table("correspondents", "correspondents_before")
    op.create_table(
        "correspondents",
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        _big("channel_id"),
        sa.Column("number", sa.String(length=16), nullable=False),
        _big("account_id"),
        _big("message_id"),
        _big("at"),
        sa.PrimaryKeyConstraint("period", "channel_id", "number"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO correspondents (period, {_COLUMNS}) "  # noqa: S608 - nothing but the names above
        f"SELECT at / {_PERIOD_US}, {_COLUMNS} FROM correspondents_before"
    )
    op.drop_table("correspondents_before")


def downgrade() -> None:
    """Keep the newest of each number, whatever its period."""
    op.rename_table("correspondents", "correspondents_after")
    op.create_table(
        "correspondents",
        _big("channel_id"),
        sa.Column("number", sa.String(length=16), nullable=False),
        _big("account_id"),
        _big("message_id"),
        _big("at"),
        sa.PrimaryKeyConstraint("channel_id", "number"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO correspondents ({_COLUMNS}) "  # noqa: S608 - as above
        f"SELECT {_COLUMNS} FROM correspondents_after JOIN (SELECT channel_id AS channel, number AS other,"
        " MAX(period) AS newest FROM correspondents_after GROUP BY channel_id, number) AS last"
        " ON channel_id = channel AND number = other AND period = newest"
    )
    op.drop_table("correspondents_after")
    op.create_index("ix_correspondents_at", "correspondents", ["at"])
