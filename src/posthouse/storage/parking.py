"""Receipts that nobody knows what to do with yet: kept for 72 h, and not without a bound."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, or_, select

from posthouse.core.routing import ChannelState
from posthouse.core.verdict import Fate, Reason, Receipt
from posthouse.storage.fates import Told, apply_told, told_of
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.references import Known
from posthouse.storage.schema import NONE_SKIPPED, attempts, channels, fixed, parked_receipts, there
from posthouse.storage.tx import Row, Statement, Tx, Upsert

PARKED_MAX = 100_000
"""Of one channel. Beyond, the oldest give way: what is early is matched within seconds, or never."""
_AT_ONCE = 5_000
"""So many more give way then, so that they need not be counted again at once."""

_COLUMNS = (
    "channel_id",
    "reference",
    "recipient",
    "fate",
    "reason",
    "code",
    "at",
    "received_at",
    "part",
    "parts",
)
# A repetition keeps its place; that it was heard again now may be what proves it younger than its attempt.
_PARK = Upsert(
    parked_receipts,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["channel_id", "reference", "recipient", "fate", "part"],
        set_={"received_at": insert_.excluded.received_at},
    ),
    *_COLUMNS,
)
_OLDEST = Statement(
    select(parked_receipts.c.id).order_by(parked_receipts.c.id).limit(fixed(1)).offset(NONE_SKIPPED)
)
_NEWEST = Statement(
    select(parked_receipts.c.id).order_by(parked_receipts.c.id.desc()).limit(fixed(1)).offset(NONE_SKIPPED)
)
_COUNT = Statement(
    select(func.count()).where(parked_receipts.c.channel_id == bindparam("channel")), "channel"
)
_GIVE_WAY = Statement(
    delete(parked_receipts).where(
        parked_receipts.c.id.in_(
            select(parked_receipts.c.id)
            .where(parked_receipts.c.channel_id == bindparam("channel"))
            .order_by(parked_receipts.c.id)
            .limit(bindparam("limit"))
            .offset(NONE_SKIPPED)
        )
    ),
    "channel",
    "limit",
)
_FIND = Statement(
    select(
        *(
            parked_receipts.c[name]
            for name in ("id", "received_at", "reference", "recipient", "fate", "reason", "code", "at")
        ),
        parked_receipts.c.part,
        parked_receipts.c.parts,
    )
    .where(
        parked_receipts.c.channel_id == bindparam("channel"),
        parked_receipts.c.reference.in_(bindparam("ids", expanding=True)),
    )
    .order_by(parked_receipts.c.id),
    "channel",
    "ids",
)
_STARTED = Statement(
    select(attempts.c.message_id, attempts.c.number, attempts.c.started_at).where(
        attempts.c.message_id.in_(bindparam("ids", expanding=True))
    ),
    "ids",
)
_UNPARK = Statement(delete(parked_receipts).where(parked_receipts.c.id == bindparam("parked")), "parked")
_mine = channels.alias()
_OTHERS = Statement(
    select(channels.c.id)
    .where(
        _mine.c.id == bindparam("channel"),
        channels.c.id != _mine.c.id,
        channels.c.state == fixed(ChannelState.ACTIVE.value),
        channels.c.simulated == _mine.c.simulated,
        or_(channels.c.account_id.is_(None), channels.c.account_id == _mine.c.account_id),
        there,
    )
    .limit(fixed(1))
    .offset(NONE_SKIPPED),
    "channel",
)


def park(tx: Tx, channel_id: int, receipts: Sequence[Receipt], at: int) -> int:
    """Keep receipts until their attempts are known; answers how many older ones gave way."""
    if not receipts:
        return 0
    given_way = _make_room(tx, channel_id, len(receipts))
    tx.many(_PARK, [_parked(channel_id, receipt, at) for receipt in receipts])
    return given_way


def _make_room(tx: Tx, channel_id: int, count: int) -> int:
    oldest, newest = tx.row(_OLDEST), tx.row(_NEWEST)
    if oldest is None or newest is None or newest[0] - oldest[0] + count < PARKED_MAX:
        return 0  # however they are shared out
    [(parked,)] = tx.rows(_COUNT, channel_id)
    excess = parked + count - PARKED_MAX
    return tx.run(_GIVE_WAY, channel_id, excess + _AT_ONCE) if excess > 0 else 0


def _parked(channel_id: int, receipt: Receipt, at: int) -> Row:
    reason = receipt.reason._value_ if receipt.reason is not None else None
    return (
        channel_id,
        receipt.reference,
        receipt.recipient,
        receipt.fate._value_,
        reason,
        receipt.code,
        receipt.at,
        at,
        receipt.part,
        receipt.parts,
    )


def any_parked(tx: Tx) -> bool:
    """Whether any receipt is parked, of whatever channel; nearly always none is."""
    return tx.row(_OLDEST) is not None


def match_parked(group: Group, moves: Moves, channel_id: int, references: Sequence[str], at: int) -> None:
    """Apply receipts that overtook their verdicts, which were recorded just now.

    One that was here before the attempt began is another message's, whose reference came round: it goes.
    """
    tx = group.tx
    rows = tx.rows_in(_FIND, references, channel_id)
    if not rows:
        return
    known = Known(tx, channel_id, [row[2] for row in rows])
    begun = {row[:2]: row[2] for row in tx.rows_in(_STARTED, known.messages)}
    news: list[Told] = []
    matched: list[Row] = []
    for parked_id, received_at, reference, recipient, *said, part, parts in rows:
        found = known.find(reference, recipient)
        if found is None or found.message_id not in moves.messages:
            continue
        matched.append((parked_id,))
        if received_at < begun[found.message_id, found.attempt]:
            continue
        fate, reason, code, vendor_at = said
        receipt = Receipt(
            reference,
            recipient,
            Fate(fate),
            Reason(reason) if reason is not None else None,
            code,
            vendor_at,
            part,
            parts,
        )
        told = told_of(tx, moves, found, receipt, at)
        if isinstance(told, Told):
            news.append(told)
    tx.many(_UNPARK, matched)
    elsewhere = any(item.route_local for item in news) and tx.row(_OTHERS, channel_id) is not None
    apply_told(group, moves, news, elsewhere=elsewhere)
