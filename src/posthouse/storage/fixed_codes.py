"""Test numbers: what is kept of their codes is a hash, and when it ends."""

from sqlalchemy import bindparam, delete, func, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.otp import (
    TEST_NUMBERS_MAX,
    DropFixedCode,
    FixedCode,
    ListFixedCodes,
    SaveFixedCode,
)
from posthouse.storage import idempotency
from posthouse.storage.ending_codes import end_newest, find_verification
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, challenges, fixed_codes, pending, verifications
from posthouse.storage.singly import singly
from posthouse.storage.tx import Row, Statement, Tx

_FIXED = Statement(
    select(fixed_codes.c.fixed).where(
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.mode == bindparam("key_mode"),
        fixed_codes.c.number == bindparam("recipient"),
        fixed_codes.c.expires_at > bindparam("now"),
    ),
    "account",
    "key_mode",
    "recipient",
    "now",
)
_OTHERS = Statement(
    select(func.count())
    .select_from(fixed_codes)
    .where(
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.mode == bindparam("key_mode"),
        fixed_codes.c.number != bindparam("recipient"),
        fixed_codes.c.expires_at > bindparam("now"),
    ),
    "account",
    "key_mode",
    "recipient",
    "now",
)
_DROP_OF_NUMBER = Statement(
    delete(fixed_codes).where(
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.mode == bindparam("key_mode"),
        fixed_codes.c.number == bindparam("recipient"),
    ),
    "account",
    "key_mode",
    "recipient",
)
_ADD = Statement(
    insert(fixed_codes), "id", "account_id", "mode", "number", "fixed", "created_at", "expires_at"
)
_ENTRY = tuple(fixed_codes.c[name] for name in ("id", "mode", "number", "created_at", "expires_at"))
"""In the order of `FixedCode`."""

_DROP = Statement(
    delete(fixed_codes)
    .where(
        fixed_codes.c.id == bindparam("entry"),
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.mode == bindparam("key_mode"),
    )
    .returning(*_ENTRY),
    "entry",
    "account",
    "key_mode",
)
_LIST = Statement(
    select(*_ENTRY)
    .where(
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.mode == bindparam("key_mode"),
        fixed_codes.c.expires_at > bindparam("now"),
    )
    .order_by(fixed_codes.c.id.desc()),
    "account",
    "key_mode",
    "now",
)
_ASKED_FOR = Statement(
    select(verifications.c.id)
    .join(challenges, challenges.c.verification_id == verifications.c.id)
    .where(
        challenges.c.account_id == bindparam("account"),
        challenges.c.mode == bindparam("key_mode"),
        challenges.c.number == bindparam("recipient"),
        pending,
        verifications.c.fixed.is_not(None),
    ),
    "account",
    "key_mode",
    "recipient",
)
"""What is pending of a number's own code: the newest of each purpose, the others having ended."""

_OVER = Statement(
    select(fixed_codes.c.id)
    .where(fixed_codes.c.expires_at <= bindparam("now"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "now",
    "limit",
)
_FORGET = Statement(delete(fixed_codes).where(fixed_codes.c.id == bindparam("old")), "old")


def fixed_of(tx: Tx, account_id: int, mode: Mode, number: str, now: int) -> bytes | None:
    """The hash of a number's code, if it is a test number of this mode."""
    row = tx.row(_FIXED, account_id, mode.value, number, now)
    return None if row is None else bytes(row[0])


@singly
def save_fixed_code(group: Group, command: SaveFixedCode) -> bytes | None:
    """Keep a test number, in place of the one with the same number; those that are over do not count.

    What is pending of another code of the number is canceled: that code opens nothing from now on.
    """
    tx, once, entry = group.tx, command.once, command.entry
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    account_id, mode = command.account_id, entry.mode
    others = tx.row(_OTHERS, account_id, mode.value, entry.number, entry.created_at)
    if others is not None and others[0] >= TEST_NUMBERS_MAX:
        raise Refusal(Code.TOO_MANY, limit=TEST_NUMBERS_MAX)
    tx.run(_DROP_OF_NUMBER, account_id, mode.value, entry.number)
    at = entry.created_at
    tx.run(_ADD, entry.row, account_id, mode.value, entry.number, command.fixed, at, entry.expires_at)
    _cancel(tx, account_id, entry, at, unless=command.fixed)
    idempotency.keep(tx, once, at)
    return None


@singly
def drop_fixed_code(group: Group, command: DropFixedCode) -> FixedCode:
    """Forget a test number, and cancel what is pending of its code."""
    row = group.tx.row(_DROP, command.row, command.account_id, command.mode.value)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="test_number")
    entry = _entry(row)
    _cancel(group.tx, command.account_id, entry, command.at)
    return entry


def _cancel(tx: Tx, account_id: int, entry: FixedCode, at: int, *, unless: bytes | None = None) -> None:
    """End what is pending of the number's own code, for all purposes, `unless` it is still that code."""
    for (verification_id,) in tx.rows(_ASKED_FOR, account_id, entry.mode.value, entry.number):
        verification = find_verification(tx, verification_id)
        if verification is not None and verification.fixed != unless:
            over = verification.expires_at <= at
            end_newest(tx, verification, VerificationState.EXPIRED if over else VerificationState.CANCELED)


def list_fixed_codes(tx: Tx, query: ListFixedCodes) -> list[FixedCode]:
    """An account's of one mode, newest first."""
    return [_entry(row) for row in tx.rows(_LIST, query.account_id, query.mode.value, query.now)]


def _entry(row: Row) -> FixedCode:
    entry = FixedCode(*row)
    return entry._replace(mode=Mode(entry.mode))


def forget_fixed_codes(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` whose time is over; answers how many."""
    over = tx.rows(_OVER, now, limit)
    tx.many(_FORGET, over)
    return len(over)
