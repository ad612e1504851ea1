"""Real vendors: channels with settings of their own, routes, receipts by part, inbound texts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_OPERATORS = (
    "account:read accounts:read accounts:write guard:read guard:write keys:read keys:write messages:read "
    "messages:write sandbox:read suppressions:read suppressions:write templates:read templates:write"
)
_NEW = "channels:read channels:write routes:read routes:write"

_PARKED = "uq_parked_receipts_channel_id_reference_recipient_fate"
_PARKED_BY = ["channel_id", "reference", "recipient", "fate"]


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _BIG, autoincrement=False, nullable=nullable)


def _text(name: str, default: str | None = None) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=default is None, server_default=default)


def upgrade() -> None:
    """Bring the schema to this revision."""
    _channels()
    op.add_column(
        "vendor_references", sa.Column("parts", sa.SmallInteger(), server_default="1", nullable=False)
    )
    op.create_table(
        "delivered_parts",
        _big("message_id"),
        sa.Column("attempt", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "attempt", "part"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("parked_receipts", recreate="always") as parked:
        parked.add_column(sa.Column("part", sa.SmallInteger(), server_default="1", nullable=False))
        parked.add_column(sa.Column("parts", sa.SmallInteger(), server_default="1", nullable=False))
        parked.drop_constraint(_PARKED, type_="unique")
        parked.create_unique_constraint(f"{_PARKED}_part", [*_PARKED_BY, "part"])
    op.add_column("messages", _big("silent_at", nullable=True))
    silent = sa.text("silent_at IS NOT NULL")
    op.create_index(
        "ix_messages_silent", "messages", ["silent_at"], sqlite_where=silent, postgresql_where=silent
    )
    _inbound()
    op.create_table(
        "routes",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        _big("created_at"),
        _big("updated_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    # Operators' keys that could do everything still can.
    op.get_bind().execute(
        sa.text("UPDATE keys SET scopes = :has WHERE scopes = :had"),
        {"had": _OPERATORS, "has": " ".join(sorted(f"{_OPERATORS} {_NEW}".split()))},
    )


def _channels() -> None:
    with op.batch_alter_table("channels", recreate="always") as channels:
        channels.drop_constraint("uq_channels_name", type_="unique")
        channels.add_column(_text("settings", "{}"))
        channels.add_column(_text("costs", "{}"))
        channels.add_column(_text("callback_from", ""))
        channels.add_column(sa.Column("generation", sa.Integer(), server_default="1", nullable=False))
        channels.add_column(_big("changed_at", nullable=True))
        channels.add_column(_big("removed_at", nullable=True))
    op.execute("UPDATE channels SET changed_at = created_at")
    _unique("uq_channels_own", ["account_id", "name"], "removed_at IS NULL")
    _unique("uq_channels_platform", ["name"], "account_id IS NULL AND removed_at IS NULL")


def _unique(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "channels",
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _inbound() -> None:
    op.add_column("replies", sa.Column("receiver", sa.String(length=40), nullable=True))
    op.add_column("replies", sa.Column("keyword", sa.String(length=8), nullable=True))
    op.add_column("replies", _big("received_at", nullable=True))
    op.execute("UPDATE replies SET received_at = at")
    # From here on their ids are times (core/ids.py), as others' are.
    epoch = 1_767_225_600_000_000
    op.get_bind().execute(
        sa.text("UPDATE replies SET id = (at - :epoch) * 4096 + id % 4096 WHERE at > :epoch"),
        {"epoch": epoch},
    )
    op.create_index("ix_replies_account", "replies", ["account_id", "id"])
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
    op.create_index("ix_correspondents_at", "correspondents", ["at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_correspondents_at", table_name="correspondents")
    op.drop_table("correspondents")
    op.drop_index("ix_replies_account", table_name="replies")
    for column in ("received_at", "keyword", "receiver"):
        op.drop_column("replies", column)
    op.drop_table("routes")
    op.drop_index("ix_messages_silent", table_name="messages")
    op.drop_column("messages", "silent_at")
    op.execute("DELETE FROM parked_receipts WHERE part > 1")
    with op.batch_alter_table("parked_receipts", recreate="always") as parked:
        parked.drop_constraint(f"{_PARKED}_part", type_="unique")
        parked.create_unique_constraint(_PARKED, _PARKED_BY)
        parked.drop_column("parts")
        parked.drop_column("part")
    op.drop_table("delivered_parts")
    op.drop_column("vendor_references", "parts")
    op.drop_index("uq_channels_platform", table_name="channels")
    op.drop_index("uq_channels_own", table_name="channels")
    with op.batch_alter_table("channels", recreate="always") as channels:
        for column in ("removed_at", "changed_at", "generation", "callback_from", "costs", "settings"):
            channels.drop_column(column)
        channels.create_unique_constraint("uq_channels_name", ["name"])
    op.get_bind().execute(
        sa.text("UPDATE keys SET scopes = :has WHERE scopes = :had"),
        {"had": " ".join(sorted(f"{_OPERATORS} {_NEW}".split())), "has": _OPERATORS},
    )
