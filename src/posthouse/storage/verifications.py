"""Verifications as their owners see them, and the end of those whose time is over."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from posthouse.core.limits import DAY_US
from posthouse.core.otp import VerificationState, latest_end
from posthouse.core.ports.otp import (
    CloseVerifications,
    GetVerification,
    ListVerifications,
    VerificationPage,
    VerificationRecord,
)
from posthouse.storage.challenges import forget_challenges
from posthouse.storage.converting import forget_conversions
from posthouse.storage.ending_codes import end_newest, find_verification
from posthouse.storage.fixed_codes import forget_fixed_codes
from posthouse.storage.group import Group
from posthouse.storage.guarding import forget_counts
from posthouse.storage.schema import (
    NONE_SKIPPED,
    challenges,
    fixed,
    messages,
    pending,
    verifications,
)
from posthouse.storage.sending_codes import forget_sent
from posthouse.storage.tx import Row, Statement, Tx

LOOKED_AT_MAX = 5_000
"""Rows one page may look through."""

MESSAGES_MAX = 10
_NEWEST = (1 << 63) - 1

_LEFT = challenges.c.checks_left.label("left")
_COLUMNS = (
    verifications.c.id,
    verifications.c.number,
    verifications.c.country,
    verifications.c.mode,
    verifications.c.purpose,
    verifications.c.length,
    verifications.c.fixed,
    verifications.c.state,
    verifications.c.checks_left,
    _LEFT,
    verifications.c.sends,
    verifications.c.created_at,
    verifications.c.expires_at,
    verifications.c.verified_at,
)
_TABLES = verifications.outerjoin(
    challenges,
    and_(
        challenges.c.account_id == verifications.c.account_id,
        challenges.c.mode == verifications.c.mode,
        challenges.c.number == verifications.c.number,
        challenges.c.purpose == verifications.c.purpose,
        challenges.c.verification_id == verifications.c.id,
    ),
)
_ONE = Statement(
    select(*_COLUMNS)
    .select_from(_TABLES)
    .where(
        verifications.c.account_id == bindparam("account"), verifications.c.id == bindparam("verification")
    ),
    "account",
    "verification",
)
_MESSAGES = Statement(
    select(messages.c.id)
    .where(messages.c.verification_id == bindparam("verification"))
    .order_by(messages.c.id.desc())
    .limit(fixed(MESSAGES_MAX))
    .offset(NONE_SKIPPED),
    "verification",
)


def get_verification(tx: Tx, query: GetVerification) -> VerificationRecord | None:
    """One verification, if it is this account's."""
    row = tx.row(_ONE, query.account_id, query.verification_id)
    return None if row is None else _record(tx, row, query.now)


def list_verifications(tx: Tx, query: ListVerifications) -> VerificationPage:
    """Newest first, from a bounded number of rows."""
    before = _NEWEST if query.before_id is None else query.before_id
    bottom = tx.row(_BOTTOM, query.account_id, before)
    above = -1 if bottom is None else bottom[0]
    told = [value for value in (query.number, query.purpose) if value is not None]
    names = tuple(
        name for name, value in (("number", query.number), ("purpose", query.purpose)) if value is not None
    )
    timed = (query.now,) if query.state in _BY_TIME else ()
    statement = _page(names, query.state)
    rows = tx.rows(statement, query.account_id, above, before, *told, *timed, query.limit + 1)
    left = None if bottom is None else above + 1
    if len(rows) > query.limit:
        rows.pop()
        left = rows[-1][0]
    return VerificationPage([_record(tx, row, query.now) for row in rows], left)


_BOTTOM = Statement(
    select(verifications.c.id)
    .where(verifications.c.account_id == bindparam("account"), verifications.c.id < bindparam("before"))
    .order_by(verifications.c.id.desc())
    .limit(fixed(1))
    .offset(fixed(LOOKED_AT_MAX)),
    "account",
    "before",
)
"""The first that is too far down to look at."""

_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "number": verifications.c.number == bindparam("recipient"),
    "purpose": verifications.c.purpose == bindparam("label"),
}
_PARAMETERS = {"number": "recipient", "purpose": "label"}
_OVER = and_(pending, verifications.c.expires_at <= bindparam("now"))
_BY_TIME: dict[VerificationState, ColumnElement[bool]] = {
    VerificationState.PENDING: and_(pending, verifications.c.expires_at > bindparam("now")),
    VerificationState.EXPIRED: or_(verifications.c.state == fixed(VerificationState.EXPIRED.value), _OVER),
}


@lru_cache(maxsize=64)
def _page(names: tuple[str, ...], state: VerificationState | None) -> Statement:
    chosen = [_CONDITIONS[name] for name in names]
    if state is not None:
        chosen.append(_BY_TIME.get(state, verifications.c.state == fixed(state.value)))
    return Statement(
        select(*_COLUMNS)
        .select_from(_TABLES)
        .where(
            verifications.c.account_id == bindparam("account"),
            verifications.c.id > bindparam("above"),
            verifications.c.id < bindparam("before"),
            *chosen,
        )
        .order_by(verifications.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        "account",
        "above",
        "before",
        *(_PARAMETERS[name] for name in names),
        *(("now",) if state in _BY_TIME else ()),
        "limit",
    )


def _record(tx: Tx, row: Row, now: int) -> VerificationRecord:
    id_, number, country, mode, purpose, length, test, state, at_end, left, sends, *times = row
    created_at, expires_at, verified_at = times
    known = VerificationState(state)
    open_ = known is VerificationState.PENDING
    if open_ and expires_at <= now:
        known = VerificationState.EXPIRED
    return VerificationRecord(
        id=id_,
        number=number,
        country=country,
        mode=mode,
        purpose=purpose,
        length=length,
        test_number=test is not None,
        state=known,
        checks_left=left if open_ and left is not None else at_end,
        sends=sends,
        message_ids=tuple(found[0] for found in tx.rows(_MESSAGES, id_)),
        created_at=created_at,
        expires_at=expires_at,
        verified_at=verified_at,
    )


_ENDED = Statement(
    select(verifications.c.id)
    .where(
        pending,
        or_(verifications.c.expires_at <= bindparam("now"), verifications.c.expires_at > bindparam("latest")),
    )
    .order_by(verifications.c.expires_at)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "now",
    "latest",
    "limit",
)


def close_verifications(group: Group, commands: Sequence[CloseVerifications]) -> list[int]:
    """End what is over, and forget what counts no more."""
    return [_close(group.tx, command) for command in commands]


def _close(tx: Tx, command: CloseVerifications) -> int:
    now, limit = command.now, command.limit
    ended = tx.rows(_ENDED, now, latest_end(now), limit)
    for (verification_id,) in ended:
        verification = find_verification(tx, verification_id)
        if verification is not None:
            end_newest(tx, verification, VerificationState.EXPIRED)
    return max(
        len(ended),
        forget_challenges(tx, now - DAY_US, limit),
        forget_sent(tx, now - DAY_US, limit),
        forget_fixed_codes(tx, now, limit),
        forget_counts(tx, now, limit),
        forget_conversions(tx, now, limit),
    )
