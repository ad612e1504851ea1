"""How the store stands, at a price that can be paid every few seconds: no look here reads a whole table."""

from sqlalchemy import Select, bindparam, func, or_, select

from posthouse.core.message import Lane, State
from posthouse.core.ports.queries import CheckBooks, Drift, Gauges, GetGauges
from posthouse.storage.claiming import published
from posthouse.storage.schema import (
    NONE_SKIPPED,
    balances,
    fixed,
    held_messages,
    messages,
    state_counts,
    timed,
    waiting,
)
from posthouse.storage.tx import Statement, Tx

COUNTED_MAX = 1_000_000
OVERDUE_MAX = 1000
DRIFTS_MAX = 100

_STATES = Statement(
    select(state_counts.c.state, func.sum(state_counts.c.count)).group_by(state_counts.c.state)
)


def _at_most(count: int, rows: Select[tuple[int]]) -> Select[tuple[int]]:
    return rows.limit(fixed(count)).offset(NONE_SKIPPED)


_in_lane = _at_most(
    COUNTED_MAX, select(messages.c.due_at).where(waiting, messages.c.lane == bindparam("lane"), published)
).subquery()
_WAITING = Statement(select(func.count(), func.min(_in_lane.c.due_at)).select_from(_in_lane), "lane")

_held = _at_most(COUNTED_MAX, select(held_messages.c.message_id)).subquery()
_HELD = Statement(select(func.count()).select_from(_held))

_overdue = (
    select(messages.c.look_at, messages.c.state)
    .where(timed, messages.c.look_at <= bindparam("now"), published)
    .order_by(messages.c.look_at)
    .limit(fixed(OVERDUE_MAX))
    .offset(NONE_SKIPPED)
    .subquery()
)
_SCHEDULED = Statement(
    select(func.min(_overdue.c.look_at)).where(_overdue.c.state == fixed(State.SCHEDULED.value)), "now"
)

_purses = balances.c.available + balances.c.held + balances.c.spent
_BOOKS = Statement(
    select(balances.c.account_id, balances.c.available, balances.c.held, balances.c.spent, balances.c.funded)
    .where(
        or_(
            _purses != balances.c.funded,
            balances.c.available < fixed(0),
            balances.c.held < fixed(0),
            balances.c.spent < fixed(0),
        )
    )
    .order_by(balances.c.account_id)
    .limit(fixed(DRIFTS_MAX))
    .offset(NONE_SKIPPED)
)


def get_gauges(tx: Tx, query: GetGauges) -> Gauges:
    """States, lines, what is held and what is late."""
    held = tx.rows(_HELD)[0][0]
    late = tx.rows(_SCHEDULED, query.now)[0][0]
    lines = {lane: tx.rows(_WAITING, lane.value)[0] for lane in Lane}
    waits = {lane: (count, due_at) for lane, (count, due_at) in lines.items()}
    return Gauges({state: int(count) for state, count in tx.rows(_STATES)}, waits, held, late)


def check_books(tx: Tx, _query: CheckBooks) -> tuple[Drift, ...]:
    """The first accounts whose purses do not add up."""
    return tuple(
        Drift(account_id, "sum of purses", str(funded), f"{available} + {held} + {spent}")
        for account_id, available, held, spent, funded in tx.rows(_BOOKS)
    )
