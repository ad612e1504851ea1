"""Acceptance: key, admission, hold, messages, counters, events in one transaction; batches in chunks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import func, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.ledger import Kind, Transfer, from_micro
from posthouse.core.message import Happened
from posthouse.core.ports.life import Accept, Acceptance, NewBatch, NewMessage, Once, Stage
from posthouse.storage.admitting import Alike, check_limits, count_admission
from posthouse.storage.group import Group
from posthouse.storage.idempotency import Used
from posthouse.storage.postponing import postponed
from posthouse.storage.schema import hour_of, messages
from posthouse.storage.staging import OF_BATCH, is_staged, note, publish
from posthouse.storage.suppressing import Listed
from posthouse.storage.tx import Row, Statement, Tx

_LIVED = ("number", "charge", "attempts", "events", "updated_at")
_MESSAGE = Statement(insert(messages), *NewMessage._fields, *_LIVED)

_FIRST = Acceptance()


def accept(group: Group, commands: Sequence[Accept]) -> list[Acceptance | Refusal]:
    """Accept each command or refuse it, in order; one insert for all of their messages."""
    taking = Taking(group, commands)
    answers: list[Acceptance | Refusal] = []
    for command in commands:
        try:
            answers.append(taking.take(command))
        except Refusal as refusal:
            answers.append(refusal)
    taking.write()
    return answers


class Taking:
    """Takes commands one by one, and writes what was taken together."""

    def __init__(self, group: Group, commands: Sequence[Accept]) -> None:
        """`commands`: those that may come."""
        self._group = group
        self._used = Used(group.tx)
        self._listed = Listed(group.tx, _alone(commands))
        self._taken: list[Accept] = []

    def take(self, command: Accept) -> Acceptance:
        """Hold the money for a command's messages, or refuse it before anything is written for it."""
        group, once = self._group, command.once
        if (replayed := self.replay(once)) is not None:
            return Acceptance(replayed)
        alone = command.batch is None
        if alone and (self._listed or command.limits is not None):
            _admit(group.tx, self._listed, command)
        _hold(group, command)
        if alone and command.limits is not None:
            _count(group.tx, command)
        if once is not None:
            self._used.keep(once, command.at)
        self._taken.append(command)
        return _FIRST

    def replay(self, once: Once | None) -> bytes | None:
        """The reply that is kept under a key. Refuses with IDEMPOTENCY_KEY_REUSED."""
        return None if once is None else self._used.reply(once)

    def write(self) -> None:
        """Store what was taken."""
        for command in self._taken:
            _publish(self._group, command)
        _add(self._group, [(command.account_id, command.messages) for command in self._taken])
        self._used.flush()


def _alone(commands: Sequence[Accept]) -> Iterator[tuple[int, str]]:
    """Account and recipient of what comes in no batch; a batch was admitted before."""
    for command in commands:
        if command.batch is None:
            for message in command.messages:
                yield command.account_id, message.recipient


def _admit(tx: Tx, listed: Listed, command: Accept) -> None:
    """Refuse a message that its recipient does not want, or that is one too many."""
    for message in command.messages:
        listed.check(command.account_id, message.recipient, message.lane)
        if command.limits is not None:
            check_limits(tx, command.limits, _alike(message), command.at)


def _count(tx: Tx, command: Accept) -> None:
    for message in command.messages:
        count_admission(tx, _alike(message), command.at)


def _alike(message: NewMessage) -> Alike:
    return Alike(message.account_id, message.recipient, message.lane, message.mode)


def _hold(group: Group, command: Accept) -> None:
    """Refuse, or hold the money; nothing was written before this."""
    batch = command.batch
    chunks = _staged_states(group, batch) if batch is not None and not command.messages else []
    available = group.ledger.book(command.account_id).available
    if command.amount > available:
        raise Refusal(
            Code.INSUFFICIENT_BALANCE, needed=from_micro(command.amount), available=from_micro(available)
        )
    message_id = command.messages[0].id if batch is None else None
    batch_id = batch.id if batch is not None else None
    group.ledger.post(
        command.account_id, Transfer(Kind.HOLD, command.amount, message_id, batch_id), command.at
    )
    if chunks and batch is not None:
        publish(group.tx, batch)
        for state, hour, count in chunks:
            group.appeared(command.account_id, hour, state, count)


def _publish(group: Group, command: Accept) -> None:
    """Count what was accepted, and store the batch that came with its messages."""
    batch, messages_ = command.batch, command.messages
    if batch is None:
        group.accepted(command.account_id, command.day, len(messages_))
    else:
        group.accepted(command.account_id, command.day, batch.count)
        if messages_:
            publish(group.tx, batch)
    for message in messages_:
        group.moved(command.account_id, message.id, None, message.state)


def _staged_states(group: Group, batch: NewBatch) -> list[Row]:
    """How many staged messages are in each state and hour. Refuses when any is missing."""
    if not is_staged(group.tx, batch):
        raise Refusal(Code.UNAVAILABLE)
    states = group.tx.rows(_STATES_IN, batch.first_id, batch.last_id, batch.id)
    if sum(count for _, _, count in states) != batch.count:
        raise Refusal(Code.UNAVAILABLE)
    return states


_STATES_IN = Statement(
    select(messages.c.state, hour_of(messages.c.id), func.count())
    .where(OF_BATCH)
    .group_by(messages.c.state, hour_of(messages.c.id)),
    "first",
    "last",
    "batch",
)


def stage(group: Group, commands: Sequence[Stage]) -> list[Refusal | None]:
    """Store chunks of batches that nobody sees yet. Refuses what belongs to a published batch."""
    known: dict[int, bool] = {}
    for command in commands:
        batch = command.batch
        if batch.id not in known:
            known[batch.id] = note(group.tx, batch)
    staging = [command for command in commands if known[command.batch.id]]
    _add(group, [(command.batch.account_id, command.messages) for command in staging])
    return [None if known[command.batch.id] else Refusal(Code.UNAVAILABLE) for command in commands]


def _add(group: Group, new: Sequence[tuple[int, Sequence[NewMessage]]]) -> None:
    """Number and insert messages, with the first event of each."""
    counts: dict[int, int] = defaultdict(int)
    for account_id, some in new:
        counts[account_id] += len(some)
    numbers = {account_id: group.numbers(account_id, count) for account_id, count in counts.items()}
    rows: list[Row] = []
    for account_id, some in new:
        number = numbers[account_id]
        numbers[account_id] += len(some)
        for message in some:
            at = message.created_at
            rows.append((*message, number, "held", 0, 1, at))
            since, send_at = message.postponed_from, message.send_at
            told = None if since is None or send_at is None else postponed(since, send_at)
            group.event(message.id, 1, account_id, Happened.ACCEPTED, at, told)
            number += 1
    group.tx.many(_MESSAGE, rows)
