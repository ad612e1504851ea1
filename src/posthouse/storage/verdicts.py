"""What vendors answered: the attempt, its reference, the message's state and money, early receipts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select, update

from posthouse.core.message import Happened, Life, Outcome, State, outcome_of
from posthouse.core.ports.life import Finish, RecordVerdicts
from posthouse.core.verdict import Accepted, Deferred, NotSent, Refused, Unknown
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves, Open
from posthouse.storage.receipts import Told, apply_told, told
from posthouse.storage.schema import NONE_SKIPPED, attempts, fixed, parked_receipts, vendor_references
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_ANSWERED = ("outcome", "reason", "code", "text", "parts", "answered_at")
_ANSWER = Statement(
    update(attempts)
    .ordered_values(*((attempts.c[name], bindparam(f"new_{name}")) for name in _ANSWERED))
    .where(attempts.c.message_id == bindparam("message"), attempts.c.number == bindparam("attempt")),
    *(f"new_{name}" for name in _ANSWERED),
    "message",
    "attempt",
)
_REFERENCE = ("channel_id", "reference", "recipient", "part", "message_id", "attempt", "created_at")
# Where a vendor's references come round again, receipts belong to the newest message.
_REFER = Upsert(
    vendor_references,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["channel_id", "reference", "recipient"],
        set_={name: insert_.excluded[name] for name in ("part", "message_id", "attempt", "created_at")},
    ),
    *_REFERENCE,
)
_ANY_PARKED = Statement(select(parked_receipts.c.id).limit(fixed(1)).offset(NONE_SKIPPED))
_PARKED = Statement(
    select(
        parked_receipts.c.id,
        parked_receipts.c.reference,
        parked_receipts.c.recipient,
        parked_receipts.c.fate,
        parked_receipts.c.reason,
        parked_receipts.c.code,
        parked_receipts.c.at,
    )
    .where(
        parked_receipts.c.channel_id == bindparam("channel"),
        parked_receipts.c.reference.in_(bindparam("ids", expanding=True)),
    )
    .order_by(parked_receipts.c.id),
    "channel",
    "ids",
)
_UNPARK = Statement(delete(parked_receipts).where(parked_receipts.c.id == bindparam("parked")), "parked")

# Tuples made once: `A | B` would be made anew for every message.
_NOT_TAKEN, _NOT_ANSWERED = (Refused, Deferred), (NotSent, Unknown)
_KINDS = {
    Outcome.REFUSED: Happened.REFUSED,
    Outcome.DEFERRED: Happened.DEFERRED,
    Outcome.NOT_SENT: Happened.NOT_SENT,
}
_OPEN_OUTCOMES = (Outcome.STARTED, Outcome.UNKNOWN)


def record_verdicts(group: Group, commands: Sequence[RecordVerdicts]) -> list[dict[int, State]]:
    """Record every verdict whose attempt still waits for one."""
    moves = Moves(group, [finish.message_id for command in commands for finish in command.finishes])
    answered: list[Row] = []
    references: dict[int, list[tuple[Finish, int]]] = {}
    states: list[dict[int, State]] = []
    for command in commands:
        done: dict[int, State] = {}
        for finish in command.finishes:
            message = moves.messages.get(finish.message_id)
            if message is None or not _applies(message, finish):
                continue
            answered.append(_answer(finish, command.at))
            if isinstance(finish.verdict, Accepted):
                references.setdefault(finish.channel_id, []).append((finish, command.at))
            done[finish.message_id] = _advance(moves, message, finish, command.at)
        states.append(done)
    group.tx.many(_ANSWER, answered)
    _refer(group.tx, references)
    _match_parked(group, moves, references)
    moves.flush()
    return states


def _applies(message: Open, finish: Finish) -> bool:
    """Whether the verdict still tells news.

    The attempt must wait for one; and when the lease has passed on, only "accepted" is news:
    anything else must not start another attempt beside the new owner's.
    """
    if not 0 < finish.attempt <= len(message.outcomes):
        return False
    if message.outcomes[finish.attempt - 1] not in _OPEN_OUTCOMES:
        return False
    return message.lease == finish.token or isinstance(finish.verdict, Accepted)


def _answer(finish: Finish, at: int) -> Row:
    verdict = finish.verdict
    reason = code = text = parts = None
    if isinstance(verdict, _NOT_TAKEN):
        reason, code, text = verdict.reason._value_, verdict.code, verdict.text
    elif isinstance(verdict, Accepted):
        parts = verdict.parts
    else:
        text = verdict.detail
    return (outcome_of(verdict)._value_, reason, code, text, parts, at, finish.message_id, finish.attempt)


def _advance(moves: Moves, message: Open, finish: Finish, at: int) -> State:
    verdict, following = finish.verdict, finish.next
    outcome = outcome_of(verdict)
    was_unknown = message.outcomes[finish.attempt - 1] is Outcome.UNKNOWN
    message.outcomes[finish.attempt - 1] = outcome
    taken = Outcome.ACCEPTED in message.outcomes
    # Late news that an earlier attempt was taken stops whatever waits; only what is on the wire goes on.
    in_flight = message.lease != finish.token and message.outcomes[-1] is Outcome.STARTED
    more, due_at = following.more and not taken, following.due_at
    if more and due_at is not None:
        due_at = min(due_at, message.expires_at)
    if taken and outcome is not Outcome.ACCEPTED:
        due_at = None  # the wait for the other attempt's receipt
    kind = _KINDS.get(outcome)
    if was_unknown and outcome is Outcome.ACCEPTED:
        kind = Happened.RECONCILED  # the vendor has it after all
    reason = verdict.reason if isinstance(verdict, _NOT_TAKEN) else None
    return moves.move(
        message,
        Life(tuple(message.outcomes), more=more),
        at=at,
        due_at=due_at,
        kind=kind,
        data=_told_by(finish),
        reason=reason,
        lease=message.lease if in_flight else None,
        receipts=following.due_at is not None or not isinstance(verdict, Accepted),
    )


_ENCODER = msgspec.json.Encoder()


def _told_by(finish: Finish) -> str:
    verdict = finish.verdict
    data: dict[str, Any] = {"attempt": finish.attempt}
    if isinstance(verdict, Accepted):
        data["reference"] = verdict.reference
    elif isinstance(verdict, _NOT_ANSWERED):
        data["detail"] = verdict.detail
    else:
        data |= {"reason": verdict.reason._value_, "code": verdict.code, "text": verdict.text}
    return _ENCODER.encode(data).decode()


def _refer(tx: Tx, references: dict[int, list[tuple[Finish, int]]]) -> None:
    tx.many(
        _REFER,
        [
            (channel_id, _reference(finish), finish.recipient, 1, finish.message_id, finish.attempt, at)
            for channel_id, finishes in references.items()
            for finish, at in finishes
        ],
    )


def _match_parked(group: Group, moves: Moves, references: dict[int, list[tuple[Finish, int]]]) -> None:
    """Apply receipts that overtook their verdict."""
    tx = group.tx
    if not references or tx.row(_ANY_PARKED) is None:
        return
    for channel_id, finishes in references.items():
        by_reference = {(_reference(finish), finish.recipient): (finish, at) for finish, at in finishes}
        news: list[Told] = []
        matched: list[Row] = []
        for row in tx.rows_in(_PARKED, [reference for reference, _ in by_reference], channel_id):
            parked_id, reference, recipient, fate, reason, code, vendor_at = row
            found = by_reference.get((reference, recipient))
            if found is None:
                continue
            finish, at = found
            matched.append((parked_id,))
            news.append(told(finish.message_id, finish.attempt, fate, reason, code, vendor_at, at))
        tx.many(_UNPARK, matched)
        apply_told(group, moves, news)


def _reference(finish: Finish) -> str:
    if not isinstance(finish.verdict, Accepted):
        raise TypeError(finish)
    return finish.verdict.reference
