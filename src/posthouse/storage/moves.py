"""Change messages' states: load them, let `core/message.py` decide, write state, money and event together."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, select, update

from posthouse.core.ledger import Kind, Transfer
from posthouse.core.message import (
    AGE_LIMIT_US,
    Charge,
    Happened,
    Lane,
    Life,
    Outcome,
    State,
    charge_of,
    next_state,
)
from posthouse.core.ports.holding import HOLDABLE
from posthouse.core.verdict import Reason
from posthouse.storage.group import Group
from posthouse.storage.schema import attempts, fixed, held_messages, messages
from posthouse.storage.tx import Row, Statement, Tx

_COLUMNS = (
    "id",
    "account_id",
    "batch_id",
    "lane",
    "state",
    "charge",
    "price",
    "attempts",
    "events",
    "reason",
    "due_at",
    "look_at",
    "lease",
    "expires_at",
)
_LOAD = Statement(
    select(*(messages.c[name] for name in _COLUMNS))
    .where(messages.c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update(),
    "ids",
)
_PAST = Statement(
    select(attempts.c.message_id, attempts.c.number, attempts.c.outcome).where(
        attempts.c.message_id.in_(bindparam("ids", expanding=True))
    ),
    "ids",
)
_MOVED = ("state", "due_at", "look_at", "charge", "events", "reason", "updated_at", "lease")
_MOVE = Statement(
    update(messages)
    .ordered_values(*((messages.c[name], bindparam(f"new_{name}")) for name in _MOVED))
    .where(messages.c.id == bindparam("message")),
    *(f"new_{name}" for name in _MOVED),
    "message",
)
_UNHOLD = Statement(
    delete(held_messages).where(held_messages.c.message_id == bindparam("message")), "message"
)

_STATES = {state.value: state for state in State}
_CHARGES = {charge.value: charge for charge in Charge}
OUTCOMES = {outcome._value_: outcome for outcome in Outcome}
_LANES = {lane.value: lane for lane in Lane}

_ONLY_OUTCOME = {
    State.SENDING: Outcome.STARTED,
    State.SENT: Outcome.ACCEPTED,
    State.UNKNOWN: Outcome.UNKNOWN,
    State.DELIVERED: Outcome.DELIVERED,
    State.UNDELIVERED: Outcome.UNDELIVERED,
}
"""Where there was one attempt, the state tells its outcome, and the attempt need not be read."""

_TIMED = (State.SCHEDULED, State.UNKNOWN, State.SENT)
_CHARGE_KIND = {Charge.SETTLED: Kind.SETTLE, Charge.RELEASED: Kind.RELEASE}


class Open:
    """The part of a message that its life changes."""

    __slots__ = (
        "account_id",
        "attempts",
        "batch_id",
        "charge",
        "due_at",
        "events",
        "expires_at",
        "id",
        "lane",
        "lease",
        "look_at",
        "outcomes",
        "price",
        "reason",
        "state",
    )

    def __init__(self, row: Row) -> None:
        (
            self.id,
            self.account_id,
            self.batch_id,
            lane,
            state,
            charge,
            self.price,
            self.attempts,
            self.events,
            self.reason,
            self.due_at,
            self.look_at,
            self.lease,
            self.expires_at,
        ) = row
        self.lane = _LANES[lane]
        self.state = _STATES[state]
        self.charge = _CHARGES[charge]
        only = _ONLY_OUTCOME.get(self.state) if self.attempts == 1 else None
        self.outcomes: list[Outcome] = [] if only is None else [only]

    @property
    def due(self) -> int | None:
        """When something happens to it next, as things stand."""
        due: int | None = self.due_at if self.due_at is not None else self.look_at
        return due

    @property
    def final_sent(self) -> bool:
        """Whether a vendor took it on a channel without receipts: nothing more will be heard of it."""
        return self.state is State.SENT and self.look_at is None

    @property
    def held(self) -> bool:
        """Whether it waits for an operator: open, and in no line (of all others one of the three is set)."""
        return self.lease is None and self.due_at is None and self.look_at is None and self.state in HOLDABLE


def past_outcomes(tx: Tx, message_ids: Iterable[int]) -> dict[int, list[Outcome]]:
    """Every attempt's outcome, oldest first, for each message that has attempts."""
    found: dict[int, list[tuple[int, Outcome]]] = {}
    for message_id, number, outcome in tx.rows_in(_PAST, message_ids):
        found.setdefault(message_id, []).append((number, OUTCOMES[outcome]))
    return {
        message_id: [outcome for _, outcome in sorted(numbered, key=lambda pair: pair[0])]
        for message_id, numbered in found.items()
    }


