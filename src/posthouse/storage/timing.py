"""What happens by time: schedules, cancels, ages, unknown fates, take-over after a crash, forgetting."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, null, or_, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import HOUR, first_at
from posthouse.core.message import (
    AGE_LIMIT_US,
    CANCELABLE,
    IN_DOUBT,
    Ending,
    Happened,
    Lane,
    Life,
    Outcome,
    State,
)
from posthouse.core.ports.life import AgeMessages, Cancel, Forget, QueueScheduled, Recover, Recovered
from posthouse.core.ports.reconciling import ClaimUnknown, ResolveUnknown, Unanswered
from posthouse.storage.admitting import forget_admissions, give_back
from posthouse.storage.claiming import published
from posthouse.storage.corresponding import forget_writers
from posthouse.storage.group import Group
from posthouse.storage.idempotency import KEPT_US, Used
from posthouse.storage.moves import Moves, Open
from posthouse.storage.parts import forget_parts
from posthouse.storage.schema import (
    NONE_SKIPPED,
    attempts,
    batches,
    fixed,
    hourly_counts,
    idempotency,
    leased,
    messages,
    nothing_counted,
    parked_receipts,
    staged,
    vendor_references,
)
from posthouse.storage.tx import Row, Statement, Tx

OVERDUE_US = 60_000_000
"""A lease over for so long was forgotten by a fault of ours: every call ends well inside its lease."""

REFERENCES_KEPT_US = 7 * 86_400 * 1_000_000

ZEROS_KEPT_US = 86_400 * 1_000_000
"""Counters of newer hours still go up and down."""


def _due(state: State) -> Statement:
    return Statement(
        select(messages.c.id)
        .where(
            messages.c.look_at <= bindparam("now"),
            messages.c.state == fixed(state.value),
            published,
        )
        .order_by(messages.c.look_at)
        .limit(bindparam("limit"))
        .offset(NONE_SKIPPED),
        "now",
        "limit",
    )


_SCHEDULED, _SENT, _UNKNOWN = _due(State.SCHEDULED), _due(State.SENT), _due(State.UNKNOWN)


def queue_scheduled(group: Group, commands: Sequence[QueueScheduled]) -> list[int]:
    """Put messages whose time has come into their lanes."""
    return [_queue_scheduled(group, command) for command in commands]


def _queue_scheduled(group: Group, command: QueueScheduled) -> int:
    moves = Moves(group, _ids(group.tx, _SCHEDULED, command.now, command.limit))
    for message in moves.messages.values():
        moves.move(message, Life(more=True), at=command.now, due_at=message.due)
    moves.flush()
    return len(moves.messages)


def age_messages(group: Group, commands: Sequence[AgeMessages]) -> list[int]:
    """End what nobody heard of for 72 h; what was held for it is settled."""
    return [
        _age(group, _ids(group.tx, _SENT, command.now, command.limit), command.now) for command in commands
    ]


def _age(group: Group, message_ids: list[int], now: int) -> int:
    moves = Moves(group, message_ids)
    for message in moves.messages.values():
        life = Life(tuple(message.outcomes), ending=Ending.AGED)
        moves.move(message, life, at=now, due_at=None)
    moves.flush()
    return len(moves.messages)


def cancel(group: Group, commands: Sequence[Cancel]) -> list[Refusal | bool]:
    """Stop messages that no vendor has or may have."""
    moves = Moves(group, [command.message_id for command in commands])
    used = Used(group.tx)
    answers: list[Refusal | bool] = []
    stopped: list[int] = []
    for command in commands:
        try:
            replayed = _cancel(group, moves, used, command)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        if not replayed:
            stopped.append(command.message_id)
        answers.append(replayed)
    moves.flush()
    give_back(group.tx, stopped)
    used.flush()
    return answers


def _cancel(group: Group, moves: Moves, used: Used, command: Cancel) -> bool:
    if command.once is not None and used.reply(command.once) is not None:
        return True
    message = moves.messages.get(command.message_id)
    if message is None or message.account_id != command.account_id or _unpublished(group, message):
        raise Refusal(Code.NOT_FOUND, resource="message")
    if message.state not in CANCELABLE or not IN_DOUBT.isdisjoint(message.outcomes):
        raise Refusal(Code.NOT_CANCELABLE, state=message.state.value)
    moves.move(message, Life(tuple(message.outcomes), ending=Ending.CANCELED), at=command.at, due_at=None)
    if command.once is not None:
        used.keep(command.once, command.at)
    return False


_STAGED = Statement(select(batches.c.id).where(batches.c.id == bindparam("batch"), staged), "batch")


def _unpublished(group: Group, message: Open) -> bool:
    return message.batch_id is not None and group.tx.row(_STAGED, message.batch_id) is not None


_LEASE = Statement(
    update(messages)
    .ordered_values(
        (messages.c.look_at, null()),
        (messages.c.lease, bindparam("token")),
        (messages.c.lease_owner, bindparam("owner")),
        (messages.c.lease_until, bindparam("until")),
    )
    .where(messages.c.id == bindparam("message")),
    "token",
    "owner",
    "until",
    "message",
)
_ASKED = Statement(
    select(
        messages.c.id,
        messages.c.account_id,
        messages.c.lane,
        messages.c.recipient,
        messages.c.attempts,
        messages.c.expires_at,
        attempts.c.number,
        attempts.c.channel_id,
        attempts.c.outcome,
        attempts.c.started_at,
    )
    .join(attempts, attempts.c.message_id == messages.c.id)
    .where(messages.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(messages.c.id, attempts.c.number),
    "ids",
)


def claim_unknown(group: Group, commands: Sequence[ClaimUnknown]) -> list[list[Unanswered]]:
    """Lease what must be asked about; end what is too old to ask."""
    return [_claim_unknown(group, command) for command in commands]


def _claim_unknown(group: Group, command: ClaimUnknown) -> list[Unanswered]:
    tx, lease = group.tx, command.lease
    latest: dict[int, Unanswered] = {}
    for row in tx.rows_in(_ASKED, _ids(tx, _UNKNOWN, command.now, command.limit)):
        message_id, account_id, lane, recipient, _, expires_at, number, channel_id, outcome, started = row
        before = latest.get(message_id)
        count = before.unknown_attempts if before is not None else 0
        if outcome != Outcome.UNKNOWN.value:
            continue
        latest[message_id] = Unanswered(
            message_id,
            lease.token,
            account_id,
            Lane(lane),
            recipient,
            number,
            channel_id,
            started,
            expires_at,
            count + 1,
        )
    old = [item.id for item in latest.values() if item.started_at + AGE_LIMIT_US <= command.now]
    _age(group, old, command.now)
    for message_id in old:
        del latest[message_id]
    tx.many(_LEASE, [(lease.token, lease.owner, lease.until, message_id) for message_id in latest])
    return list(latest.values())


def resolve_unknown(group: Group, commands: Sequence[ResolveUnknown]) -> list[None]:
    """Queue once more by policy, or look again later."""
    moves = Moves(group, [item.message_id for command in commands for item in command.resolutions])
    for command in commands:
        for item in command.resolutions:
            message = moves.messages.get(item.message_id)
            if message is None or message.lease != item.token or message.state is not State.UNKNOWN:
                continue
            moves.move(
                message,
                Life(tuple(message.outcomes), more=item.resend),
                at=command.at,
                due_at=item.due_at,
                kind=Happened.RESEND if item.resend else None,
            )
    moves.flush()
    return [None] * len(commands)


_FOREIGN = Statement(
    select(messages.c.id)
    .where(
        leased,
        or_(messages.c.lease_owner != bindparam("owner"), messages.c.lease_until < bindparam("overdue")),
    )
    .limit(fixed(5000))
    .offset(NONE_SKIPPED),
    "owner",
    "overdue",
)


def recover(group: Group, commands: Sequence[Recover]) -> list[Recovered]:
    """Free the leases of processes that are gone, 5,000 a command; call it until nothing is left."""
    return [_recover(group, command) for command in commands]


def _recover(group: Group, command: Recover) -> Recovered:
    tx = group.tx
    moves = Moves(group, [row[0] for row in tx.rows(_FOREIGN, command.owner, command.now - OVERDUE_US)])
    freed = lost = 0
    for message in moves.messages.values():
        if message.state is not State.SENDING:
            waiting = message.state is State.QUEUED
            moves.move(
                message, Life(tuple(message.outcomes), more=waiting), at=command.now, due_at=command.now
            )
            freed += 1
            continue
        moves.lose(message, "the process ended before the answer was recorded")
        lost += 1
        # Where an earlier attempt was taken, its receipt is waited for.
        due_at = None if Outcome.ACCEPTED in message.outcomes else command.now
        moves.move(message, Life(tuple(message.outcomes)), at=command.now, due_at=due_at)
    moves.flush()
    return Recovered(freed, lost)


_OLD_KEYS = Statement(
    select(idempotency.c.account_id, idempotency.c.operation, idempotency.c.key)
    .where(idempotency.c.created_at < bindparam("before"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP_KEY = Statement(
    delete(idempotency).where(
        idempotency.c.account_id == bindparam("account"),
        idempotency.c.operation == bindparam("operation"),
        idempotency.c.key == bindparam("key"),
    ),
    "account",
    "operation",
    "key",
)
_OLD_PARKED = Statement(
    select(parked_receipts.c.id, parked_receipts.c.received_at)
    .order_by(parked_receipts.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "limit",
)
_DROP_PARKED = Statement(delete(parked_receipts).where(parked_receipts.c.id == bindparam("old")), "old")
_OLD_REFERENCES = Statement(
    select(
        vendor_references.c.id,
        vendor_references.c.created_at,
        vendor_references.c.message_id,
        vendor_references.c.attempt,
    )
    .order_by(vendor_references.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "limit",
)
_DROP_REFERENCE = Statement(
    delete(vendor_references).where(vendor_references.c.id == bindparam("old")), "old"
)
_ZEROS = Statement(
    select(hourly_counts.c.account_id, hourly_counts.c.hour, hourly_counts.c.state)
    .where(nothing_counted, hourly_counts.c.hour < bindparam("hour"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "hour",
    "limit",
)
_DROP_ZERO = Statement(
    delete(hourly_counts).where(
        hourly_counts.c.account_id == bindparam("account"),
        hourly_counts.c.hour == bindparam("hour"),
        hourly_counts.c.state == bindparam("word"),
        nothing_counted,
    ),
    "account",
    "hour",
    "word",
)


def forget(group: Group, commands: Sequence[Forget]) -> list[int]:
    """Drop keys and parked receipts after 72 h, references after a week, admissions and zeros after a day.

    Who wrote last to a number is forgotten after 90 days; what the number wrote is kept.
    """
    return [_forget(group.tx, command) for command in commands]


def _forget(tx: Tx, command: Forget) -> int:
    keys = tx.rows(_OLD_KEYS, command.now - KEPT_US, command.limit)
    tx.many(_DROP_KEY, keys)
    parked = _older(tx.rows(_OLD_PARKED, command.limit), command.now - AGE_LIMIT_US)
    tx.many(_DROP_PARKED, parked)
    oldest = tx.rows(_OLD_REFERENCES, command.limit)
    references = _older([row[:2] for row in oldest], command.now - REFERENCES_KEPT_US)
    tx.many(_DROP_REFERENCE, references)
    gone = {row[0] for row in references}
    forget_parts(tx, [row[2:] for row in oldest if row[0] in gone])
    zeros = tx.rows(_ZEROS, first_at(command.now - ZEROS_KEPT_US) // HOUR, command.limit)
    tx.many(_DROP_ZERO, zeros)
    admitted = forget_admissions(tx, command.now, command.limit)
    writers = forget_writers(tx, command.now, command.limit)
    return len(keys) + len(parked) + len(references) + len(zeros) + admitted + writers


def _older(rows: list[Row], before: int) -> list[Row]:
    return [(row_id,) for row_id, at in rows if at < before]


def _ids(tx: Tx, statement: Statement, now: int, limit: int) -> list[int]:
    return [row[0] for row in tx.rows(statement, now, limit)]
