"""Lists of messages: filtered, newest first, never looking at more than so many rows at once."""

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, select

from posthouse.core.ids import HOUR, first_at
from posthouse.core.message import State
from posthouse.core.ports.queries import ListMessages, MessagePage, Wanted
from posthouse.storage.claiming import published
from posthouse.storage.reading import COLUMNS, record_of
from posthouse.storage.schema import NONE_SKIPPED, batches, fixed, hourly_counts, messages, staged
from posthouse.storage.tx import Statement, Tx

LOOKED_AT_MAX = 20_000
"""Rows one query may look through: some tens of milliseconds of a reader's time."""

_NEWEST = (1 << 63) - 1


def list_messages(tx: Tx, query: ListMessages) -> MessagePage:
    """The next messages of a list, and where to go on."""
    wanted = query.wanted
    before = _NEWEST if query.before_id is None else query.before_id
    span = _span(tx, wanted, before)
    if span is None:
        return MessagePage([], None)
    above, before = span
    own = () if wanted.account_id is None else (wanted.account_id,)
    left: int | None = None
    if wanted.state or any(each is not None for each in (wanted.recipient, wanted.reference, wanted.lane)):
        floor = tx.row(_floor(mine=bool(own)), *own, above, before)
        if floor is not None:
            above = floor[0]
            left = above + 1
    told = dict(_filters(wanted))
    statement = _page(bool(own), tuple(told), wanted.state)
    rows = tx.rows(statement, *own, above, before, *told.values(), query.limit + 1)
    if len(rows) > query.limit:
        rows.pop()
        left = rows[-1][0]
    return MessagePage([record_of(row) for row in rows], left)


def _span(tx: Tx, wanted: Wanted, before: int) -> tuple[int, int] | None:
    """The ids to look among, both ends exclusive; None where there can be none.

    A range of time is a range of ids: `since` and `until` mean the times in them.
    """
    above = -1
    if wanted.since is not None:
        above = first_at(wanted.since) - 1
    if wanted.until is not None:
        before = min(before, first_at(wanted.until))
    if wanted.batch_id is not None:
        batch = tx.row(_BATCH, wanted.batch_id)
        if batch is None:
            return None
        above, before = max(above, batch[0] - 1), min(before, batch[1] + 1)
    if wanted.state and wanted.account_id is not None:
        hour = tx.row(_hour(wanted.state), wanted.account_id, before // HOUR)
        if hour is None:
            return None
        before = min(before, (hour[0] + 1) * HOUR)
    return (above, before) if above + 1 < before else None


_BATCH = Statement(
    select(batches.c.first_id, batches.c.last_id).where(batches.c.id == bindparam("batch"), ~staged), "batch"
)


@lru_cache(maxsize=512)
def _hour(states: frozenset[State]) -> Statement:
    """The newest hour that has any message in these states: hours of other messages are passed over."""
    return Statement(
        select(hourly_counts.c.hour)
        .where(
            hourly_counts.c.account_id == bindparam("account"),
            hourly_counts.c.hour <= bindparam("hour"),
            hourly_counts.c.state.in_(_words(states)),
            hourly_counts.c.count > fixed(0),
        )
        .order_by(hourly_counts.c.hour.desc())
        .limit(fixed(1))
        .offset(NONE_SKIPPED),
        "account",
        "hour",
    )


_OWN = messages.c.account_id == bindparam("account")
_BETWEEN = (messages.c.id > bindparam("above"), messages.c.id < bindparam("before"))


@lru_cache(maxsize=2)
def _floor(*, mine: bool) -> Statement:
    """The first id that is too far down to look at, found in the index alone."""
    return Statement(
        select(messages.c.id)
        .where(*((_OWN,) if mine else ()), *_BETWEEN)
        .order_by(messages.c.id.desc())
        .limit(fixed(1))
        .offset(fixed(LOOKED_AT_MAX)),
        *(("account",) if mine else ()),
        "above",
        "before",
    )


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "recipient": messages.c.recipient == bindparam("recipient"),
    "batch_id": messages.c.batch_id == bindparam("batch_id"),
    "reference": messages.c.reference == bindparam("reference"),
    "lane": messages.c.lane == bindparam("lane"),
}


def _filters(wanted: Wanted) -> Iterator[tuple[str, str | int]]:
    for name in _CONDITIONS:
        value: str | int | None = getattr(wanted, name)
        if value is not None:
            yield name, int(value) if isinstance(value, int) else value


@lru_cache(maxsize=512)
def _page(mine: bool, names: tuple[str, ...], states: frozenset[State]) -> Statement:  # noqa: FBT001 - the key of a cache
    """The statement with only the conditions that are asked for, so that each has its own plan."""
    chosen = [_CONDITIONS[name] for name in names]
    if states:
        chosen.append(messages.c.state.in_(_words(states)))
    return Statement(
        select(*COLUMNS)
        .where(*((_OWN,) if mine else ()), *_BETWEEN, *chosen, published)
        .order_by(messages.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        *(("account",) if mine else ()),
        "above",
        "before",
        *names,
        "limit",
    )


def _words(states: frozenset[State]) -> list[ColumnElement[str]]:
    return [fixed(state.value) for state in sorted(states)]
