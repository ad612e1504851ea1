"""Queries about messages: one, its whole story, many."""

from sqlalchemy import bindparam, select

from posthouse.core.ports.queries import (
    AttemptRecord,
    Counts,
    EventRecord,
    FindReply,
    GetCounts,
    GetMessage,
    GetTrace,
    ListMessages,
    MessageRecord,
    Trace,
)
from posthouse.storage import idempotency
from posthouse.storage.claiming import published
from posthouse.storage.schema import NONE_SKIPPED, attempts, channels, events, messages, state_counts
from posthouse.storage.tx import Row, Statement, Tx

_COLUMNS = [messages.c[name] for name in MessageRecord._fields]

_ONE = Statement(select(*_COLUMNS).where(messages.c.id == bindparam("message"), published), "message")
_LIST = {
    mine: Statement(
        select(*_COLUMNS)
        .where(
            *((messages.c.account_id == bindparam("account"),) if mine else ()),
            messages.c.id < bindparam("before"),
            published,
        )
        .order_by(messages.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        *(("account",) if mine else ()),
        "before",
        "limit",
    )
    for mine in (True, False)
}
_LIST_STATE = {
    mine: Statement(
        select(*_COLUMNS)
        .where(
            *((messages.c.account_id == bindparam("account"),) if mine else ()),
            messages.c.id < bindparam("before"),
            messages.c.state == bindparam("wanted"),
            published,
        )
        .order_by(messages.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        *(("account",) if mine else ()),
        "before",
        "wanted",
        "limit",
    )
    for mine in (True, False)
}
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
_COUNTS = Statement(select(state_counts.c.state, state_counts.c.count))

_NEWEST = (1 << 63) - 1


def get_message(tx: Tx, query: GetMessage) -> MessageRecord | None:
    """The message, if it is this account's."""
    row = tx.row(_ONE, query.message_id)
    if row is None:
        return None
    record = _record(row)
    return record if query.account_id in (None, record.account_id) else None


def list_messages(tx: Tx, query: ListMessages) -> list[MessageRecord]:
    """Newest first."""
    mine = query.account_id is not None
    owner = (query.account_id,) if mine else ()
    before = query.before_id if query.before_id is not None else _NEWEST
    if query.state is None:
        rows = tx.rows(_LIST[mine], *owner, before, query.limit)
    else:
        rows = tx.rows(_LIST_STATE[mine], *owner, before, query.state.value, query.limit)
    return [_record(row) for row in rows]


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


def get_counts(tx: Tx, _query: GetCounts) -> Counts:
    """How many messages are in each state."""
    by_state: dict[str, int] = {}
    for state, count in tx.rows(_COUNTS):
        by_state[state] = by_state.get(state, 0) + count
    return Counts(by_state)


def _record(row: Row) -> MessageRecord:
    return MessageRecord._make((bool(value) if at == _SIMULATED else value for at, value in enumerate(row)))


_SIMULATED = MessageRecord._fields.index("simulated")
