"""Pages by number, with totals: counters say in which hour a page begins, and only that hour is read.

Ids are ordered by time and counted by the hour (`hourly_counts`, by the hour in the id), so a page at any
depth costs one walk over the account's hours and one, from the nearer end, over the messages of the hours it
lies in. Where a
range of time begins or ends within an hour, that hour's messages are counted one by one.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, true

from posthouse.core.ids import HOUR, first_at
from posthouse.core.message import Progress, State, progress_of
from posthouse.core.ports.queries import MessageLine, PageMessages, RecordPage
from posthouse.storage.claiming import published
from posthouse.storage.schema import FINAL_SENT, NONE_SKIPPED, batches, fixed, hourly_counts, messages, staged
from posthouse.storage.tx import Row, Statement, Tx

_NEWEST = (1 << 63) - 1
_ANY = None

_sent = messages.c.state == fixed(State.SENT.value)
_awaited = messages.c.look_at.is_not(None)


def _in(column: ColumnElement[str], progress: Progress) -> ColumnElement[bool]:
    """Whether a state belongs to `progress`, taking `sent` for not final."""
    states = [state for state in State if progress_of(state, final_sent=False) is progress]
    return column.in_([fixed(state.value) for state in states])


_WHICH: Mapping[Progress | None, ColumnElement[bool]] = {
    _ANY: true(),
    Progress.PENDING: and_(_in(messages.c.state, Progress.PENDING), or_(~_sent, _awaited)),
    Progress.SUCCESS: or_(_in(messages.c.state, Progress.SUCCESS), and_(_sent, ~_awaited)),
    Progress.FAILED: _in(messages.c.state, Progress.FAILED),
}
"""Which messages are meant."""

_final = hourly_counts.c.state == fixed(FINAL_SENT)
_counted = func.sum(hourly_counts.c.count)

_HOW_MANY: Mapping[Progress | None, tuple[ColumnElement[bool], ColumnElement[int]]] = {
    _ANY: (~_final, _counted),
    Progress.PENDING: (
        or_(_in(hourly_counts.c.state, Progress.PENDING), _final),
        func.sum(case((_final, -hourly_counts.c.count), else_=hourly_counts.c.count)),
    ),
    Progress.SUCCESS: (or_(_in(hourly_counts.c.state, Progress.SUCCESS), _final), _counted),
    Progress.FAILED: (_in(hourly_counts.c.state, Progress.FAILED), _counted),
}
"""Which counters count them, and how these add up."""

_HOURS = {
    progress: Statement(
        select(hourly_counts.c.hour, sum_)
        .where(
            hourly_counts.c.account_id == bindparam("account"),
            hourly_counts.c.hour >= bindparam("oldest"),
            hourly_counts.c.hour <= bindparam("newest"),
            counters,
        )
        .group_by(hourly_counts.c.hour)
        .order_by(hourly_counts.c.hour.desc()),
        "account",
        "oldest",
        "newest",
    )
    for progress, (counters, sum_) in _HOW_MANY.items()
}
_STAGED = Statement(
    select(batches.c.id)
    .where(staged, batches.c.account_id == bindparam("account"))
    .limit(fixed(1))
    .offset(NONE_SKIPPED),
    "account",
)


@cache
def _messages(progress: Progress | None, *, hiding: bool) -> Sequence[ColumnElement[bool]]:
    """What holds for the messages meant. While no batch is staged, none need be hidden: then, and where all
    are meant, they are passed over in the index, without a look at a single row.
    """
    return (
        messages.c.account_id == bindparam("account"),
        messages.c.id >= bindparam("first"),
        messages.c.id <= bindparam("last"),
        _WHICH[progress],
        *((published,) if hiding else ()),
    )


@cache
def _count(progress: Progress | None, *, hiding: bool) -> Statement:
    counted = select(func.count()).select_from(messages).where(*_messages(progress, hiding=hiding))
    return Statement(counted, "account", "first", "last")


@cache
def _lines(progress: Progress | None, *, hiding: bool, oldest_first: bool) -> Statement:
    return Statement(
        select(
            messages.c.id,
            messages.c.number,
            messages.c.recipient,
            messages.c.template_id,
            messages.c.state,
            messages.c.look_at,
        )
        .where(*_messages(progress, hiding=hiding))
        .order_by(messages.c.id if oldest_first else messages.c.id.desc())
        .limit(bindparam("limit"))
        .offset(bindparam("skipped")),
        "account",
        "first",
        "last",
        "limit",
        "skipped",
    )


def page_messages(tx: Tx, query: PageMessages) -> RecordPage:
    """Add up the counters, pass over whole hours, read the rest."""
    first = 0 if query.since is None else min(first_at(query.since), _NEWEST)
    last = _NEWEST if query.until is None else min(first_at(query.until) - 1, _NEWEST)
    hiding = tx.row(_STAGED, query.account_id) is not None
    hours = _hours(tx, query, first, last, hiding=hiding)
    lines: list[MessageLine] = []
    skipped = query.offset
    for hour, count in hours.items():
        if skipped >= count:
            skipped -= count
            continue
        limit = min(query.limit - len(lines), count - skipped)
        beyond = count - skipped - limit
        from_below = beyond < skipped  # the way from the hour's other end is shorter
        statement = _lines(query.progress, hiding=hiding, oldest_first=from_below)
        span = _within(hour, first, last)
        rows = tx.rows(statement, query.account_id, *span, limit, beyond if from_below else skipped)
        lines += [_line(row) for row in (reversed(rows) if from_below else rows)]
        skipped = 0
        if len(lines) >= query.limit:
            break
    return RecordPage(lines, sum(hours.values()))


def _hours(tx: Tx, query: PageMessages, first: int, last: int, *, hiding: bool) -> dict[int, int]:
    """How many messages each hour has, newest first."""
    oldest, newest = first // HOUR, last // HOUR
    hours: dict[int, int] = dict(tx.rows(_HOURS[query.progress], query.account_id, oldest, newest))
    for hour in hours.keys() & {oldest, newest}:
        within = _within(hour, first, last)
        if within != _within(hour, 0, _NEWEST):
            row = tx.row(_count(query.progress, hiding=hiding), query.account_id, *within)
            hours[hour] = 0 if row is None else row[0]
    return hours


def _within(hour: int, first: int, last: int) -> tuple[int, int]:
    """The first and the last id of an hour that lie in the range."""
    return max(first, hour * HOUR), min(last, (hour + 1) * HOUR - 1)


def _line(row: Row) -> MessageLine:
    message_id, number, recipient, template_id, state, look_at = row
    progress = progress_of(State(state), final_sent=look_at is None)
    return MessageLine(message_id, number, recipient, template_id, progress)
