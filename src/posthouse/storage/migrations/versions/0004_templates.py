"""Templates and signatures with their approvals; what accounts hold back; template `1` for every account."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_FIRST = "account:read messages:read messages:write sandbox:read"
_SECOND = f"{_FIRST} keys:read keys:write"
_OPERATORS = f"{_SECOND} accounts:read accounts:write"
_NEW = "suppressions:read suppressions:write templates:read templates:write"

_TEXT = "尊敬的{name},您的验证码是{code},请及时输入。"
_VARIABLES = json.dumps([["name", 64], ["code", 64]])


def _big(name: str, *, nullable: bool = False, autoincrement: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _BIG, nullable=nullable, autoincrement=autoincrement)


def _integer(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _word(name: str, length: int, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("messages", sa.Column("template_version", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("extend", sa.Text(), nullable=True))
    op.add_column("messages", _big("postponed_from", nullable=True))
    op.add_column("accounts", _word("quiet_hours", 11, nullable=True))
    op.add_column("accounts", sa.Column("recipient_limits", sa.Text(), nullable=True))
    _templates()
    _approvals()
    _held_back()
    _first_templates()
    # Keys that could do everything of their kind still can.
    for scopes in (_FIRST, _SECOND, _OPERATORS):
        _grant(scopes, f"{scopes} {_NEW}")


def _grant(had: str, has: str) -> None:
    op.get_bind().execute(
        sa.text("UPDATE keys SET scopes = :has WHERE scopes = :had"),
        {"had": " ".join(sorted(had.split())), "has": " ".join(sorted(has.split()))},
    )


def _templates() -> None:
    op.create_table(
        "templates",
        _big("id"),
        _big("account_id"),
        _word("template_id", 64),
        _word("name", 100),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _big("created_at"),
        _big("updated_at"),
        _big("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "template_id", name=op.f("uq_templates_account_id_template_id")),
    )
    op.create_table(
        "template_versions",
        _big("template"),
        _integer("version"),
        sa.Column("text", sa.Text(), nullable=False),
        _word("signature", 40, nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        _big("created_at"),
        sa.PrimaryKeyConstraint("template", "version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signatures",
        _big("id"),
        _big("account_id"),
        _word("signature_id", 64),
        _word("name", 40),
        _big("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "signature_id", name=op.f("uq_signatures_account_id_signature_id")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_signatures_account_id_name")),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        _word("subject", 10),
        _big("subject_id"),
        _integer("version"),
        _word("vendor", 100),
        _big("account_id"),
        _word("vendor_id", 100, nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        _word("state", 10),
        sa.Column("reason", sa.Text(), nullable=True),
        _big("updated_at"),
        sa.PrimaryKeyConstraint("subject", "subject_id", "version", "vendor"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_approvals_account", "approvals", ["account_id"])
    op.create_table(
        "approval_changes",
        _big("id", autoincrement=True),
        _word("subject", 10),
        _big("subject_id"),
        _integer("version"),
        _word("vendor", 100),
        _word("state", 10),
        sa.Column("reason", sa.Text(), nullable=True),
        _big("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_approval_changes_subject", "approval_changes", ["subject", "subject_id"])


def _held_back() -> None:
    op.create_table(
        "word_lists",
        _big("account_id"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "suppressions",
        _big("id"),
        _big("account_id"),
        _word("number", 16),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        _word("reason", 255, nullable=True),
        _big("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "account_id", "number", "lane", name=op.f("uq_suppressions_account_id_number_lane")
        ),
    )
    op.create_index("ix_suppressions_account", "suppressions", ["account_id", "id"])
    op.create_table(
        "admissions",
        _big("id", autoincrement=True),
        _big("account_id"),
        _word("number", 16),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        _word("mode", 4),
        _big("at"),
        _big("batch_id", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_admissions_number", "admissions", ["account_id", "number", "lane", "mode", "at"])
    op.create_index("ix_admissions_at", "admissions", ["at"])


def _first_templates() -> None:
    """Its row has the account's number: rows made later are ids, and far greater."""
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "INSERT INTO templates (id, account_id, template_id, name, kind, version, created_at, updated_at)"
            " SELECT id, id, '1', '验证码', 0, 1, created_at, created_at FROM accounts"
        )
    )
    bind.execute(
        sa.text(
            "INSERT INTO template_versions (template, version, text, variables, created_at)"
            " SELECT id, 1, :text, :variables, created_at FROM accounts"
        ),
        {"text": _TEXT, "variables": _VARIABLES},
    )


def downgrade() -> None:
    """Go back to the revision before, which would take our templates for a vendor's: not with open ones."""
    waiting = "SELECT 1 FROM messages WHERE template_version IS NOT NULL AND state IN ('scheduled', 'queued')"
    if op.get_bind().scalar(sa.text(waiting)) is not None:
        raise RuntimeError("messages of templates are waiting: send or cancel them first")
    for scopes in (_FIRST, _SECOND, _OPERATORS):
        _grant(f"{scopes} {_NEW}", scopes)
    for table in (
        "admissions",
        "suppressions",
        "word_lists",
        "approval_changes",
        "approvals",
        "signatures",
        "template_versions",
        "templates",
    ):
        op.drop_table(table)
    op.drop_column("accounts", "recipient_limits")
    op.drop_column("accounts", "quiet_hours")
    op.drop_column("messages", "postponed_from")
    op.drop_column("messages", "extend")
    op.drop_column("messages", "template_version")
