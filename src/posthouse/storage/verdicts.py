"""What vendors answered: the attempt, its reference, the message's state and money, early receipts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, update

from posthouse.core.message import TAKEN, Happened, Lane, Life, Outcome, State, outcome_of
from posthouse.core.ports.life import Finish, RecordVerdicts
from posthouse.core.verdict import Accepted, Deferred, NotSent, Refused, Unknown
from posthouse.storage.corresponding import remember_writers
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves, Open
from posthouse.storage.parking import any_parked, match_parked
from posthouse.storage.references import names_of, refer
from posthouse.storage.schema import attempts, messages
from posthouse.storage.tx import Row, Statement

_ANSWERED = ("outcome", "reason", "code", "text", "parts", "answered_at")
_ANSWER = Statement(
    update(attempts)
    .ordered_values(*((attempts.c[name], bindparam(f"new_{name}")) for name in _ANSWERED))
    .where(attempts.c.message_id == bindparam("message"), attempts.c.number == bindparam("attempt")),
    *(f"new_{name}" for name in _ANSWERED),
    "message",
    "attempt",
)
# Of codes their verification knows when to look.
_AWAIT = Statement(
    update(messages)
    .ordered_values((messages.c.silent_at, bindparam("until")))
    .where(messages.c.id == bindparam("message"), messages.c.verification_id.is_(None)),
    "until",
    "message",
)

# Tuples made once: `A | B` would be made anew for every message.
_NOT_TAKEN, _NOT_ANSWERED = (Refused, Deferred), (NotSent, Unknown)
_KINDS = {
    Outcome.REFUSED: Happened.REFUSED,
    Outcome.DEFERRED: Happened.DEFERRED,
    Outcome.NOT_SENT: Happened.NOT_SENT,
}
_OPEN_OUTCOMES = (Outcome.STARTED, Outcome.UNKNOWN)
_MAY_ARRIVE = (*_OPEN_OUTCOMES, Outcome.ACCEPTED)


def record_verdicts(group: Group, commands: Sequence[RecordVerdicts]) -> list[dict[int, State]]:
    """Record every verdict whose attempt still waits for one."""
    moves = Moves(group, [finish.message_id for command in commands for finish in command.finishes])
    states = apply_verdicts(group, moves, commands)
    moves.flush()
    return states


def apply_verdicts(group: Group, moves: Moves, commands: Sequence[RecordVerdicts]) -> list[dict[int, State]]:
    """The same among other changes to messages that are loaded already."""
    answered: list[Row] = []
    awaited: list[Row] = []
    taken: dict[int, list[tuple[Finish, int]]] = {}
    states: list[dict[int, State]] = []
    for command in commands:
        done: dict[int, State] = {}
        for finish in command.finishes:
            message = moves.messages.get(finish.message_id)
            if message is None or not _applies(message, finish):
                continue
            outcome = outcome_of(finish.verdict)
            answered.append(_answer(finish, outcome, command.at))
            if outcome is Outcome.ACCEPTED:
                taken.setdefault(finish.channel_id, []).append((finish, command.at))
            new = done[finish.message_id] = _advance(moves, message, finish, outcome, command.at)
            if finish.hear_within_us is not None and new is State.SENT:
                awaited += _awaited(message, command.at + finish.hear_within_us)
        states.append(done)
    group.tx.many(_ANSWER, answered)
    refer(group.tx, taken)
    remember_writers(group.tx, moves, taken, [command.inbound for command in commands])
    group.tx.many(_AWAIT, awaited)
    if not any_parked(group.tx):
        return states
    for channel_id, finishes in taken.items():
        match_parked(group, moves, channel_id, names_of(finishes), finishes[-1][1])
    return states


def _awaited(message: Open, until: int) -> list[Row]:
    """When to try another channel: once, while only one vendor has it, and while it is of use."""
    alone = sum(outcome in _MAY_ARRIVE for outcome in message.outcomes) == 1
    if not alone or message.lane is Lane.MARKETING or until >= message.expires_at:
        return []
    return [(until, message.id)]


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


def _answer(finish: Finish, outcome: Outcome, at: int) -> Row:
    verdict = finish.verdict
    reason = code = text = parts = None
    if isinstance(verdict, _NOT_TAKEN):
        reason, code, text = verdict.reason._value_, verdict.code, verdict.text
    elif isinstance(verdict, Accepted):
        parts = verdict.parts
    else:
        text = verdict.detail
    return (outcome._value_, reason, code, text, parts, at, finish.message_id, finish.attempt)


def _advance(moves: Moves, message: Open, finish: Finish, outcome: Outcome, at: int) -> State:
    verdict, following = finish.verdict, finish.next
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
    # Why it does not go out once more is no reason why it should not arrive.
    reason = None
    if isinstance(verdict, _NOT_TAKEN) and TAKEN.isdisjoint(message.outcomes):
        reason = verdict.reason
    return moves.move(
        message,
        Life(tuple(message.outcomes), more=more),
        at=at,
        due_at=due_at,
        kind=kind,
        data=_told_by(finish),
        reason=reason,
        lease=message.lease if in_flight else None,
        receipts=following.due_at is not None or outcome is not Outcome.ACCEPTED,
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
    if verdict.exchange is not None:
        data["exchange"] = msgspec.Raw(verdict.exchange)
    return _ENCODER.encode(data).decode()