_LOSE = Statement(
    update(attempts)
    .ordered_values(
        (attempts.c.outcome, fixed(Outcome.UNKNOWN.value)), (attempts.c.text, bindparam("new_text"))
    )
    .where(attempts.c.message_id == bindparam("message"), attempts.c.number == bindparam("attempt")),
    "new_text",
    "message",
    "attempt",
)


class Moves:
    """The messages that one handler changes: each loaded once and written once."""

    def __init__(self, group: Group, message_ids: Iterable[int]) -> None:
        self._group = group
        tx = group.tx
        wanted = list(dict.fromkeys(message_ids))
        self.messages = {row[0]: Open(row) for row in tx.rows_in(_LOAD, wanted)}
        tried = [
            message.id for message in self.messages.values() if message.attempts and not message.outcomes
        ]
        for message_id, outcomes in past_outcomes(tx, tried).items():
            self.messages[message_id].outcomes = outcomes
        self._changed: dict[int, tuple[Open, int]] = {}
        self._were_held: list[Open] = []
        self._lost: list[Row] = []

    def lose(self, message: Open, why: str) -> None:
        """The attempt that was started will have no answer: from here on it is unknown."""
        message.outcomes[-1] = Outcome.UNKNOWN
        self._lost.append((why, message.id, message.attempts))

    def move(  # noqa: PLR0913 - what a change consists of, each named by its caller
        self,
        message: Open,
        life: Life,
        *,
        at: int,
        due_at: int | None,
        kind: State | Happened | None = None,
        data: str | None = None,
        reason: Reason | None = None,
        lease: int | None = None,
        receipts: bool = True,
    ) -> State:
        """Give a message its new state, and its money and event with it.

        `kind` names what happened where that is not simply the new state: it is an event of its own.
        What a vendor has, or may have, is looked at again after 72 h, unless its channel has no
        `receipts`. With `lease`, whoever holds the message goes on holding it, and it stays out of
        every line.
        """
        new = next_state(message.state, life)
        if message.held:
            self._were_held.append(message)
        self._charge(message, life, new, at)
        group = self._group
        final_before = message.final_sent
        if kind is not None:
            message.events += 1
            group.event(message.id, message.events, message.account_id, kind, at, data)
        if new is not message.state:
            if kind is not new:
                message.events += 1
                told = data if kind is None else None
                group.event(message.id, message.events, message.account_id, new, at, told)
            group.moved(message.account_id, message.id, message.state, new)
            message.state = new
        if lease is None:
            if due_at is None and receipts and new in (State.SENT, State.UNKNOWN):
                due_at = at + AGE_LIMIT_US
            message.due_at = due_at if new is State.QUEUED else None
            message.look_at = due_at if new in _TIMED else None
            message.lease = None
        if message.final_sent is not final_before:
            group.sent_for_good(message.account_id, message.id, -1 if final_before else 1)
        if new in (State.SENT, State.DELIVERED):
            message.reason = None  # why others refused it, their attempts tell
        elif reason is not None:
            message.reason = reason._value_
        self._changed[message.id] = (message, at)
        return new

    def flush(self) -> None:
        """Write the changed messages."""
        self._group.tx.many(
            _MOVE,
            [
                (
                    m.state._value_,
                    m.due_at,
                    m.look_at,
                    m.charge._value_,
                    m.events,
                    m.reason,
                    at,
                    m.lease,
                    m.id,
                )
                for m, at in self._changed.values()
            ],
        )
        self._group.tx.many(_LOSE, self._lost)
        self._group.tx.many(_UNHOLD, [(message.id,) for message in self._were_held if not message.held])

    def _charge(self, message: Open, life: Life, state: State, at: int) -> None:
        """Settle or release once; what is settled or released stays so."""
        if message.charge is not Charge.HELD:
            return
        charge = charge_of(life.outcomes, state)
        if charge is Charge.HELD:
            return
        message.charge = charge
        transfer = Transfer(_CHARGE_KIND[charge], message.price, message.id, message.batch_id)
        self._group.ledger.post(message.account_id, transfer, at)
