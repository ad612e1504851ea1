"""Move scheduled messages to another time."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import State
from posthouse.core.ports.changes import Reschedule
from posthouse.storage.claiming import published
from posthouse.storage.group import Group
from posthouse.storage.schema import held_messages, messages
from posthouse.storage.tx import Statement

_LOAD = Statement(
    select(
        messages.c.account_id,
        messages.c.state,
        messages.c.events,
        messages.c.send_at,
        messages.c.expires_at,
        messages.c.look_at,
    ).where(messages.c.id == bindparam("message"), published),
    "message",
)
_MOVED = ("send_at", "look_at", "expires_at", "events", "updated_at")
_MOVE = Statement(
    update(messages)
    .ordered_values(*((messages.c[name], bindparam(f"new_{name}")) for name in _MOVED))
    .where(messages.c.id == bindparam("message")),
    *(f"new_{name}" for name in _MOVED),
    "message",
)
_MOVE_HELD = Statement(
    update(held_messages)
    .ordered_values((held_messages.c.look_at, bindparam("new_look_at")))
    .where(held_messages.c.message_id == bindparam("message")),
    "new_look_at",
    "message",
)


def reschedule(group: Group, commands: Sequence[Reschedule]) -> list[Refusal | None]:
    """Give messages that still wait for their time another one."""
    return [_reschedule(group, command) for command in commands]


def _reschedule(group: Group, command: Reschedule) -> Refusal | None:
    tx, message_id, send_at = group.tx, command.message_id, command.send_at
    row = tx.row(_LOAD, message_id)
    if row is None or row[0] != command.account_id:
        return Refusal(Code.NOT_FOUND, resource="message")
    account_id, state, events, old, expires_at, look_at = row
    if state != State.SCHEDULED.value:
        return Refusal(Code.NOT_RESCHEDULABLE, state=state)
    validity = expires_at - old if command.validity_us is None else command.validity_us
    held = look_at is None  # by a restore, until an operator releases it: it must not come due before
    if held:
        tx.run(_MOVE_HELD, send_at, message_id)
    tx.run(_MOVE, send_at, None if held else send_at, send_at + validity, events + 1, command.at, message_id)
    data = json.dumps({"from": _utc(old), "to": _utc(send_at)})
    group.event(message_id, events + 1, account_id, "rescheduled", command.at, data)
    return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _utc(at: int) -> str:
    return (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
