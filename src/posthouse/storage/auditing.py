"""`ledger check`: recompute every balance from the first transfer, and compare with messages and states.

Five independent looks: the transfers replayed in order give each account's purses and the head of
its chain; no link of the chain is broken; what is held for open messages equals the purse `held`;
every message's charge is the one its state and attempts demand, moved by exactly one transfer; the
counters agree with the messages (`recounting.py`). For the last two, messages are read window by window, so
that memory has a bound.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, or_, select

from posthouse.core.ledger import Balance, Book, Kind, Overdrawn, Transfer, balanced
from posthouse.core.message import FINAL, Charge, State
from posthouse.core.ports.queries import Audit, CheckLedger, Drift
from posthouse.storage.claiming import published
from posthouse.storage.ledger import PURSES, balance_of
from posthouse.storage.recounting import Recount
from posthouse.storage.schema import NONE_SKIPPED, balances, fixed, messages, transfers
from posthouse.storage.tx import Row, Statement, Tx

_PAGE = 5000

_TRANSFERS = Statement(
    select(
        transfers.c.id,
        transfers.c.account_id,
        transfers.c.kind,
        transfers.c.amount,
        transfers.c.message_id,
        transfers.c.batch_id,
        transfers.c.at,
        transfers.c.chain,
    )
    .where(transfers.c.id > bindparam("after"))
    .order_by(transfers.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "limit",
)
_BALANCES = Statement(
    select(
        balances.c.account_id,
        *(balances.c[name] for name in PURSES),
    )
)
_MESSAGES = Statement(
    select(
        messages.c.id,
        messages.c.account_id,
        messages.c.state,
        messages.c.charge,
        messages.c.price,
        messages.c.look_at,
    )
    .where(messages.c.id > bindparam("after"), published)
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "limit",
)

_CHARGING = Statement(
    select(
        transfers.c.id,
        transfers.c.message_id,
        transfers.c.account_id,
        transfers.c.kind,
        transfers.c.amount,
    )
    .where(
        transfers.c.id > bindparam("after"),
        transfers.c.message_id > bindparam("low"),
        transfers.c.message_id <= bindparam("high"),
        or_(*(transfers.c.kind == fixed(kind.value) for kind in (Kind.SETTLE, Kind.RELEASE))),
    )
    .order_by(transfers.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "low",
    "high",
    "limit",
)

Charged = tuple[int, str, int]
"""The account, charge and amount of the transfer that settles or releases a message."""

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_DONE: Charged = (0, "", 0)
_KINDS = {kind.value: kind for kind in Kind}
_CHARGE_OF_KIND = {Kind.SETTLE: Charge.SETTLED.value, Kind.RELEASE: Charge.RELEASED.value}
_NEVER_HELD = frozenset(state.value for state in FINAL | {State.SENT})
_RELEASED_IN = frozenset({State.FAILED.value, State.EXPIRED.value, State.CANCELED.value})


def check_ledger(tx: Tx, query: CheckLedger) -> Audit:
    """Everything that does not add up, none of it repaired."""
    stored = {row[0]: balance_of(row[1:]) for row in tx.rows(_BALANCES)}
    drifts: list[Drift] = []
    books = {account_id: Book(account_id, Balance()) for account_id in stored}
    count = 0
    for row in _pages(tx, _TRANSFERS):
        count += 1
        _replay(row, books, drifts)
    for account_id, balance in stored.items():
        _compare(account_id, balance, books[account_id].balance(), drifts)
    messages_seen = _check_messages(tx, stored, query.window, drifts)
    return Audit(len(stored), count, messages_seen, tuple(drifts))


def _replay(row: Row, books: dict[int, Book], drifts: list[Drift]) -> None:
    transfer_id, account_id, kind_name, amount, message_id, batch_id, at, chain = row
    book, kind = books.get(account_id), _KINDS.get(kind_name)
    if book is None or kind is None:
        drifts.append(Drift(account_id, f"transfer {transfer_id}", "a known account and kind", kind_name))
        return
    try:
        expected = book.post(Transfer(kind, amount, message_id, batch_id), at)
    except (Overdrawn, struct.error):  # the second: numbers that we never write
        drifts.append(Drift(account_id, f"transfer {transfer_id}", "enough to move", str(amount)))
        return
    if expected != bytes(chain):
        drifts.append(
            Drift(account_id, f"chain at transfer {transfer_id}", expected.hex(), bytes(chain).hex())
        )
        book.chain = bytes(chain)  # report each broken link once


def _compare(account_id: int, stored: Balance, recomputed: Balance, drifts: list[Drift]) -> None:
    for name in ("available", "held", "spent", "funded", "transfers"):
        expected, found = getattr(recomputed, name), getattr(stored, name)
        if expected != found:
            drifts.append(Drift(account_id, name, str(expected), str(found)))
    if recomputed.chain != stored.chain:
        drifts.append(Drift(account_id, "head of the chain", recomputed.chain.hex(), stored.chain.hex()))
    if not balanced(stored):
        drifts.append(Drift(account_id, "sum of purses", str(stored.funded), "another sum, or below zero"))


def _check_messages(tx: Tx, stored: dict[int, Balance], window_max: int, drifts: list[Drift]) -> int:
    held: dict[int, int] = defaultdict(int)
    recount = Recount(tx, drifts)
    seen, low, high = 0, _LOWEST, 0
    while high != _HIGHEST:
        window = _window(tx, max(low, 0), window_max, held, recount, drifts)
        seen += len(window)
        high = max(window) if len(window) == window_max else _HIGHEST
        _check_charges(tx, window, low, high, drifts)
        recount.passed(high)
        low = high
    recount.end()
    for account_id, balance in stored.items():
        if held[account_id] != balance.held:
            drifts.append(
                Drift(account_id, "held for open messages", str(held[account_id]), str(balance.held))
            )
    return seen


def _window(
    tx: Tx, after: int, window_max: int, held: dict[int, int], recount: Recount, drifts: list[Drift]
) -> dict[int, Charged | None]:
    """The next messages with the transfer each should have; what they hold is added to `held`."""
    window: dict[int, Charged | None] = {}
    alike: dict[Charged, Charged] = {}  # most charges are the same few: one object each
    while rows := tx.rows(_MESSAGES, after, min(_PAGE, window_max - len(window))):
        recount.count((row[1], row[0], row[2], row[5]) for row in rows)
        for message_id, account_id, state, charge, price, _ in rows:
            if charge == Charge.HELD.value:
                held[account_id] += price
            wrong = _wrong_charge(state, charge)
            if wrong is not None:
                drifts.append(Drift(account_id, f"message {message_id}, {state}", wrong, charge))
            nothing = charge == Charge.HELD.value or price == 0
            expected = (account_id, charge, price)
            window[message_id] = None if nothing else alike.setdefault(expected, expected)
        after = rows[-1][0]
    return window


def _check_charges(
    tx: Tx, window: dict[int, Charged | None], low: int, high: int, drifts: list[Drift]
) -> None:
    """Hold the transfers of a window's messages against what they should be."""
    for _, message_id, account_id, kind, amount in _pages(tx, _CHARGING, low, high):
        if message_id not in window:
            drifts.append(Drift(0, f"message {message_id}", "a message", "charged, but not there"))
            continue
        expected, found = window[message_id], (account_id, _CHARGE_OF_KIND[_KINDS[kind]], amount)
        if expected is _DONE:
            drifts.append(Drift(account_id, f"message {message_id}", "charged once", "charged again"))
        elif found != expected:
            drifts.append(Drift(account_id, f"transfer of message {message_id}", str(expected), str(found)))
        window[message_id] = _DONE
    drifts += [
        Drift(expected[0], f"transfer of message {message_id}", str(expected), "None")
        for message_id, expected in window.items()
        if expected is not None and expected is not _DONE
    ]


def _wrong_charge(state: str, charge: str) -> str | None:
    """What the charge should be, where state and charge contradict each other."""
    if charge == Charge.HELD.value and state in _NEVER_HELD:
        return "settled or released"
    if charge == Charge.RELEASED.value and state not in _RELEASED_IN | {State.DELIVERED.value}:
        return "held or settled"
    if charge == Charge.SETTLED.value and state in _RELEASED_IN:
        return "released"
    return None


def _pages(tx: Tx, statement: Statement, *values: int) -> Iterator[Any]:
    after = 0
    while rows := tx.rows(statement, after, *values, _PAGE):
        yield from rows
        after = rows[-1][0]
