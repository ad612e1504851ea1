"""What handsets wrote, looked up: one text, or lists by filter and cursor."""

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, select

from posthouse.core.ids import first_at
from posthouse.core.keywords import Keyword
from posthouse.core.ports.inbox import GetInbound, InboundText, InboxPage, ListInbox, WantedTexts
from posthouse.storage.schema import NONE_SKIPPED, channels, fixed, replies
from posthouse.storage.tx import Row, Statement, Tx

LOOKED_AT_MAX = 20_000
"""Rows one query may look through."""

_NEWEST = (1 << 63) - 1

_COLUMNS = (
    replies.c.id,
    replies.c.account_id,
    replies.c.message_id,
    replies.c.sender,
    replies.c.receiver,
    replies.c.text,
    replies.c.keyword,
    channels.c.name,
    replies.c.at,
    replies.c.received_at,
)
_TABLES = replies.join(channels, channels.c.id == replies.c.channel_id)
_ONE = Statement(select(*_COLUMNS).select_from(_TABLES).where(replies.c.id == bindparam("row")), "row")


def get_inbound(tx: Tx, query: GetInbound) -> InboundText | None:
    """The text, if it is this account's, or may be seen by it."""
    row = tx.row(_ONE, query.row)
    if row is None:
        return None
    text = _text(row)
    may_see = query.unclaimed if text.account_id is None else text.account_id == query.account_id
    return text if may_see else None


def list_inbox(tx: Tx, query: ListInbox) -> InboxPage:
    """Newest first."""
    wanted = query.wanted
    before = _NEWEST if query.before_row is None else query.before_row
    above = -1 if wanted.since is None else first_at(wanted.since) - 1
    if wanted.until is not None:
        before = min(before, first_at(wanted.until))
    own = () if wanted.unclaimed or wanted.account_id is None else (wanted.account_id,)
    told = dict(_filters(wanted))
    left: int | None = None
    if told:
        floor = tx.row(_floor(bool(own), wanted.unclaimed), *own, above, before, LOOKED_AT_MAX)
        if floor is not None:
            above = floor[0]
            left = above + 1
    statement = _page(bool(own), wanted.unclaimed, tuple(told))
    rows = tx.rows(statement, *own, above, before, *told.values(), query.limit + 1)
    if len(rows) > query.limit:
        rows.pop()
        left = rows[-1][0]
    return InboxPage([_text(row) for row in rows], left)


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "sender": replies.c.sender == bindparam("wanted_sender"),
    "receiver": replies.c.receiver == bindparam("wanted_receiver"),
    "keyword": replies.c.keyword == bindparam("wanted_keyword"),
    "channel": channels.c.name == bindparam("wanted_channel"),
}


def _filters(wanted: WantedTexts) -> Iterator[tuple[str, str]]:
    for name in _CONDITIONS:
        value: str | None = getattr(wanted, name)
        if value is not None:
            yield name, str(value)


def _whose(mine: bool, unclaimed: bool) -> tuple[ColumnElement[bool], ...]:  # noqa: FBT001 - as they are cached
    if unclaimed:
        return (replies.c.account_id.is_(None),)
    return (replies.c.account_id == bindparam("account"),) if mine else ()


_BETWEEN = (replies.c.id > bindparam("above"), replies.c.id < bindparam("before"))


@lru_cache(maxsize=4)
def _floor(mine: bool, unclaimed: bool) -> Statement:  # noqa: FBT001 - the key of a cache
    """The first row that is too far down to look at, found in the index alone."""
    return Statement(
        select(replies.c.id)
        .where(*_whose(mine, unclaimed), *_BETWEEN)
        .order_by(replies.c.id.desc())
        .limit(fixed(1))
        .offset(bindparam("looked_at")),
        *(("account",) if mine else ()),
        "above",
        "before",
        "looked_at",
    )


@lru_cache(maxsize=64)
def _page(mine: bool, unclaimed: bool, names: tuple[str, ...]) -> Statement:  # noqa: FBT001 - the key of a cache
    return Statement(
        select(*_COLUMNS)
        .select_from(_TABLES)
        .where(*_whose(mine, unclaimed), *_BETWEEN, *(_CONDITIONS[name] for name in names))
        .order_by(replies.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        *(("account",) if mine else ()),
        "above",
        "before",
        *(f"wanted_{name}" for name in names),
        "limit",
    )


def _text(row: Row) -> InboundText:
    row_id, account_id, message_id, sender, receiver, text, keyword, channel, sent_at, received_at = row
    return InboundText(
        row_id,
        account_id,
        message_id,
        sender,
        receiver,
        text,
        None if keyword is None else Keyword(keyword),
        channel,
        sent_at or None,
        received_at,
    )
