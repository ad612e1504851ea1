"""Surfaces: counters by the hour, messages held after a restore, settings of accounts, names of keys."""

import sqlalchemy as sa
import structlog
from alembic import op

from posthouse.core.ids import HOUR

log = structlog.get_logger()

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD = "account:read messages:read messages:write sandbox:read"
_NEW = "accounts:read accounts:write keys:read keys:write"
_ALL = " ".join(sorted(f"{_OLD} {_NEW}".split()))

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision, and count the messages that are there."""
    op.create_table(
        "hourly_counts",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("count", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "hour", "state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held_messages",
        sa.Column("message_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("due_at", _BIG, nullable=True),
        sa.Column("look_at", _BIG, nullable=True),
        sa.Column("held_at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("ix_batches_account", "batches", ["account_id", "id"])
    op.add_column(
        "accounts", sa.Column("strict_numbers", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("accounts", sa.Column("rate_limit", sa.Integer(), nullable=True))
    op.add_column("keys", sa.Column("name", sa.String(length=100), nullable=True))
    _count_messages()
    # Operators' keys that could do everything still can; accounts' keys do not learn to make others.
    op.execute(f"UPDATE keys SET scopes = '{_ALL}' WHERE role = 'operator' AND scopes = '{_OLD}'")  # noqa: S608


def _count_messages() -> None:
    """Some seconds for a million messages, so it says what it does."""
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT max(id) FROM messages")) is None:
        return
    log.info("counting_messages")
    connection.execute(
        sa.text(
            f"""
        INSERT INTO hourly_counts (account_id, hour, state, count)
        SELECT account_id, id / {HOUR}, state, count(*) FROM messages
        WHERE batch_id IS NULL OR batch_id NOT IN (SELECT id FROM batches WHERE state = 'staged')
        GROUP BY account_id, id / {HOUR}, state
        UNION ALL
        SELECT account_id, id / {HOUR}, 'final_sent', count(*) FROM messages
        WHERE state = 'sent' AND look_at IS NULL
        GROUP BY account_id, id / {HOUR}
        """  # noqa: S608 - a constant of ours
        )
    )
    log.info("messages_counted")


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute(f"UPDATE keys SET scopes = '{_OLD}' WHERE role = 'operator' AND scopes = '{_ALL}'")  # noqa: S608
    op.drop_column("keys", "name")
    op.drop_column("accounts", "rate_limit")
    op.drop_column("accounts", "strict_numbers")
    op.drop_index("ix_batches_account", "batches")
    op.drop_table("held_messages")
    op.drop_table("hourly_counts")
