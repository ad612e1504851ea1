"""Registered signatures; every change raises the directory's version."""

from sqlalchemy import bindparam, delete, func, insert, or_, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.templates import (
    SIGNATURES_MAX,
    DeleteSignature,
    GetSignature,
    ListSignatures,
    SaveSignature,
    SignatureRecord,
    Subject,
)
from posthouse.storage import idempotency
from posthouse.storage.approving import forget_approvals
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, signatures
from posthouse.storage.tx import Statement, Tx

_OF_ACCOUNT = signatures.c.account_id == bindparam("account")
_TAKEN = Statement(
    select(signatures.c.signature_id).where(
        _OF_ACCOUNT,
        or_(signatures.c.signature_id == bindparam("wanted"), signatures.c.name == bindparam("called")),
    ),
    "account",
    "wanted",
    "called",
)
_HOW_MANY = Statement(select(func.count()).select_from(signatures).where(_OF_ACCOUNT), "account")
_SIGNATURE = Statement(insert(signatures), "id", "account_id", "signature_id", "name", "created_at")
_DELETE = Statement(delete(signatures).where(signatures.c.id == bindparam("of_id")), "of_id")
_FIELDS = (signatures.c.id, signatures.c.signature_id, signatures.c.name, signatures.c.created_at)
_ONE = Statement(
    select(*_FIELDS).where(_OF_ACCOUNT, signatures.c.signature_id == bindparam("wanted")),
    "account",
    "wanted",
)
_LIST = Statement(
    select(*_FIELDS)
    .where(_OF_ACCOUNT, signatures.c.id > bindparam("after"))
    .order_by(signatures.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "after",
    "limit",
)


@raising_version
def save_signature(group: Group, command: SaveSignature) -> bytes | None:
    """Register a signature whose id and name are free."""
    tx, once = group.tx, command.once
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    if taken := tx.rows(_TAKEN, command.account_id, command.signature_id, command.name):
        [known] = taken[0]
        param = "id" if (command.signature_id,) in taken else "name"
        known = command.signature_id if param == "id" else known
        raise Refusal(Code.ALREADY_EXISTS, param=param, resource="signature", id=known)
    if tx.rows(_HOW_MANY, command.account_id)[0][0] >= SIGNATURES_MAX:
        raise Refusal(Code.TOO_MANY, limit=SIGNATURES_MAX)
    tx.run(_SIGNATURE, command.row, command.account_id, command.signature_id, command.name, command.at)
    idempotency.keep(tx, once, command.at)
    return None


@raising_version
def delete_signature(group: Group, command: DeleteSignature) -> None:
    """Forget a signature, its approvals and their history."""
    row = group.tx.row(_ONE, command.account_id, command.signature_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="signature")
    group.tx.run(_DELETE, row[0])
    forget_approvals(group.tx, Subject.SIGNATURE, row[0])


def get_signature(tx: Tx, query: GetSignature) -> SignatureRecord | None:
    """By its id."""
    row = tx.row(_ONE, query.account_id, query.signature_id)
    return None if row is None else SignatureRecord(*row)


def list_signatures(tx: Tx, query: ListSignatures) -> list[SignatureRecord]:
    """Oldest first."""
    return [SignatureRecord(*row) for row in tx.rows(_LIST, query.account_id, query.after_row, query.limit)]
