"""What became of what vendors took: receipts matched by reference, parked when nobody knows it yet."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select, update

from posthouse.core.message import AGE_LIMIT_US, FINAL, Happened, Life, Outcome, State, after_receipt
from posthouse.core.ports.life import RecordReplies, Settlement, SettleReceipts
from posthouse.core.verdict import Fate, Reason, Receipt
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.schema import attempts, parked_receipts, replies, vendor_references
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_FIND = Statement(
    select(
        vendor_references.c.reference,
        vendor_references.c.recipient,
        vendor_references.c.id,
        vendor_references.c.message_id,
        vendor_references.c.attempt,
    ).where(
        vendor_references.c.channel_id == bindparam("channel"),
        vendor_references.c.reference.in_(bindparam("ids", expanding=True)),
    ),
    "channel",
    "ids",
)
_FORGET = Statement(delete(vendor_references).where(vendor_references.c.id == bindparam("known")), "known")
_SETTLED = ("outcome", "reason", "code", "settled_at")
_SETTLE = Statement(
    update(attempts)
    .ordered_values(*((attempts.c[name], bindparam(f"new_{name}")) for name in _SETTLED))
    .where(attempts.c.message_id == bindparam("message"), attempts.c.number == bindparam("attempt")),
    *(f"new_{name}" for name in _SETTLED),
    "message",
    "attempt",
)
_PARKED = ("channel_id", "reference", "recipient", "fate", "reason", "code", "at", "received_at")
_PARK = Upsert(parked_receipts, lambda insert_: insert_.on_conflict_do_nothing(), *_PARKED)
_REPLIED = ("account_id", "channel_id", "message_id", "reference", "sender", "text", "at")
_REPLY = Upsert(replies, lambda insert_: insert_.on_conflict_do_nothing(), *_REPLIED)

_OUTCOME = {Fate.DELIVERED: Outcome.DELIVERED, Fate.UNDELIVERED: Outcome.UNDELIVERED}
_KINDS = {Outcome.DELIVERED: State.DELIVERED, Outcome.UNDELIVERED: State.UNDELIVERED}
_REASONS = {reason._value_: reason for reason in Reason}


class Told(NamedTuple):
    """A receipt whose attempt is known."""

    message_id: int
    attempt: int
    outcome: Outcome
    reason: Reason | None
    code: str
    vendor_at: int
    at: int


def told(
    message_id: int, attempt: int, fate: str, reason: str | None, code: str, vendor_at: int, at: int
) -> Told:
    """From the columns of a parked receipt."""
    return Told(message_id, attempt, Outcome(fate), _REASONS.get(reason or ""), code, vendor_at, at)


def settle_receipts(group: Group, commands: Sequence[SettleReceipts]) -> list[Settlement]:
    """Apply what is known, park what is not."""
    tx = group.tx
    known = [_known(tx, command) for command in commands]
    moves = Moves(group, [row[3] for found in known for row in found.values()])
    answers: list[Settlement] = []
    for command, found in zip(commands, known, strict=True):
        news: list[Told] = []
        parked: list[Row] = []
        over: list[Row] = []
        for receipt in command.receipts:
            row = found.get((receipt.reference, receipt.recipient))
            if row is None:
                parked.append(_parked(command, receipt))
                continue
            _, _, reference_id, message_id, attempt = row
            news.append(
                Told(
                    message_id,
                    attempt,
                    _OUTCOME[receipt.fate],
                    receipt.reason,
                    receipt.code,
                    receipt.at,
                    command.at,
                )
            )
            if receipt.fate is Fate.DELIVERED:
                over.append((reference_id,))
        lags_us = _lags_us(moves, news)
        applied = apply_told(group, moves, news)
        tx.many(_FORGET, over)
        tx.many(_PARK, parked)
        answers.append(Settlement(applied, len(parked), len(news) - applied, lags_us))
    moves.flush()
    return answers


def _lags_us(moves: Moves, news: Sequence[Told]) -> tuple[int, ...]:
    """How long ago those were sent that are delivered now: a sent message ages at a fixed time after that."""
    lags: dict[int, int] = {}
    for item in news:
        message = moves.messages.get(item.message_id)
        if message is None or message.state is not State.SENT or message.look_at is None:
            continue
        if item.outcome is Outcome.DELIVERED:
            lags[item.message_id] = max(0, item.at - (message.look_at - AGE_LIMIT_US))
    return tuple(lags.values())


def _known(tx: Tx, command: SettleReceipts) -> dict[tuple[str, str], Row]:
    wanted = dict.fromkeys(receipt.reference for receipt in command.receipts)
    return {(row[0], row[1]): row for row in tx.rows_in(_FIND, wanted, command.channel_id)}


def _parked(command: SettleReceipts, receipt: Receipt) -> Row:
    return (
        command.channel_id,
        receipt.reference,
        receipt.recipient,
        receipt.fate._value_,
        receipt.reason._value_ if receipt.reason is not None else None,
        receipt.code,
        receipt.at,
        command.at,
    )


_ENCODER = msgspec.json.Encoder()


def apply_told(group: Group, moves: Moves, news: Sequence[Told]) -> int:
    """Change attempts and messages by receipts, in order; answers how many told something new."""
    settled: list[Row] = []
    for item in news:
        message = moves.messages.get(item.message_id)
        if message is None or item.attempt > len(message.outcomes):
            continue
        before = message.outcomes[item.attempt - 1]
        after = after_receipt(before, item.outcome)
        late = message.state in FINAL and item.outcome is not Outcome.DELIVERED
        if after is before or late or message.state is State.CANCELED:
            continue
        message.outcomes[item.attempt - 1] = after
        reason = item.reason._value_ if item.reason is not None else None
        settled.append((after._value_, reason, item.code, item.at, item.message_id, item.attempt))
        waiting = message.state in (State.QUEUED, State.SCHEDULED)
        data = {"attempt": item.attempt, "code": item.code, "vendor_at": item.vendor_at}
        if reason is not None:
            data["reason"] = reason
        moves.move(
            message,
            Life(tuple(message.outcomes), more=waiting),
            at=item.at,
            due_at=message.due if waiting and after is not Outcome.DELIVERED else None,
            kind=_KINDS[after],
            data=_ENCODER.encode(data).decode(),
            reason=item.reason,
            lease=message.lease if after is not Outcome.DELIVERED else None,
        )
    group.tx.many(_SETTLE, settled)
    return len(settled)


def record_replies(group: Group, commands: Sequence[RecordReplies]) -> list[None]:
    """Store replies with the message they answer, where the reference is known; once, however often told."""
    tx = group.tx
    for command in commands:
        wanted = dict.fromkeys(reply.reference for reply in command.replies)
        found = {(row[0], row[1]): row[3] for row in tx.rows_in(_FIND, wanted, command.channel_id)}
        moves = Moves(group, found.values())
        for reply in command.replies:
            message = moves.messages.get(found.get((reply.reference, reply.sender), -1))
            owner = (message.account_id, message.id) if message is not None else (None, None)
            told_by = (command.channel_id, owner[1], reply.reference, reply.sender, reply.text, reply.at)
            new = tx.run(_REPLY, owner[0], *told_by) == 1
            if new and message is not None:
                waiting = message.state in (State.QUEUED, State.SCHEDULED)
                life = Life(tuple(message.outcomes), more=waiting)
                moves.move(
                    message,
                    life,
                    at=command.at,
                    due_at=message.due,
                    kind=Happened.REPLIED,
                    lease=message.lease,
                    receipts=message.look_at is not None,  # a final `sent` stays final
                )
        moves.flush()
    return [None] * len(commands)
