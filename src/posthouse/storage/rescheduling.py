"""Move scheduled messages, one or a batch, to another time; marketing messages behind quiet hours."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Happened, Lane, State
from posthouse.core.ports.changes import Moved, QuietRule, Reschedule, RescheduleBatch, Step
from posthouse.core.times import rfc3339, sending_time
from posthouse.storage import idempotency
from posthouse.storage.claiming import published
from posthouse.storage.group import Group
from posthouse.storage.postponing import QUIET_HOURS
from posthouse.storage.schema import NONE_SKIPPED, batches, fixed, held_messages, messages, staged
from posthouse.storage.singly import singly
from posthouse.storage.steps import note, so_far
from posthouse.storage.tx import Row, Statement


class _Waiting(NamedTuple):
    """What a move must know of a message; the fields are columns of `messages`."""

    id: int
    account_id: int
    state: str
    lane: int
    events: int
    send_at: int
    expires_at: int
    look_at: int | None


_WAITING = select(*(messages.c[name] for name in _Waiting._fields))
_LOAD = Statement(_WAITING.where(messages.c.id == bindparam("message"), published), "message")
_BATCH = Statement(
    select(batches.c.first_id, batches.c.last_id).where(
        batches.c.id == bindparam("batch"), batches.c.account_id == bindparam("account"), ~staged
    ),
    "batch",
    "account",
)
_NEXT_OF_BATCH = Statement(
    _WAITING.where(
        messages.c.id > bindparam("after"),
        messages.c.id >= bindparam("first"),
        messages.c.id <= bindparam("last"),
        messages.c.batch_id == bindparam("batch"),
        messages.c.state == fixed(State.SCHEDULED.value),
    )
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "first",
    "last",
    "batch",
    "limit",
)
_MOVED = ("send_at", "look_at", "expires_at", "postponed_from", "events", "updated_at")
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


@singly
def reschedule(group: Group, command: Reschedule) -> Moved:
    """Give a message that still waits for its time another one."""
    tx, once = group.tx, command.once
    # Asked first: by now the message may have gone at its new time.
    if once is not None and (kept := idempotency.reply(tx, once)) is not None:
        moved_to, expires_at, updated_at = map(int, kept.split())
        return Moved(moved_to, expires_at, updated_at, replayed=True)
    row = tx.row(_LOAD, command.message_id)
    message = None if row is None else _Waiting._make(row)
    if message is None or message.account_id != command.account_id:
        raise Refusal(Code.NOT_FOUND, resource="message")
    asked = sending_time(command.send_at, command.at)
    if message.state != State.SCHEDULED.value:
        raise Refusal(Code.NOT_RESCHEDULABLE, state=message.state)
    [moved] = _move(group, [message], asked, command.quiet, command.at, command.validity_us)
    if once is not None:
        told = b"%d %d %d" % (moved.send_at, moved.expires_at, moved.updated_at)
        idempotency.keep(tx, replace(once, reply=told), command.at)
    return moved


@singly
def reschedule_batch(group: Group, command: RescheduleBatch) -> Step:
    """Give, of a batch, the next messages that still wait for their time another one."""
    tx, once = group.tx, command.once
    before = None if once is None else so_far(tx, once)
    if before is not None and command.after_id == 0:
        return before
    row = tx.row(_BATCH, command.batch_id, command.account_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="batch")
    if command.after_id == 0:  # a move that has begun is brought to its end, even past its time
        sending_time(command.send_at, command.at)
    rows = tx.rows(_NEXT_OF_BATCH, command.after_id, *row, command.batch_id, command.limit)
    found = [_Waiting._make(row) for row in rows]
    _move(group, found, command.send_at, command.quiet, command.at)
    step = Step(len(found), found[-1].id if len(found) == command.limit else None)
    if once is not None:
        note(tx, once, before, step, command.at)
    return step


def _move(
    group: Group,
    some: Sequence[_Waiting],
    asked: int,
    quiet: QuietRule | None,
    at: int,
    validity_us: int | None = None,
) -> list[Moved]:
    """Write where messages go and tell it in their stories; without a validity each keeps its own."""
    marketing_at = asked if quiet is None else quiet.hours.over(asked, quiet.zone)
    held: list[Row] = []
    rows: list[Row] = []
    answers: list[Moved] = []
    for message in some:
        send_at = marketing_at if message.lane == Lane.MARKETING else asked
        validity = message.expires_at - message.send_at if validity_us is None else validity_us
        postponed_from = None if send_at == asked else asked
        look_at: int | None = send_at
        if message.look_at is None:  # held by a restore: it must not come due before its release
            held.append((send_at, message.id))
            look_at = None
        sequence = message.events + 1
        rows.append((send_at, look_at, send_at + validity, postponed_from, sequence, at, message.id))
        told = _told(message.send_at, send_at, postponed_from)
        group.event(message.id, sequence, message.account_id, Happened.RESCHEDULED, at, told)
        answers.append(Moved(send_at, send_at + validity, at))
    group.tx.many(_MOVE_HELD, held)
    group.tx.many(_MOVE, rows)
    return answers


def _told(old: int, new: int, postponed_from: int | None) -> str:
    moved = {"from": rfc3339(old), "to": rfc3339(new)}
    if postponed_from is not None:
        moved |= {"asked": rfc3339(postponed_from), "why": QUIET_HOURS}
    return json.dumps(moved)
