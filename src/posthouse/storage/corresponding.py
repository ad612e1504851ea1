"""Who wrote last to a number over a channel: whose its answer is where nothing else tells."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, select

from posthouse.core.ports.life import Finish
from posthouse.storage.moves import Moves
from posthouse.storage.schema import NONE_SKIPPED, correspondents
from posthouse.storage.tx import Statement, Tx, Upsert

KEPT_US = 90 * 86_400 * 1_000_000
"""Later answers are nobody's."""

_WROTE = Upsert(
    correspondents,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["channel_id", "number"],
        set_={name: insert_.excluded[name] for name in ("account_id", "message_id", "at")},
    ),
    "channel_id",
    "number",
    "account_id",
    "message_id",
    "at",
)
_LAST = Statement(
    select(correspondents.c.number, correspondents.c.account_id, correspondents.c.message_id).where(
        correspondents.c.channel_id == bindparam("channel"),
        correspondents.c.number.in_(bindparam("ids", expanding=True)),
    ),
    "channel",
    "ids",
)
_OLD = Statement(
    select(correspondents.c.channel_id, correspondents.c.number)
    .where(correspondents.c.at < bindparam("before"))
    .order_by(correspondents.c.at)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP = Statement(
    delete(correspondents).where(
        correspondents.c.channel_id == bindparam("channel"), correspondents.c.number == bindparam("recipient")
    ),
    "channel",
    "recipient",
)


def remember_writers(
    tx: Tx, moves: Moves, taken: Mapping[int, Sequence[tuple[Finish, int]]], inbound: Iterable[frozenset[int]]
) -> None:
    """Note whose message each number got last over the channels in `inbound`; of others, nothing.

    `taken`: by channel, the attempts that vendors accepted, and when.
    """
    channels = frozenset[int]().union(*inbound)
    tx.many(
        _WROTE,
        [
            (
                channel_id,
                finish.recipient,
                moves.messages[finish.message_id].account_id,
                finish.message_id,
                at,
            )
            for channel_id in channels.intersection(taken)
            for finish, at in taken[channel_id]
        ],
    )


def last_writers(tx: Tx, channel_id: int, numbers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Of each number that was written to over the channel: the account, and the message."""
    wanted = dict.fromkeys(numbers)
    return {number: (account, message) for number, account, message in tx.rows_in(_LAST, wanted, channel_id)}


def forget_writers(tx: Tx, now: int, limit: int) -> int:
    """Drop who wrote over 90 days ago; answers how many."""
    old = tx.rows(_OLD, now - KEPT_US, limit)
    tx.many(_DROP, old)
    return len(old)
