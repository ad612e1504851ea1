"""What accounts say: templates and signatures with their approvals; words they must not use."""

from sqlalchemy import Column, Index, Integer, SmallInteger, String, Table, Text, UniqueConstraint

from posthouse.storage.schema.base import Big, metadata

templates = Table(
    "templates",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("template_id", String(64), nullable=False),
    Column("name", String(100), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),  # the newest
    Column("created_at", Big, nullable=False),
    Column("updated_at", Big, nullable=False),
    Column("deleted_at", Big),
    UniqueConstraint("account_id", "template_id"),
)

template_versions = Table(
    "template_versions",  # never changed, never deleted: messages name them
    metadata,
    Column("template", Big, primary_key=True, autoincrement=False),  # templates.id
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("signature", String(40)),
    Column("variables", Text, nullable=False),  # JSON: [[name, max_length], …]
    Column("created_at", Big, nullable=False),
    sqlite_with_rowid=False,
)

signatures = Table(
    "signatures",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("signature_id", String(64), nullable=False),
    Column("name", String(40), nullable=False),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("account_id", "signature_id"),
    UniqueConstraint("account_id", "name"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("subject", String(10), primary_key=True),  # template · signature
    Column("subject_id", Big, primary_key=True, autoincrement=False),  # templates.id or signatures.id
    Column("version", Integer, primary_key=True, autoincrement=False),  # 0 for signatures
    Column("vendor", String(100), primary_key=True),  # or a channel's name
    Column("account_id", Big, nullable=False),
    Column("vendor_id", String(100)),
    Column("parameters", Text, nullable=False),  # JSON: [[theirs, ours], …]
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("updated_at", Big, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_approvals_account", approvals.c.account_id)

approval_changes = Table(
    "approval_changes",
    metadata,
    Column("id", Big, primary_key=True),
    Column("subject", String(10), nullable=False),
    Column("subject_id", Big, nullable=False),
    Column("version", Integer, nullable=False),
    Column("vendor", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("at", Big, nullable=False),
)
Index("ix_approval_changes_subject", approval_changes.c.subject, approval_changes.c.subject_id)

word_lists = Table(
    "word_lists",
    metadata,
    Column("account_id", Big, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),  # one a line
)
