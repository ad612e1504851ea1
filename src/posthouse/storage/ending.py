"""The end of messages that are not tried again; what a vendor took goes back to waiting for its receipt."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from posthouse.core.message import AGE_LIMIT_US, TAKEN, Life, Outcome
from posthouse.core.ports.life import EndMessages
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.schema import attempts, fixed
from posthouse.storage.tx import Statement

_TAKEN_AT = Statement(
    select(attempts.c.message_id, func.max(attempts.c.answered_at))
    .where(
        attempts.c.outcome == fixed(Outcome.ACCEPTED.value),
        attempts.c.message_id.in_(bindparam("ids", expanding=True)),
    )
    .group_by(attempts.c.message_id),
    "ids",
)


def end_messages(group: Group, commands: Sequence[EndMessages]) -> list[None]:
    """Finish leased messages for good, or leave them as they were before another try was due."""
    moves = Moves(group, [ended.message_id for command in commands for ended in command.ended])
    taken = [each.id for each in moves.messages.values() if Outcome.ACCEPTED in each.outcomes]
    taken_at: dict[int, int] = dict(group.tx.rows_in(_TAKEN_AT, taken))
    for command in commands:
        for ended in command.ended:
            message = moves.messages.get(ended.message_id)
            if message is None or message.lease != ended.token:
                continue
            at = taken_at.get(message.id)
            moves.move(
                message,
                Life(tuple(message.outcomes), ending=ended.ending),
                at=command.at,
                due_at=None if at is None else at + AGE_LIMIT_US,
                data=ended.decision,
                # Why it is not sent once more is no reason why it should not arrive.
                reason=ended.reason if TAKEN.isdisjoint(message.outcomes) else None,
            )
    moves.flush()
    return [None] * len(commands)
