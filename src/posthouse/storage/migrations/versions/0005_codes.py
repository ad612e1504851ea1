"""One-time passwords: verifications with their counters; the guard against pumping."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ACCOUNTS = (
    "account:read keys:read keys:write messages:read messages:write sandbox:read "
    "suppressions:read suppressions:write templates:read templates:write"
)
_OPERATORS = f"{_ACCOUNTS} accounts:read accounts:write"
_NEW = "guard:read guard:write"


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _BIG, autoincrement=False, nullable=nullable)


def _small(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def _integer(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _word(name: str, length: int, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("messages", _big("verification_id", nullable=True))
    op.add_column("messages", sa.Column("avoid", sa.Text(), nullable=True))
    of_verification = sa.text("verification_id IS NOT NULL")
    op.create_index(
        "ix_messages_verification",
        "messages",
        ["verification_id"],
        sqlite_where=of_verification,
        postgresql_where=of_verification,
    )
    op.add_column("accounts", sa.Column("guard", sa.Text(), nullable=True))
    _verifications()
    _counters()
    _guard()
    # Keys that could do everything of their kind still can.
    for scopes in (_ACCOUNTS, _OPERATORS):
        _grant(scopes, f"{scopes} {_NEW}")


def _grant(had: str, has: str) -> None:
    op.get_bind().execute(
        sa.text("UPDATE keys SET scopes = :has WHERE scopes = :had"),
        {"had": " ".join(sorted(had.split())), "has": " ".join(sorted(has.split()))},
    )


def _verifications() -> None:
    op.create_table(
        "verifications",
        _big("id"),
        _big("account_id"),
        _word("mode", 4),
        _word("number", 16),
        _word("country", 3),
        _word("purpose", 64),
        _small("length"),
        _bytes("salt"),
        _bytes("binding"),
        _bytes("fixed", nullable=True),
        _word("state", 10),
        _small("checks_left"),
        _small("sends"),
        _big("created_at"),
        _big("expires_at"),
        _big("verified_at", nullable=True),
        _big("silent_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_verifications_account", "verifications", ["account_id", "id"])
    for name, column, condition in (
        ("pending", "expires_at", "state = 'pending'"),
        ("silent", "silent_at", "silent_at IS NOT NULL"),
    ):
        where = sa.text(condition)
        op.create_index(
            f"ix_verifications_{name}", "verifications", [column], sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        "fixed_codes",
        _big("id"),
        _big("account_id"),
        _word("mode", 4),
        _word("number", 16),
        _bytes("fixed"),
        _big("created_at"),
        _big("expires_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "account_id", "mode", "number", name=op.f("uq_fixed_codes_account_id_mode_number")
        ),
    )


def _counters() -> None:
    op.create_table(
        "challenges",
        _big("account_id"),
        _word("mode", 4),
        _word("number", 16),
        _word("purpose", 64),
        _big("verification_id", nullable=True),
        _small("checks_left"),
        _bytes("sent_at"),
        _bytes("failed_at"),
        _big("touched_at"),
        sa.PrimaryKeyConstraint("account_id", "mode", "number", "purpose"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_challenges_touched", "challenges", ["touched_at"])
    op.create_table(
        "code_counts",
        _big("account_id"),
        _word("mode", 4),
        _word("number", 16),
        _bytes("sent_at"),
        _big("touched_at"),
        sa.PrimaryKeyConstraint("account_id", "mode", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_code_counts_touched", "code_counts", ["touched_at"])


def _guard() -> None:
    op.create_table(
        "guard_entries",
        _big("id"),
        _big("account_id"),
        _word("list", 5),
        _word("kind", 7),
        _word("value", 50),
        _word("rule", 20),
        _word("mode", 4),
        _big("created_at"),
        _big("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "value",
            "account_id",
            "list",
            "kind",
            "mode",
            "rule",
            name=op.f("uq_guard_entries_value_account_id_list_kind_mode_rule"),
        ),
    )
    op.create_index("ix_guard_entries_list", "guard_entries", ["account_id", "list", "id"])
    op.create_index("ix_guard_entries_rule", "guard_entries", ["account_id", "list", "rule"])
    expiring = sa.text("expires_at IS NOT NULL")
    op.create_index(
        "ix_guard_entries_expiring",
        "guard_entries",
        ["expires_at"],
        sqlite_where=expiring,
        postgresql_where=expiring,
    )
    op.create_table(
        "guard_counts",
        _big("account_id"),
        _word("mode", 4),
        _word("kind", 10),
        _word("subject", 50),
        _big("slice"),
        _integer("sent"),
        _integer("begun"),
        _integer("verified"),
        _big("spent"),
        sa.PrimaryKeyConstraint("account_id", "mode", "kind", "subject", "slice"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_guard_counts_slice", "guard_counts", ["kind", "slice"])
    op.create_table(
        "conversions",
        _big("account_id"),
        _big("hour"),
        _word("country", 3),
        _word("prefix", 16),
        _big("channel_id"),
        _word("mode", 4),
        _integer("ended"),
        _integer("verified"),
        sa.PrimaryKeyConstraint("account_id", "hour", "country", "prefix", "channel_id", "mode"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_conversions_hour", "conversions", ["hour"])


def downgrade() -> None:
    """Go back to the revision before, which could not make the codes of waiting messages."""
    waiting = (
        "SELECT 1 FROM messages"
        " WHERE verification_id IS NOT NULL AND state IN ('queued', 'sending', 'unknown')"
    )
    if op.get_bind().scalar(sa.text(waiting)) is not None:
        raise RuntimeError("one-time passwords are waiting: let them be sent or expire first")
    for scopes in (_ACCOUNTS, _OPERATORS):
        _grant(f"{scopes} {_NEW}", scopes)
    for table in (
        "conversions",
        "guard_counts",
        "guard_entries",
        "code_counts",
        "challenges",
        "fixed_codes",
        "verifications",
    ):
        op.drop_table(table)
    op.drop_column("accounts", "guard")
    op.drop_index("ix_messages_verification", "messages")
    op.drop_column("messages", "avoid")
    op.drop_column("messages", "verification_id")
