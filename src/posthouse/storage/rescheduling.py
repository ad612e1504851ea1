"""Move scheduled messages to another time."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Happened, State
from posthouse.core.ports.changes import Moved, Reschedule
from posthouse.core.times import rfc3339, sending_time
from posthouse.storage import idempotency
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


def reschedule(group: Group, commands: Sequence[Reschedule]) -> list[Refusal | Moved]:
    """Give messages that still wait for their time another one."""
    answers: list[Refusal | Moved] = []
    for command in commands:
        try:
            answers.append(_reschedule(group, command))
        except Refusal as refusal:
            answers.append(refusal)
    return answers


def _reschedule(group: Group, command: Reschedule) -> Moved:
    tx, once, message_id = group.tx, command.once, command.message_id
    # Asked first: by now the message may have gone at its new time.
    if once is not None and (kept := idempotency.reply(tx, once)) is not None:
        moved_to, expires_at, updated_at = map(int, kept.split())
        return Moved(moved_to, expires_at, updated_at, replayed=True)
    row = tx.row(_LOAD, message_id)
    if row is None or row[0] != command.account_id:
        raise Refusal(Code.NOT_FOUND, resource="message")
    account_id, state, events, old, expires_at, look_at = row
    send_at = sending_time(command.send_at, command.at)
    if state != State.SCHEDULED.value:
        raise Refusal(Code.NOT_RESCHEDULABLE, state=state)
    validity_us = expires_at - old if command.validity_us is None else command.validity_us
    moved = Moved(send_at, send_at + validity_us, command.at)
    held = look_at is None  # by a restore, until an operator releases it: it must not come due before
    if held:
        tx.run(_MOVE_HELD, send_at, message_id)
    tx.run(_MOVE, send_at, None if held else send_at, moved.expires_at, events + 1, command.at, message_id)
    data = json.dumps({"from": rfc3339(old), "to": rfc3339(send_at)})
    group.event(message_id, events + 1, account_id, Happened.RESCHEDULED, command.at, data)
    if once is not None:
        told = b"%d %d %d" % (moved.send_at, moved.expires_at, moved.updated_at)
        idempotency.keep(tx, replace(once, reply=told), command.at)
    return moved
