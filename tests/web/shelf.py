"""What the store of dicts answers about lists, schedules and batches."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import CANCELABLE, FINAL, State
from posthouse.core.ports.batches import BatchPage, BatchRecord, GetBatch, ListBatches
from posthouse.core.ports.changes import CancelBatch, Moved, Reschedule, Step
from posthouse.core.ports.life import NewMessage, Once
from posthouse.core.ports.queries import ListMessages, MessagePage, MessageRecord
from posthouse.core.times import sending_time

if TYPE_CHECKING:
    from tests.web.house import ShelfStore

Answer = Callable[["ShelfStore", Any], Any]

LOOKED_AT = 50
"""Messages this store looks at for one page."""


def list_messages(store: "ShelfStore", asked: ListMessages) -> MessagePage:
    before, wanted = asked.before_id or 1 << 63, asked.wanted
    found: list[MessageRecord] = []
    rest = sorted(
        (m for m in store.messages.values() if m.id < before and m.account_id == wanted.account_id),
        key=lambda message: -message.id,
    )
    for looked_at, message in enumerate(rest):
        if len(found) == asked.limit or looked_at == LOOKED_AT:
            return MessagePage(found, message.id + 1)
        if _is(store, message, asked):
            found.append(store.record(message.id))
    return MessagePage(found, None)


def _is(store: "ShelfStore", message: NewMessage, asked: ListMessages) -> bool:
    wanted = asked.wanted
    return (
        (not wanted.state or store.states[message.id] in wanted.state)
        and wanted.recipient in (None, message.recipient)
        and (wanted.since or 0) <= message.created_at < (wanted.until or 1 << 63)
        and wanted.batch_id in (None, message.batch_id)
        and wanted.reference in (None, message.reference)
        and wanted.lane in (None, message.lane)
    )


def kept(store: "ShelfStore", once: Once | None) -> list[int] | None:
    """The numbers kept under this key."""
    if once is None:
        return None
    reply = store.reply(once.account_id, once.operation, once.key, once.fingerprint)
    return None if reply is None else [int(number) for number in reply.split()]


def keep(store: "ShelfStore", once: Once | None, *numbers: int) -> None:
    if once is not None:
        reply = " ".join(map(str, numbers)).encode()
        store.replies[once.account_id, once.operation, once.key] = replace(once, reply=reply)


def reschedule(store: "ShelfStore", command: Reschedule) -> Moved:
    if (before := kept(store, command.once)) is not None:
        return Moved(before[0], before[1], before[2], replayed=True)
    message = store.messages.get(command.message_id)
    if message is None or message.account_id != command.account_id:
        raise Refusal(Code.NOT_FOUND, resource="message")
    at = sending_time(command.send_at, command.at)
    if store.states[message.id] != State.SCHEDULED:
        raise Refusal(Code.NOT_RESCHEDULABLE, state=store.states[message.id])
    assert message.send_at is not None
    validity = message.expires_at - message.send_at if command.validity_us is None else command.validity_us
    store.messages[message.id] = message._replace(send_at=at, look_at=at, expires_at=at + validity)
    # Here what is told of a message later has its first date in it.
    keep(store, command.once, at, at + validity, message.created_at)
    return Moved(at, at + validity, message.created_at)


def cancel_batch(store: "ShelfStore", command: CancelBatch) -> Step:
    before = kept(store, command.once)
    if before is not None and command.after_id == 0:
        return Step(before[0], before[1] or None, replayed=True)
    if get_batch(store, GetBatch(command.account_id, command.batch_id)) is None:
        raise Refusal(Code.NOT_FOUND, resource="batch")
    left = sorted(
        message.id
        for message in store.messages.values()
        if message.batch_id == command.batch_id
        and message.id > command.after_id
        and store.states[message.id] in CANCELABLE
    )[: command.limit]
    for message_id in left:
        store.states[message_id] = State.CANCELED.value
    looked_to = left[-1] if len(left) == command.limit else None
    keep(store, command.once, len(left) + (before or [0])[0], looked_to or 0)
    return Step(len(left), looked_to)


def get_batch(store: "ShelfStore", asked: GetBatch) -> BatchRecord | None:
    batch = store.batches.get(asked.batch_id)
    if batch is None or batch.account_id != asked.account_id:
        return None
    states = Counter(store.states[m.id] for m in store.messages.values() if m.batch_id == batch.id)
    return BatchRecord(
        batch.id,
        batch.account_id,
        batch.count,
        batch.amount,
        batch.reference,
        batch.created_at,
        states,
        done=all(State(state) in FINAL for state in states),
    )


def list_batches(store: "ShelfStore", asked: ListBatches) -> BatchPage:
    records = [get_batch(store, GetBatch(asked.account_id, batch_id)) for batch_id in sorted(store.batches)]
    found = [
        each
        for each in reversed(records)
        if each is not None
        and each.id < (asked.before_id or 1 << 63)
        and asked.reference in (None, each.reference)
    ]
    shown = found[: asked.limit]
    return BatchPage(shown, shown[-1].id if len(found) > asked.limit else None)


COMMANDS: dict[type[Any], Answer] = {
    Reschedule: reschedule,
    CancelBatch: cancel_batch,
}
ANSWERS: dict[type[Any], Answer] = {
    ListMessages: list_messages,
    GetBatch: get_batch,
    ListBatches: list_batches,
}
