"""What vendors were asked and what they answered: calls, references, receipts, replies."""

from sqlalchemy import Column, Index, Integer, SmallInteger, String, Table, Text, UniqueConstraint

from posthouse.storage.schema.base import Big, metadata

attempts = Table(
    "attempts",
    metadata,
    Column("message_id", Big, primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("channel_id", Big, nullable=False),
    Column("vendor", String(40), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("reason", String(20)),
    Column("code", String(100)),  # the vendor's own words, kept beside ours
    Column("text", Text),
    Column("parts", SmallInteger),
    Column("started_at", Big, nullable=False),
    Column("answered_at", Big),
    Column("settled_at", Big),
    sqlite_with_rowid=False,
)

vendor_references = Table(
    "vendor_references",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", Big, nullable=False),
    Column("reference", String(200), nullable=False),
    Column("recipient", String(16), nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column("message_id", Big, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("parts", SmallInteger, nullable=False, server_default="1"),  # that have references of their own
    UniqueConstraint("channel_id", "reference", "recipient"),
)

delivered_parts = Table(
    "delivered_parts",
    metadata,
    # Of messages in several parts with a receipt each, while some are still awaited.
    Column("message_id", Big, primary_key=True, autoincrement=False),
    Column("attempt", SmallInteger, primary_key=True, autoincrement=False),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

parked_receipts = Table(
    "parked_receipts",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", Big, nullable=False),
    Column("reference", String(200), nullable=False),
    Column("recipient", String(16), nullable=False),
    Column("fate", String(12), nullable=False),
    Column("reason", String(20)),
    Column("code", String(100), nullable=False),
    Column("at", Big, nullable=False),
    Column("received_at", Big, nullable=False),
    Column("part", SmallInteger, nullable=False, server_default="1"),
    Column("parts", SmallInteger, nullable=False, server_default="1"),
    UniqueConstraint("channel_id", "reference", "recipient", "fate", "part"),
)

replies = Table(
    "replies",
    metadata,
    Column("id", Big, primary_key=True),
    Column("account_id", Big),
    Column("channel_id", Big, nullable=False),
    Column("message_id", Big),
    Column("reference", String(200), nullable=False),
    Column("sender", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Big, nullable=False),
    Column("receiver", String(40)),  # which of our numbers or extension codes
    Column("keyword", String(8)),  # stop · start · help
    Column("received_at", Big),
    UniqueConstraint("channel_id", "reference", "sender", "at"),  # told again, it is the same reply
)
Index("ix_replies_account", replies.c.account_id, replies.c.id)

correspondents = Table(
    "correspondents",
    metadata,
    # Who wrote last to a number over a channel within a period: whose its answer is. The period leads the
    # key, so that old rows are found without an index on `at`, which nearly doubled the cost of a write.
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("channel_id", Big, primary_key=True, autoincrement=False),
    Column("number", String(16), primary_key=True),
    Column("account_id", Big, nullable=False),
    Column("message_id", Big, nullable=False),
    Column("at", Big, nullable=False),
    sqlite_with_rowid=False,
)
