"""Attempts that receipts name by our own key, where the vendor's reference does not tell, or tells another.

The answer was lost and the reference with it; or the vendor's references came round again.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select

from posthouse.core.ids import MESSAGE, read, show
from posthouse.core.message import AGE_LIMIT_US, TAKEN, Outcome
from posthouse.core.ports.life import Finish, RecordVerdicts, SettleReceipts
from posthouse.core.routing import Next
from posthouse.core.verdict import Accepted, Receipt
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves
from posthouse.storage.references import Known, Reference, fits
from posthouse.storage.schema import attempts, messages
from posthouse.storage.tx import Statement, Tx
from posthouse.storage.verdicts import apply_verdicts

_ATTEMPTS = Statement(
    select(attempts.c.message_id, attempts.c.number, attempts.c.channel_id, messages.c.recipient)
    .join(messages, messages.c.id == attempts.c.message_id)
    .where(attempts.c.message_id.in_(bindparam("ids", expanding=True))),
    "ids",
)
_UNANSWERED = (Outcome.STARTED, Outcome.UNKNOWN)
_NO_TOKEN = 0
"""Nobody's lease: who holds the message meanwhile is not asked."""
_DIGITS = 4
"""Of an attempt's number."""


class Echoed(NamedTuple):
    """An attempt over the channel in question."""

    message_id: int
    attempt: int
    recipient: str


def echoed_of(
    tx: Tx, channel_id: int, pairs: Iterable[tuple[Receipt, Reference | None]]
) -> dict[str, Echoed]:
    """By key, the attempts over a channel that receipts name and their references do not."""
    named: dict[str, tuple[int, int]] = {}
    for receipt, found in pairs:
        key = receipt.key
        if key is None or (found is not None and key == f"{show(MESSAGE, found.message_id)}.{found.attempt}"):
            continue
        if (attempt := _attempt_of(key)) is not None:
            named[key] = attempt
    if not named:
        return {}
    rows = tx.rows_in(_ATTEMPTS, {message_id for message_id, _ in named.values()})
    there = {(row[0], row[1]): Echoed(row[0], row[1], row[3]) for row in rows if row[2] == channel_id}
    return {key: there[attempt] for key, attempt in named.items() if attempt in there}


def _attempt_of(key: str) -> tuple[int, int] | None:
    """Message and number behind a key, as in `sms_0c7xk3m9p2q4r.1` (services/call.py)."""
    shown, _, number = key.partition(".")
    message_id = read(MESSAGE, shown)
    if message_id is None or not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
        return None
    return message_id, int(number)


def recover_answers(
    group: Group,
    moves: Moves,
    command: SettleReceipts,
    pairs: Sequence[tuple[Receipt, Reference | None]],
    named: dict[str, Echoed],
) -> list[tuple[Receipt, Reference | None]]:
    """Record as accepted what receipts prove to be; answers the receipts with what is known of them then."""
    finishes: dict[tuple[int, int], Finish] = {}
    for receipt, found in pairs:
        echoed = _fitting(receipt, found, named)
        message = moves.messages.get(echoed.message_id) if echoed is not None else None
        if echoed is None or message is None or message.outcomes[echoed.attempt - 1] not in _UNANSWERED:
            continue
        finishes[echoed.message_id, echoed.attempt] = Finish(
            echoed.message_id,
            _NO_TOKEN,
            echoed.attempt,
            command.channel_id,
            echoed.recipient,
            Accepted(receipt.reference),
            Next(more=False, due_at=command.at + AGE_LIMIT_US),
        )
    # They are few: who wrote is remembered of any channel, whether it hands over answers or not.
    inbound = frozenset([command.channel_id])
    apply_verdicts(group, moves, [RecordVerdicts(tuple(finishes.values()), command.at, inbound)])
    asked = [(receipt, found, _fitting(receipt, found, named)) for receipt, found in pairs]
    open_ = [receipt.reference for receipt, found, echoed in asked if found is None or echoed is not None]
    known = Known(group.tx, command.channel_id, open_)
    return [
        (receipt, found if found and not echoed else _now_known(moves, known, receipt, echoed))
        for receipt, found, echoed in asked
    ]


def _fitting(receipt: Receipt, found: Reference | None, named: dict[str, Echoed]) -> Echoed | None:
    """The attempt that a receipt's key names, where its reference names another or none."""
    echoed = named.get(receipt.key) if receipt.key is not None else None
    if echoed is None or not fits(echoed.recipient, receipt.recipient):
        return None
    same = found is not None and (found.message_id, found.attempt) == (echoed.message_id, echoed.attempt)
    return None if same else echoed


def _now_known(moves: Moves, known: Known, receipt: Receipt, echoed: Echoed | None) -> Reference | None:
    if echoed is None:
        return known.find(receipt.reference, receipt.recipient)
    found = known.find(receipt.reference, echoed.recipient)
    if found is not None and (found.message_id, found.attempt) == (echoed.message_id, echoed.attempt):
        return found
    message = moves.messages.get(echoed.message_id)
    if message is None or message.outcomes[echoed.attempt - 1] not in TAKEN:
        return None
    # It has another reference, or none any more: the key tells enough.
    return Reference(receipt.reference, echoed.recipient, None, echoed.message_id, echoed.attempt)
