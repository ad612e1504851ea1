"""Batches after their acceptance: what became of them, and stopping what is left."""

from sqlalchemy import bindparam, func, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import CANCELABLE, FINAL, IN_DOUBT, Ending, Life, State
from posthouse.core.ports.batches import BatchPage, BatchRecord, GetBatch, ListBatches
from posthouse.core.ports.changes import CancelBatch, Step
from posthouse.storage.admitting import give_back
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.schema import NONE_SKIPPED, batches, fixed, messages, staged
from posthouse.storage.singly import singly
from posthouse.storage.steps import note, so_far
from posthouse.storage.tx import Row, Statement, Tx

COUNTED_MAX = 20_000
"""Messages that one list of batches may count; the first batch is counted whole in any case."""

_NEWEST = (1 << 63) - 1

_BATCH = select(
    batches.c.id,
    batches.c.account_id,
    batches.c.count,
    batches.c.amount,
    batches.c.reference,
    batches.c.created_at,
    batches.c.first_id,
    batches.c.last_id,
).where(~staged, batches.c.account_id == bindparam("account"))
_ONE = Statement(_BATCH.where(batches.c.id == bindparam("batch")), "account", "batch")
_LIST = {
    labelled: Statement(
        _BATCH.where(
            batches.c.id < bindparam("before"),
            *((batches.c.reference == bindparam("reference"),) if labelled else ()),
        )
        .order_by(batches.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        "account",
        "before",
        *(("reference",) if labelled else ()),
        "limit",
    )
    for labelled in (True, False)
}
_OF_IT = (
    messages.c.id >= bindparam("first"),
    messages.c.id <= bindparam("last"),
    messages.c.batch_id == bindparam("batch"),
)
_waits = messages.c.look_at.is_not(None)
_STATES = Statement(
    select(messages.c.state, _waits, func.count()).where(*_OF_IT).group_by(messages.c.state, _waits),
    "first",
    "last",
    "batch",
)


def get_batch(tx: Tx, query: GetBatch) -> BatchRecord | None:
    """The batch, if it is this account's and published."""
    row = tx.row(_ONE, query.account_id, query.batch_id)
    return None if row is None else _record(tx, row)


def list_batches(tx: Tx, query: ListBatches) -> BatchPage:
    """Newest first, as many as can be counted at one go."""
    before = _NEWEST if query.before_id is None else query.before_id
    label = () if query.reference is None else (query.reference,)
    rows = tx.rows(_LIST[bool(label)], query.account_id, before, *label, query.limit + 1)
    found: list[BatchRecord] = []
    left = COUNTED_MAX
    for row in rows[: query.limit]:
        left -= row[2]
        if found and left < 0:
            break
        found.append(_record(tx, row))
    return BatchPage(found, found[-1].id if len(found) < len(rows) else None)


def _record(tx: Tx, row: Row) -> BatchRecord:
    batch_id, account_id, count, amount, reference, created_at, first, last = row
    states: dict[str, int] = {}
    done = True
    for state, waits, number in tx.rows(_STATES, first, last, batch_id):
        states[state] = states.get(state, 0) + number
        # Nothing is waited for once it was sent over a channel without receipts.
        done = done and (State(state) in FINAL or (state == State.SENT and not waits))
    return BatchRecord(batch_id, account_id, count, amount, reference, created_at, states, done)


_LEFT = Statement(
    select(messages.c.id)
    .where(
        messages.c.id > bindparam("after"),
        *_OF_IT,
        messages.c.state.in_([fixed(state.value) for state in sorted(CANCELABLE)]),
    )
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "first",
    "last",
    "batch",
    "limit",
)


@singly
def cancel_batch(group: Group, command: CancelBatch) -> Step:
    """Stop, of a batch, the next messages that no vendor has or may have."""
    before = None if command.once is None else so_far(group.tx, command.once)
    if before is not None and command.after_id == 0:
        return before
    row = group.tx.row(_ONE, command.account_id, command.batch_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="batch")
    found = group.tx.rows(_LEFT, command.after_id, row[6], row[7], command.batch_id, command.limit)
    moves = Moves(group, [message_id for (message_id,) in found])
    left = [each for each in moves.messages.values() if IN_DOUBT.isdisjoint(each.outcomes)]
    for message in left:
        life = Life(tuple(message.outcomes), ending=Ending.CANCELED)
        moves.move(message, life, at=command.at, due_at=None)
    moves.flush()
    give_back(group.tx, [message.id for message in left])
    step = Step(len(left), found[-1][0] if len(found) == command.limit else None)
    if command.once is not None:
        note(group.tx, command.once, before, step, command.at)
    return step
