"""Messages of a restored backup: out of every line until an operator releases them. Its codes are over."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from posthouse.core.message import AGE_LIMIT_US, Happened, Life, State
from posthouse.core.otp import VerificationState
from posthouse.core.ports.holding import (
    HOLDABLE,
    CountHeld,
    HeldMessage,
    HoldOpen,
    LeapBoot,
    ListHeld,
    Release,
)
from posthouse.storage.claiming import published
from posthouse.storage.ending_codes import end_newest, find_verification
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves, Open
from posthouse.storage.schema import (
    NONE_SKIPPED,
    counters,
    fixed,
    held_messages,
    messages,
    pending,
    verifications,
)
from posthouse.storage.silence import forget_silence
from posthouse.storage.tx import Row, Statement, Tx

_OPEN = Statement(
    select(messages.c.id, messages.c.state)
    .where(
        messages.c.id > bindparam("after"),
        or_(
            messages.c.state.in_([fixed(state.value) for state in sorted(HOLDABLE | {State.SENDING})]),
            and_(messages.c.state == fixed(State.SENT.value), messages.c.look_at < bindparam("until")),
        ),
        messages.c.id.not_in(select(held_messages.c.message_id)),
        published,
    )
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "until",
    "limit",
)
_WAIT = Statement(
    update(messages)
    .ordered_values((messages.c.look_at, bindparam("until")))
    .where(messages.c.id == bindparam("message")),
    "until",
    "message",
)
_PENDING = Statement(
    select(verifications.c.id).where(pending).limit(bindparam("limit")).offset(NONE_SKIPPED), "limit"
)
_HOLD = Statement(insert(held_messages), "message_id", "due_at", "look_at", "held_at")


def hold_open(group: Group, commands: Sequence[HoldOpen]) -> list[int | None]:
    """Hold what is open, in bounded steps."""
    return [_hold_open(group, command) for command in commands]


def _hold_open(group: Group, command: HoldOpen) -> int | None:
    tx, until = group.tx, command.at + AGE_LIMIT_US
    forget_silence(tx)
    ended = _end_codes(tx, command)
    found = tx.rows(_OPEN, command.after_id, until, command.limit)
    # The receipts of the time since were for an installation that is gone: nobody asked this one yet.
    tx.many(_WAIT, [(until, row[0]) for row in found if row[1] == State.SENT.value])
    moves = Moves(group, [row[0] for row in found if row[1] != State.SENT.value])
    held: list[Row] = []
    for message in moves.messages.values():
        due_at, look_at = message.due_at, message.look_at
        if message.state is State.SENDING:
            moves.lose(message, "the backup was taken before the answer was recorded")
            new = moves.move(message, Life(tuple(message.outcomes)), at=command.at, due_at=None)
            if new is not State.UNKNOWN:  # an earlier attempt was taken: it waits for a receipt
                continue
        life, kind = _as_it_is(message), Happened.HELD
        moves.move(message, life, at=command.at, due_at=None, kind=kind, receipts=False)
        held.append((message.id, due_at, look_at, command.at))
    tx.many(_HOLD, held)
    moves.flush()
    if found:
        return int(found[-1][0])
    return command.after_id if ended else None


def _end_codes(tx: Tx, command: HoldOpen) -> int:
    """End pending verifications; answers how many.

    A code may have been used since, and must not be good once more. Its messages are held like all others,
    since they may have been sent.
    """
    found = tx.rows(_PENDING, command.limit)
    for (verification_id,) in found:
        verification = find_verification(tx, verification_id)
        if verification is not None:
            over = verification.expires_at <= command.at
            end_newest(tx, verification, VerificationState.EXPIRED if over else VerificationState.CANCELED)
    return len(found)


def _as_it_is(message: Open) -> Life:
    waits = message.state is not State.UNKNOWN
    return Life(tuple(message.outcomes), more=waits, scheduled=message.state is State.SCHEDULED)


_HELD = Statement(
    select(held_messages.c.message_id, held_messages.c.due_at, held_messages.c.look_at).where(
        held_messages.c.message_id.in_(bindparam("ids", expanding=True))
    ),
    "ids",
)


def release(group: Group, commands: Sequence[Release]) -> list[int]:
    """Give messages back to their lines; that they are held no longer, `Moves` writes by itself."""
    wanted = [message_id for command in commands for message_id in command.message_ids]
    times = {row[0]: row[1:] for row in group.tx.rows_in(_HELD, wanted)}
    moves = Moves(group, times)
    answers: list[int] = []
    for command in commands:
        released = 0
        for message_id in command.message_ids:
            message = moves.messages.get(message_id)
            if message is None or not message.held:
                continue
            due_at, look_at = times[message_id]
            due = command.at if message.state is State.UNKNOWN else due_at or look_at or command.at
            moves.move(message, _as_it_is(message), at=command.at, due_at=due, kind=Happened.RELEASED)
            released += 1
        answers.append(released)
    moves.flush()
    return answers


_LEAP = Statement(
    update(counters)
    .ordered_values((counters.c.value, counters.c.value + bindparam("leap")))
    .where(counters.c.name == fixed("boot"))
    .returning(counters.c.value),
    "leap",
)
_COUNTER = Statement(insert(counters), "name", "value")


def leap_boot(group: Group, commands: Sequence[LeapBoot]) -> list[None]:
    """Raise the boot number."""
    for command in commands:
        if group.tx.row(_LEAP, command.by) is None:
            group.tx.run(_COUNTER, "boot", command.by)
    return [None] * len(commands)


_LIST = Statement(
    select(
        messages.c.id,
        messages.c.state,
        held_messages.c.due_at,
        held_messages.c.look_at,
        held_messages.c.held_at,
    )
    .join(messages, messages.c.id == held_messages.c.message_id)
    .where(
        held_messages.c.message_id > bindparam("after"),
        messages.c.state.in_([bindparam("one"), bindparam("two"), bindparam("three")]),
    )
    .order_by(held_messages.c.message_id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "one",
    "two",
    "three",
    "limit",
)
_COUNT = Statement(
    select(messages.c.state, func.count())
    .select_from(held_messages)
    .join(messages, messages.c.id == held_messages.c.message_id)
    .group_by(messages.c.state)
)


def list_held(tx: Tx, query: ListHeld) -> list[HeldMessage]:
    """Oldest first."""
    states = [state.value if not query.states or state in query.states else "" for state in sorted(HOLDABLE)]
    rows = tx.rows(_LIST, query.after_id, *states, query.limit)
    return [HeldMessage(row[0], State(row[1]), *row[2:]) for row in rows]


def count_held(tx: Tx, _query: CountHeld) -> dict[State, int]:
    """By state."""
    return {State(state): count for state, count in tx.rows(_COUNT)}
