"""What receipts change: the attempt, its message, and whether another channel gets a chance."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, null, update

from posthouse.core.message import (
    FINAL,
    IN_DOUBT,
    Happened,
    Lane,
    Life,
    Outcome,
    State,
    after_receipt,
)
from posthouse.core.routing import ATTEMPTS_MAX
from posthouse.core.verdict import ROUTE_LOCAL, Fate, Reason, Receipt
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves, Open
from posthouse.storage.parts import forget_parts, part_came
from posthouse.storage.references import Reference, forget_references
from posthouse.storage.schema import attempts, messages
from posthouse.storage.tx import Row, Statement, Tx

_SETTLED = ("outcome", "reason", "code", "settled_at")
_SETTLE = Statement(
    update(attempts)
    .ordered_values(*((attempts.c[name], bindparam(f"new_{name}")) for name in _SETTLED))
    .where(attempts.c.message_id == bindparam("message"), attempts.c.number == bindparam("attempt")),
    *(f"new_{name}" for name in _SETTLED),
    "message",
    "attempt",
)
# The next vendor that takes it sets a time anew.
_HEARD = Statement(
    update(messages)
    .ordered_values((messages.c.silent_at, null()))
    .where(messages.c.id == bindparam("message"), messages.c.silent_at.is_not(None)),
    "message",
)
_OUTCOMES = {Fate.DELIVERED: Outcome.DELIVERED, Fate.UNDELIVERED: Outcome.UNDELIVERED}
_KINDS = {Outcome.DELIVERED: State.DELIVERED, Outcome.UNDELIVERED: State.UNDELIVERED}
_STILL_OPEN = IN_DOUBT - {Outcome.UNDELIVERED}
_WHY = "the carrier could not bring it, another channel may"
_ENCODER = msgspec.json.Encoder()


class Told(NamedTuple):
    """A receipt whose attempt is known; `in_parts`: each of several parts has a receipt of its own."""

    message_id: int
    attempt: int
    outcome: Outcome
    reason: Reason | None
    code: str
    vendor_at: int
    at: int
    found: Reference
    in_parts: bool

    @property
    def route_local(self) -> bool:
        """Whether it says that this route did not bring it, where another may."""
        return self.outcome is Outcome.UNDELIVERED and self.reason in ROUTE_LOCAL


class Applied(NamedTuple):
    """How many receipts told something new, and how many messages go out once more."""

    news: int
    resent: int


def told_of(tx: Tx, moves: Moves, found: Reference, receipt: Receipt, at: int) -> Told | bool:
    """What a receipt says of its whole attempt; if nothing yet, whether it is news of one of its parts."""
    in_parts = found.parts > 1 or receipt.parts > 1
    if in_parts and receipt.fate is Fate.DELIVERED:
        message = moves.messages.get(found.message_id)
        if message is None or Outcome.DELIVERED in message.outcomes[found.attempt - 1 : found.attempt]:
            return False
        part, parts = (found.part, found.parts) if found.parts > 1 else (receipt.part, receipt.parts)
        news, whole = part_came(tx, found.message_id, found.attempt, part=part, parts=parts)
        if not whole:
            return news
    outcome = _OUTCOMES[receipt.fate]
    return Told(
        found.message_id,
        found.attempt,
        outcome,
        receipt.reason,
        receipt.code,
        receipt.at,
        at,
        found,
        in_parts,
    )


def apply_told(group: Group, moves: Moves, news: Sequence[Told], *, elsewhere: bool) -> Applied:
    """Change attempts and messages by receipts, in order, and forget what nothing new can be told of.

    `elsewhere`: there are other channels.
    """
    settled: list[Row] = []
    resent: list[Row] = []
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
        data: dict[str, object] = {
            "attempt": item.attempt,
            "code": item.code,
            "vendor_at": item.vendor_at,
        }
        if reason is not None:
            data["reason"] = reason
        if elsewhere and item.route_local and _another_way(message, item.at):
            resent.append((message.id,))
            moves.move(
                message,
                Life(tuple(message.outcomes), more=True),
                at=item.at,
                due_at=item.at,
                kind=Happened.RESEND,
                data=_ENCODER.encode(data | {"why": _WHY}).decode(),
                reason=item.reason,
            )
            continue
        waiting = message.state in (State.QUEUED, State.SCHEDULED)
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
    group.tx.many(_HEARD, resent)
    over = [item for item in news if item.outcome is Outcome.DELIVERED]
    forget_references(group.tx, [item.found for item in over])
    forget_parts(group.tx, [(item.message_id, item.attempt) for item in over if item.in_parts])
    return Applied(len(settled), len(resent))


def _another_way(message: Open, at: int) -> bool:
    """Whether it may go out once more: nobody else has it, and there is time."""
    return (
        message.state is State.SENT
        and message.lane is not Lane.MARKETING
        and at < message.expires_at
        and len(message.outcomes) < ATTEMPTS_MAX
        and _STILL_OPEN.isdisjoint(message.outcomes)
    )
