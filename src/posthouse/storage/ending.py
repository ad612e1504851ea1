"""The end of messages that are not tried again; what a vendor took goes back to waiting for its receipt.

A verification that ends takes its code's messages out of the line.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from posthouse.core.message import AGE_LIMIT_US, IN_DOUBT, TAKEN, Ending, Life, Outcome, State
from posthouse.core.otp import DEAD
from posthouse.core.ports.life import EndMessages
from posthouse.storage.admitting import give_back
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.schema import attempts, fixed, messages
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
_WAITING = Statement(
    select(messages.c.id).where(
        messages.c.verification_id == bindparam("verification"),
        messages.c.state == fixed(State.QUEUED.value),
    ),
    "verification",
)


def end_messages(group: Group, commands: Sequence[EndMessages]) -> list[None]:
    """Finish leased messages for good, or leave them as they were before another try was due."""
    moves = Moves(group, [ended.message_id for command in commands for ended in command.ended])
    taken = [each.id for each in moves.messages.values() if Outcome.ACCEPTED in each.outcomes]
    taken_at: dict[int, int] = dict(group.tx.rows_in(_TAKEN_AT, taken))
    canceled: list[int] = []
    for command in commands:
        for ended in command.ended:
            message = moves.messages.get(ended.message_id)
            if message is None or message.lease != ended.token:
                continue
            at = taken_at.get(message.id)
            doubted = not IN_DOUBT.isdisjoint(message.outcomes)
            new = moves.move(
                message,
                Life(tuple(message.outcomes), ending=None if doubted else ended.ending),
                at=command.at,
                due_at=None if at is None else at + AGE_LIMIT_US,
                data=ended.decision,
                # Why it is not sent once more is no reason why it should not arrive.
                reason=ended.reason if TAKEN.isdisjoint(message.outcomes) else None,
            )
            if new is State.CANCELED:
                canceled.append(message.id)
    moves.flush()
    if canceled:
        give_back(group.tx, canceled)
    return [None] * len(commands)


def withdraw(group: Group, verification_id: int, at: int) -> None:
    """Cancel what waits to be sent of a code that counts no more.

    What a handset may have cannot be canceled. Whoever has claimed it to send it once more loses it, and the
    next claim says that the code is dead.
    """
    waiting = [row[0] for row in group.tx.rows(_WAITING, verification_id)]
    if not waiting:
        return
    moves, canceled = Moves(group, waiting), []
    for message in moves.messages.values():
        outcomes = tuple(message.outcomes)
        if IN_DOUBT.isdisjoint(outcomes):
            moves.move(message, Life(outcomes, ending=Ending.CANCELED), at=at, due_at=None, data=DEAD)
            canceled.append(message.id)
        elif message.lease is not None:
            moves.move(message, Life(outcomes, more=True), at=at, due_at=at)
    moves.flush()
    give_back(group.tx, canceled)
