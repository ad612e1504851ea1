"""What one group of commands shares: the transaction, the books, the counters and the events to write."""

from collections import defaultdict

from sqlalchemy import bindparam, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert_postgresql
from sqlalchemy.dialects.sqlite import insert as upsert_sqlite
from sqlalchemy.engine.interfaces import Dialect

from posthouse.storage.ledger import Ledger
from posthouse.storage.schema import accounts, daily_counts, events, state_counts
from posthouse.storage.tx import Row, Statement, Tx

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


def _count_day(dialect: Dialect) -> Statement:
    insert_ = (upsert_postgresql if dialect.name == "postgresql" else upsert_sqlite)(daily_counts)
    return Statement(
        insert_.on_conflict_do_update(
            index_elements=["account_id", "day"],
            set_={"accepted": daily_counts.c.accepted + insert_.excluded.accepted},
        ),
        "account_id",
        "day",
        "accepted",
    )


def _count_state(dialect: Dialect) -> Statement:
    insert_ = (upsert_postgresql if dialect.name == "postgresql" else upsert_sqlite)(state_counts)
    return Statement(
        insert_.on_conflict_do_update(
            index_elements=["account_id", "state"],
            set_={"count": state_counts.c.count + insert_.excluded.count},
        ),
        "account_id",
        "state",
        "count",
    )


_UPSERTS: dict[str, tuple[Statement, Statement]] = {}


def _upserts(dialect: Dialect) -> tuple[Statement, Statement]:
    known = _UPSERTS.get(dialect.name)
    if known is None:
        known = _UPSERTS[dialect.name] = (_count_day(dialect), _count_state(dialect))
    return known


class Group:
    """Gathers what many commands write alike, and writes it once at the end."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.ledger = Ledger(tx)
        self._events: list[Row] = []
        self._days: dict[tuple[int, int], int] = defaultdict(int)
        self._states: dict[tuple[int, str], int] = defaultdict(int)
        self._totals: dict[int, int] = defaultdict(int)

    def event(
        self, message_id: int, sequence: int, account_id: int, kind: str, at: int, data: str | None
    ) -> None:
        """Number `sequence` in the story of a message; `data` is JSON."""
        self._events.append((message_id, sequence, account_id, kind, at, data))

    def numbers(self, account_id: int, count: int) -> int:
        """The first of `count` numbers in a row for an account's messages."""
        return int(self.tx.rows(_NUMBER, count, account_id)[0][0]) - count + 1

    def accepted(self, account_id: int, day: int, count: int) -> None:
        """Count messages accepted on a day."""
        self._days[account_id, day] += count
        self._totals[account_id] += count

    def moved(self, account_id: int, old: str | None, new: str, count: int = 1) -> None:
        """Count messages that went from one state to another."""
        if old is not None:
            self._states[account_id, old] -= count
        self._states[account_id, new] += count

    def flush(self) -> None:
        """Write events, transfers, balances and counters."""
        self.tx.many(_EVENT, self._events)
        self.ledger.flush()
        count_day, count_state = _upserts(self.tx.dialect)
        self.tx.many(count_day, [(account, day, count) for (account, day), count in self._days.items()])
        self.tx.many(_TOTAL, [(count, account) for account, count in self._totals.items()])
        self.tx.many(
            count_state,
            [(account, str(state), count) for (account, state), count in self._states.items() if count],
        )
