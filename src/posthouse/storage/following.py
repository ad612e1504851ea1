"""What happens to messages, in the order in which it was written: for those who watch."""

import json
from itertools import takewhile

from sqlalchemy import bindparam, select

from posthouse.core.message import State
from posthouse.core.ports.queries import EventPage, Happening, ListEvents
from posthouse.storage.claiming import published
from posthouse.storage.schema import NONE_SKIPPED, attempts, channels, events, messages
from posthouse.storage.tx import Row, Statement, Tx

_SEEN = select(
    events.c.id,
    events.c.message_id,
    events.c.sequence,
    events.c.account_id,
    messages.c.recipient,
    events.c.kind,
    events.c.at,
    events.c.data,
    published.label("published"),
).join(messages, messages.c.id == events.c.message_id)

_BEHIND = Statement(
    _SEEN.where(events.c.id > bindparam("after"))
    .order_by(events.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "limit",
)
_BELOW = Statement(
    _SEEN.where(events.c.id < bindparam("before"))
    .order_by(events.c.id.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_CALLS = Statement(
    select(
        attempts.c.message_id, attempts.c.number, attempts.c.started_at, channels.c.name, attempts.c.vendor
    )
    .join(channels, channels.c.id == attempts.c.channel_id, isouter=True)
    .where(attempts.c.message_id.in_(bindparam("ids", expanding=True))),
    "ids",
)
_PUBLISHED, _AT, _ABOVE_ALL = 8, 6, (1 << 63) - 1

Call = tuple[str | None, str | None]
"""The channel and the vendor of an attempt."""


def list_events(tx: Tx, query: ListEvents) -> EventPage:
    """Oldest first, up to the first one that may not be shown yet."""
    if query.after_id is None:
        before = query.before_id if query.before_id is not None else _ABOVE_ALL
        rows = tx.rows(_BELOW, before, query.limit)[::-1]
    else:
        rows = tx.rows(_BEHIND, query.after_id, query.limit)
    ready = list(takewhile(lambda row: row[_PUBLISHED] or row[_AT] < query.staged_since, rows))
    shown = [row for row in ready if row[_PUBLISHED]]
    calls = _Calls(tx, shown)
    if ready:
        last = ready[-1][0]
    elif rows:
        last = rows[0][0] - 1
    else:
        last = query.after_id or 0
    return EventPage([Happening._make((*row[:_PUBLISHED], *calls.of(row))) for row in shown], last)


class _Calls:
    """The vendor calls of some messages, found by number, or by the moment they began."""

    def __init__(self, tx: Tx, rows: list[Row]) -> None:
        self._numbered: dict[tuple[int, int], Call] = {}
        self._begun: dict[tuple[int, int], Call] = {}
        for message_id, number, begun, channel, vendor in tx.rows_in(_CALLS, {row[1] for row in rows}):
            self._numbered[message_id, number] = self._begun[message_id, begun] = (channel, vendor)

    def of(self, row: Row) -> Call:
        """The call that an event tells of."""
        _, message_id, _, _, _, kind, at, data, _ = row
        if kind == State.SENDING.value:
            return self._begun.get((message_id, at), (None, None))
        told = json.loads(data) if data else {}
        number = told.get("attempt") if isinstance(told, dict) else None
        return self._numbered.get((message_id, number), (None, None)) if number else (None, None)
