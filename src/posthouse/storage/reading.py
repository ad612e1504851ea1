"""Queries about messages: one, and its whole story."""

from sqlalchemy import bindparam, select

from posthouse.core.ports.queries import (
    AttemptRecord,
    EventRecord,
    FindReply,
    GetMessage,
    GetTrace,
    MessageRecord,
    Trace,
)
from posthouse.storage import idempotency
from posthouse.storage.claiming import published
from posthouse.storage.schema import attempts, channels, events, messages
from posthouse.storage.tx import Row, Statement, Tx

COLUMNS = [messages.c[name] for name in MessageRecord._fields]
"""What a `MessageRecord` is made of."""

_ONE = Statement(select(*COLUMNS).where(messages.c.id == bindparam("message"), published), "message")
_ATTEMPTS = Statement(
    select(
        attempts.c.number,
        channels.c.name,
        attempts.c.vendor,
        attempts.c.outcome,
        attempts.c.reason,
        attempts.c.code,
        attempts.c.text,
        attempts.c.started_at,
        attempts.c.answered_at,
        attempts.c.settled_at,
    )
    .join(channels, channels.c.id == attempts.c.channel_id, isouter=True)
    .where(attempts.c.message_id == bindparam("message"))
    .order_by(attempts.c.number),
    "message",
)
_EVENTS = Statement(
    select(events.c.sequence, events.c.kind, events.c.at, events.c.data)
    .where(events.c.message_id == bindparam("message"))
    .order_by(events.c.sequence),
    "message",
)


def get_message(tx: Tx, query: GetMessage) -> MessageRecord | None:
    """The message, if it is this account's."""
    row = tx.row(_ONE, query.message_id)
    if row is None:
        return None
    found = record_of(row)
    return found if query.account_id in (None, found.account_id) else None


def get_trace(tx: Tx, query: GetTrace) -> Trace | None:
    """The message with its attempts and events."""
    message = get_message(tx, GetMessage(query.account_id, query.message_id))
    if message is None:
        return None
    told = [EventRecord(*row) for row in tx.rows(_EVENTS, query.message_id)]
    made = tuple(
        AttemptRecord(
            number=row[0],
            channel=row[1] or "",
            vendor=row[2],
            outcome=row[3],
            reason=row[4],
            code=row[5],
            text=row[6],
            started_at=row[7],
            answered_at=row[8],
            settled_at=row[9],
        )
        for row in tx.rows(_ATTEMPTS, query.message_id)
    )
    return Trace(message, made, tuple(told))


def find_reply(tx: Tx, query: FindReply) -> bytes | None:
    """The stored reply of an idempotency key."""
    return idempotency.reply(tx, query)


def record_of(row: Row) -> MessageRecord:
    """The record in a row of `COLUMNS`."""
    return MessageRecord._make((bool(value) if at == _SIMULATED else value for at, value in enumerate(row)))


_SIMULATED = MessageRecord._fields.index("simulated")
