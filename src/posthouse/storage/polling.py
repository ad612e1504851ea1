"""References of which no receipt came, page by page along the primary key."""

from sqlalchemy import bindparam, func, select

from posthouse.core.message import Outcome
from posthouse.core.ports.polling import Awaited, AwaitedPage, FindAwaited, Place
from posthouse.storage.schema import NONE_SKIPPED, attempts, fixed, held_messages, vendor_references
from posthouse.storage.tx import Row, Statement, Tx

_following = (
    select(vendor_references.c.id, vendor_references.c.created_at)
    .where(vendor_references.c.id > bindparam("row"))
    .order_by(vendor_references.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED)
    .subquery()
)
# Found within the database: nearly always nothing is old enough, and a page of young rows read into Python
# at every look costs 2 ms.
_LAST_OLD = Statement(
    select(func.max(_following.c.id)).where(_following.c.created_at <= bindparam("until")),
    "row",
    "limit",
    "until",
)
_PAGE = Statement(
    select(
        *(
            vendor_references.c[name]
            for name in ("id", "created_at", "channel_id", "message_id", "attempt", "recipient", "reference")
        )
    )
    .where(vendor_references.c.id > bindparam("row"), vendor_references.c.id <= bindparam("last"))
    .order_by(vendor_references.c.id),
    "row",
    "last",
)
_BEFORE = Statement(
    select(vendor_references.c.created_at)
    .where(vendor_references.c.id <= bindparam("row"))
    .order_by(vendor_references.c.id.desc())
    .limit(fixed(1))
    .offset(NONE_SKIPPED),
    "row",
)
_HELD = Statement(
    select(held_messages.c.held_at)
    .order_by(held_messages.c.message_id.desc())
    .limit(fixed(1))
    .offset(NONE_SKIPPED)
)
_ACCEPTED = Statement(
    select(attempts.c.message_id, attempts.c.number, attempts.c.started_at).where(
        attempts.c.outcome == fixed(Outcome.ACCEPTED.value),
        attempts.c.message_id.in_(bindparam("ids", expanding=True)),
    ),
    "ids",
)


def find_awaited(tx: Tx, query: FindAwaited) -> AwaitedPage:
    """One page."""
    place = _still_there(tx, query.after)
    # A reference that came round again is younger than its neighbours: it is passed by, not waited for.
    [(last,)] = tx.rows(_LAST_OLD, place.row, query.rows, query.until)
    if last is None:
        return AwaitedPage([], place, more=False)
    rows = tx.rows(_PAGE, place.row, last)
    since = max(query.since, *(row[0] for row in tx.rows(_HELD)), 0)
    wanted = [row for row in rows if row[2] in query.channels and since < row[1] <= query.until]
    place = Place(rows[-1][0], max(row[1] for row in rows))
    return AwaitedPage(_awaited(tx, wanted), place, more=len(rows) == query.rows)


def _still_there(tx: Tx, place: Place) -> Place:
    """The place, or the beginning: numbers of rows are given anew once the newest rows are gone."""
    before = tx.row(_BEFORE, place.row)
    return Place() if before is not None and before[0] > place.at else place


def _awaited(tx: Tx, rows: list[Row]) -> list[Awaited]:
    ids = dict.fromkeys(row[3] for row in rows)
    started = {(message, number): at for message, number, at in tx.rows_in(_ACCEPTED, ids)}
    return [
        Awaited(channel_id, message_id, attempt, recipient, reference, started[message_id, attempt])
        for _, _, channel_id, message_id, attempt, recipient, reference in rows
        if (message_id, attempt) in started
    ]
