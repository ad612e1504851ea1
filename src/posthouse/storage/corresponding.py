"""Who wrote last to a number over a channel: whose its answer is where nothing else tells."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, select

from posthouse.core.ports.life import Finish
from posthouse.storage.moves import Moves
from posthouse.storage.schema import NONE_SKIPPED, correspondents, fixed
from posthouse.storage.tx import Statement, Tx, Upsert

KEPT_US = 90 * 86_400 * 1_000_000
"""Later answers are nobody's."""
_PERIOD_US = 30 * 86_400 * 1_000_000
"""Rows go when all of their period is over 90 days old; until then nobody finds those that are."""

_BACK_MAX = 2
"""Periods that a clock may be put back by without an answer going astray."""

_NEWEST = Statement(
    select(correspondents.c.period)
    .order_by(correspondents.c.period.desc())
    .limit(fixed(1))
    .offset(NONE_SKIPPED)
)
_WROTE = Upsert(
    correspondents,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["period", "channel_id", "number"],
        set_={name: insert_.excluded[name] for name in ("account_id", "message_id", "at")},
    ),
    "period",
    "channel_id",
    "number",
    "account_id",
    "message_id",
    "at",
)
_LAST = Statement(
    select(correspondents.c.number, correspondents.c.account_id, correspondents.c.message_id).where(
        correspondents.c.period == bindparam("within"),
        correspondents.c.channel_id == bindparam("channel"),
        correspondents.c.at >= bindparam("since"),
        correspondents.c.number.in_(bindparam("ids", expanding=True)),
    ),
    "within",
    "channel",
    "since",
    "ids",
)
_OLD = Statement(
    select(correspondents.c.period, correspondents.c.channel_id, correspondents.c.number)
    .where(correspondents.c.period < bindparam("before"))
    .order_by(correspondents.c.period)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP = Statement(
    delete(correspondents).where(
        correspondents.c.period == bindparam("within"),
        correspondents.c.channel_id == bindparam("channel"),
        correspondents.c.number == bindparam("recipient"),
    ),
    "within",
    "channel",
    "recipient",
)


def remember_writers(
    tx: Tx, moves: Moves, taken: Mapping[int, Sequence[tuple[Finish, int]]], inbound: Iterable[frozenset[int]]
) -> None:
    """Note whose message each number got last over the channels in `inbound`; of others, nothing.

    `taken`: by channel, the attempts that vendors accepted, and when.
    """
    channels = frozenset[int]().union(*inbound).intersection(taken)
    if not channels:
        return
    (newest,) = tx.row(_NEWEST) or (0,)
    tx.many(
        _WROTE,
        [
            (
                # In a newer period than now if others were, before the clock was put back: the last is found.
                max(at // _PERIOD_US, min(newest, at // _PERIOD_US + _BACK_MAX)),
                channel_id,
                finish.recipient,
                moves.messages[finish.message_id].account_id,
                finish.message_id,
                at,
            )
            for channel_id in channels
            for finish, at in taken[channel_id]
        ],
    )


def last_writers(tx: Tx, channel_id: int, numbers: Iterable[str], now: int) -> dict[str, tuple[int, int]]:
    """Of each number that was written to over the channel within 90 days: the account, and the message."""
    wanted, since = dict.fromkeys(numbers), now - KEPT_US
    periods = range(since // _PERIOD_US, now // _PERIOD_US + _BACK_MAX + 1)  # the newest last
    return {
        number: (account, message)
        for period in periods
        for number, account, message in tx.rows_in(_LAST, wanted, period, channel_id, since)
    }


def forget_writers(tx: Tx, now: int, limit: int) -> int:
    """Drop periods in which all wrote over 90 days ago; answers how many rows."""
    old = tx.rows(_OLD, (now - KEPT_US) // _PERIOD_US, limit)
    tx.many(_DROP, old)
    return len(old)
