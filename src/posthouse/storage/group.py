"""What one group of commands shares: the transaction, the books, the counters and the events to write."""

from collections import defaultdict

from sqlalchemy import Table, bindparam, insert, update

from posthouse.core.ids import HOUR
from posthouse.core.message import Happened, State
from posthouse.storage.ledger import Ledger
from posthouse.storage.schema import (
    FINAL_SENT,
    accounts,
    daily_counts,
    events,
    hourly_counts,
    state_counts,
)
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_EVENT = Statement(insert(events), "message_id", "sequence", "account_id", "kind", "at", "data")

_NUMBER = Statement(
    update(accounts)
    .ordered_values((accounts.c.numbered, accounts.c.numbered + bindparam("count")))
    .where(accounts.c.id == bindparam("account"))
    .returning(accounts.c.numbered),
    "count",
    "account",
)
_TOTAL = Statement(
    update(accounts)
    .ordered_values((accounts.c.total, accounts.c.total + bindparam("count")))
    .where(accounts.c.id == bindparam("account")),
    "count",
    "account",
)


def _adding(table: Table, *key: str, counted: str = "count") -> Upsert:
    """Adds to the counter with this key, or begins it."""
    return Upsert(
        table,
        lambda insert_: insert_.on_conflict_do_update(
            index_elements=key, set_={counted: table.c[counted] + insert_.excluded[counted]}
        ),
        *key,
        counted,
    )


_COUNT_DAY = _adding(daily_counts, "account_id", "day", counted="accepted")
_COUNT_STATE = _adding(state_counts, "account_id", "state")
_COUNT_HOUR = _adding(hourly_counts, "account_id", "hour", "state")


class Group:
    """Gathers what many commands write alike, and writes it once at the end."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.ledger = Ledger(tx)
        self._events: list[Row] = []
        self._days: dict[tuple[int, int], int] = defaultdict(int)
        self._transitions: dict[tuple[int, int, str | None, str], int] = defaultdict(int)
        self._states: dict[tuple[int, int, str], int] = defaultdict(int)
        self._totals: dict[int, int] = defaultdict(int)

    def event(
        self,
        message_id: int,
        sequence: int,
        account_id: int,
        kind: State | Happened,
        at: int,
        data: str | None,
    ) -> None:
        """Number `sequence` in the story of a message; `data` is JSON."""
        self._events.append((message_id, sequence, account_id, kind._value_, at, data))

    def numbers(self, account_id: int, count: int) -> int:
        """The first of `count` numbers in a row for an account's messages."""
        return int(self.tx.rows(_NUMBER, count, account_id)[0][0]) - count + 1

    def accepted(self, account_id: int, day: int, count: int) -> None:
        """Count messages accepted on a day."""
        self._days[account_id, day] += count
        self._totals[account_id] += count

    def moved(self, account_id: int, message_id: int, old: str | None, new: str) -> None:
        """Count a message that went from one state to another."""
        self._transitions[account_id, message_id // HOUR, old, new] += 1  # one look-up instead of two

    def sent_for_good(self, account_id: int, message_id: int, by: int) -> None:
        """Count a message that is, or is no more, `sent` without a receipt to come."""
        self._states[account_id, message_id // HOUR, FINAL_SENT] += by

    def appeared(self, account_id: int, hour: int, state: str, count: int) -> None:
        """Count messages whose ids are of one hour, published at once."""
        self._states[account_id, hour, state] += count

    def flush(self) -> None:
        """Write events, transfers, balances and counters."""
        self.tx.many(_EVENT, self._events)
        self.ledger.flush()
        self.tx.many(_COUNT_DAY, [(account, day, count) for (account, day), count in self._days.items()])
        self.tx.many(_TOTAL, [(count, account) for account, count in self._totals.items()])
        self._flush_states()

    def _flush_states(self) -> None:
        for (account, hour, old, new), count in self._transitions.items():
            if old is not None:
                self._states[account, hour, old] -= count
            self._states[account, hour, new] += count
        changed = [
            (account, hour, str(state), count)
            for (account, hour, state), count in self._states.items()
            if count
        ]
        self.tx.many(_COUNT_HOUR, changed)
        sums: dict[tuple[int, str], int] = defaultdict(int)
        for account, _, state, count in changed:
            if state != FINAL_SENT:
                sums[account, state] += count
        self.tx.many(_COUNT_STATE, [(*key, count) for key, count in sums.items() if count])
