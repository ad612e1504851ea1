"""Messages that were in their lane but must wait after all: scheduled again."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from posthouse.core.message import IN_DOUBT, Happened, Life, State
from posthouse.core.ports.changes import Late, Postpone
from posthouse.core.times import rfc3339
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves, Open
from posthouse.storage.schema import messages
from posthouse.storage.tx import Row, Statement

QUIET_HOURS = "quiet_hours"
"""Why a message goes later than it was to, in its story."""


def postponed(since: int, until: int) -> str:
    """What the story of a message tells that was to go at `since` and is moved out of quiet hours."""
    return json.dumps({"from": rfc3339(since), "to": rfc3339(until), "why": QUIET_HOURS})


class _Times(NamedTuple):
    """When a message would have gone; the fields are columns of `messages`."""

    id: int
    created_at: int
    send_at: int | None
    expires_at: int
    postponed_from: int | None

    @property
    def begin(self) -> int:
        """When it was to go as things stood, and its validity began."""
        return self.created_at if self.send_at is None else self.send_at


_TIMES = Statement(
    select(*(messages.c[name] for name in _Times._fields)).where(
        messages.c.id.in_(bindparam("ids", expanding=True))
    ),
    "ids",
)
_LATER = ("send_at", "expires_at", "postponed_from")
_POSTPONE = Statement(
    update(messages)
    .ordered_values(*((messages.c[name], bindparam(f"new_{name}")) for name in _LATER))
    .where(messages.c.id == bindparam("message")),
    *(f"new_{name}" for name in _LATER),
    "message",
)


def postpone(group: Group, commands: Sequence[Postpone]) -> list[None]:
    """End leases and schedule again what nobody has or may have; each stays valid as long as it was."""
    moves = Moves(group, [late.message_id for command in commands for late in command.messages])
    times = {row[0]: _Times._make(row) for row in group.tx.rows_in(_TIMES, moves.messages)}
    rows: list[Row] = []
    for command in commands:
        for late in command.messages:
            message = moves.messages.get(late.message_id)
            if message is None or not _may_wait(message, late):
                continue
            old = times[late.message_id]
            first = old.begin if old.postponed_from is None else old.postponed_from
            rows.append((late.until, late.until + old.expires_at - old.begin, first, late.message_id))
            told = postponed(old.begin, late.until)
            life = Life(tuple(message.outcomes), more=True, scheduled=True)
            moves.move(message, life, at=command.at, due_at=late.until, kind=Happened.POSTPONED, data=told)
    moves.flush()
    group.tx.many(_POSTPONE, rows)
    return [None] * len(commands)


def _may_wait(message: Open, late: Late) -> bool:
    its_own = message.lease == late.token and message.state is State.QUEUED
    return its_own and IN_DOUBT.isdisjoint(message.outcomes)
