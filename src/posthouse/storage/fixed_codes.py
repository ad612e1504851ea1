"""Test numbers: what is kept of their codes is a hash, and when it ends."""

from sqlalchemy import bindparam, delete, func, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.otp import (
    TEST_NUMBERS_MAX,
    DropFixedCode,
    FixedCode,
    ListFixedCodes,
    SaveFixedCode,
)
from posthouse.storage import idempotency
from posthouse.storage.group import Group
from posthouse.storage.schema import fixed_codes
from posthouse.storage.singly import singly
from posthouse.storage.tx import Statement, Tx

_OTHERS = Statement(
    select(func.count())
    .select_from(fixed_codes)
    .where(
        fixed_codes.c.account_id == bindparam("account"),
        fixed_codes.c.number != bindparam("recipient"),
        fixed_codes.c.expires_at > bindparam("now"),
    ),
    "account",
    "recipient",
    "now",
)
_DROP_OF_NUMBER = Statement(
    delete(fixed_codes).where(
        fixed_codes.c.account_id == bindparam("account"), fixed_codes.c.number == bindparam("recipient")
    ),
    "account",
    "recipient",
)
_ADD = Statement(insert(fixed_codes), "id", "account_id", "number", "fixed", "created_at", "expires_at")
_ENTRY = (fixed_codes.c.id, fixed_codes.c.number, fixed_codes.c.created_at, fixed_codes.c.expires_at)
_DROP = Statement(
    delete(fixed_codes)
    .where(fixed_codes.c.id == bindparam("entry"), fixed_codes.c.account_id == bindparam("account"))
    .returning(*_ENTRY),
    "entry",
    "account",
)
_LIST = Statement(
    select(*_ENTRY)
    .where(fixed_codes.c.account_id == bindparam("account"), fixed_codes.c.expires_at > bindparam("now"))
    .order_by(fixed_codes.c.id.desc()),
    "account",
    "now",
)


@singly
def save_fixed_code(group: Group, command: SaveFixedCode) -> bytes | None:
    """Keep a test number, in place of the one with the same number; those that are over do not count."""
    tx, once, entry = group.tx, command.once, command.entry
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    others = tx.row(_OTHERS, command.account_id, entry.number, entry.created_at)
    if others is not None and others[0] >= TEST_NUMBERS_MAX:
        raise Refusal(Code.TOO_MANY, limit=TEST_NUMBERS_MAX)
    tx.run(_DROP_OF_NUMBER, command.account_id, entry.number)
    row, number, created_at, expires_at = entry
    tx.run(_ADD, row, command.account_id, number, command.fixed, created_at, expires_at)
    idempotency.keep(tx, once, created_at)
    return None


@singly
def drop_fixed_code(group: Group, command: DropFixedCode) -> FixedCode:
    """Forget a test number."""
    row = group.tx.row(_DROP, command.row, command.account_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="test_number")
    return FixedCode(*row)


def list_fixed_codes(tx: Tx, query: ListFixedCodes) -> list[FixedCode]:
    """An account's, newest first."""
    return [FixedCode(*row) for row in tx.rows(_LIST, query.account_id, query.now)]
