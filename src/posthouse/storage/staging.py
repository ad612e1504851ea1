"""Batches on their way: noted when the first of them is stored, published in one step or taken back."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from posthouse.core.ports.life import DropStaged, NewBatch
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, admissions, batches, events, fixed, messages, staged
from posthouse.storage.tx import Row, Statement, Tx

_COLUMNS = (
    "id",
    "account_id",
    "state",
    "count",
    "amount",
    "first_id",
    "last_id",
    "reference",
    "created_at",
)
_INSERT = Statement(insert(batches), *_COLUMNS)
_STATE = Statement(select(batches.c.state).where(batches.c.id == bindparam("batch")), "batch")
_PUBLISH = Statement(
    update(batches)
    .ordered_values(
        (batches.c.state, fixed("published")),
        (batches.c.count, bindparam("accepted")),
        (batches.c.amount, bindparam("held")),
    )
    .where(batches.c.id == bindparam("batch"), staged),
    "accepted",
    "held",
    "batch",
)


def note(tx: Tx, batch: NewBatch) -> bool:
    """Note a batch that nobody sees yet, unless it is noted; answers False where it is published already."""
    found = tx.row(_STATE, batch.id)
    if found is None:
        _insert(tx, batch, "staged")
    return found is None or found[0] == "staged"


def is_staged(tx: Tx, batch: NewBatch) -> bool:
    """Whether it is noted and not published."""
    return tx.row(_STATE, batch.id) == ("staged",)


def publish(tx: Tx, batch: NewBatch) -> None:
    """Let everybody see it, with as many messages as were accepted; it need not have been noted."""
    if not tx.run(_PUBLISH, batch.count, batch.amount, batch.id):
        _insert(tx, batch, "published")


def _insert(tx: Tx, batch: NewBatch, state: str) -> None:
    tx.run(
        _INSERT,
        batch.id,
        batch.account_id,
        state,
        batch.count,
        batch.amount,
        batch.first_id,
        batch.last_id,
        batch.reference,
        batch.created_at,
    )


_STAGED = select(batches.c.id, batches.c.first_id, batches.c.last_id, batches.c.created_at).where(
    staged, batches.c.created_at < bindparam("before")
)
_ALL = Statement(_STAGED.limit(bindparam("limit")).offset(NONE_SKIPPED), "before", "limit")
_ONE = Statement(_STAGED.where(batches.c.id == bindparam("batch")), "before", "batch")
OF_BATCH = (
    (messages.c.id >= bindparam("first"))
    & (messages.c.id <= bindparam("last"))
    & (messages.c.batch_id == bindparam("batch"))
)
"""The messages of a batch; its parameters are `first`, `last` and `batch`."""
_MESSAGES = Statement(
    select(messages.c.id)
    .where(OF_BATCH)
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "first",
    "last",
    "batch",
    "limit",
)
_ADMISSIONS = Statement(
    select(admissions.c.id)
    .where(admissions.c.at == bindparam("admitted_at"), admissions.c.batch_id == bindparam("batch"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "admitted_at",
    "batch",
    "limit",
)
_DROP_MESSAGE = Statement(delete(messages).where(messages.c.id == bindparam("message")), "message")
_DROP_EVENTS = Statement(delete(events).where(events.c.message_id == bindparam("message")), "message")
_DROP_ADMISSION = Statement(delete(admissions).where(admissions.c.id == bindparam("admission")), "admission")
_DROP_BATCH = Statement(delete(batches).where(batches.c.id == bindparam("batch"), staged), "batch")


def drop_staged(group: Group, commands: Sequence[DropStaged]) -> list[int]:
    """Sweep what a crash or a refusal left unpublished; the batch row goes last."""
    return [_drop(group.tx, command) for command in commands]


def _drop(tx: Tx, command: DropStaged) -> int:
    left, only = command.limit, command.batch_id
    found = (
        tx.rows(_ALL, command.before, command.limit) if only is None else tx.rows(_ONE, command.before, only)
    )
    for batch_id, first, last, created_at in found:
        left -= _drop_messages(tx, (first, last, batch_id, left))
        left -= _count_back(tx, (created_at, batch_id, left))
        if left <= 0:
            return command.limit
        tx.run(_DROP_BATCH, batch_id)
    return command.limit - left


def _drop_messages(tx: Tx, of_batch: Row) -> int:
    ids = tx.rows(_MESSAGES, *of_batch)
    tx.many(_DROP_EVENTS, ids)
    tx.many(_DROP_MESSAGE, ids)
    return len(ids)


def _count_back(tx: Tx, of_batch: Row) -> int:
    """Whoever was admitted to it does not count any more."""
    ids = tx.rows(_ADMISSIONS, *of_batch)
    tx.many(_DROP_ADMISSION, ids)
    return len(ids)
