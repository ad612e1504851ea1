"""`ledger check`, its last look: the counters by state, by the hour and in all, held against the messages.

Messages pass by in the order of their ids, and with them the hours: those that are over are compared and
forgotten, so that memory has a bound.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import bindparam, select

from posthouse.core.ids import HOUR
from posthouse.core.message import State
from posthouse.core.ports.queries import Drift
from posthouse.storage.schema import FINAL_SENT, accounts, hourly_counts, state_counts
from posthouse.storage.tx import Statement, Tx

_FIRST, _LAST = -(1 << 63), (1 << 63) - 1

_HOURS = Statement(
    select(
        hourly_counts.c.account_id, hourly_counts.c.hour, hourly_counts.c.state, hourly_counts.c.count
    ).where(hourly_counts.c.hour >= bindparam("first"), hourly_counts.c.hour < bindparam("end")),
    "first",
    "end",
)
_STATES = Statement(select(state_counts.c.account_id, state_counts.c.state, state_counts.c.count))
_TOTALS = Statement(select(accounts.c.id, accounts.c.total))


class Recount:
    """Counts messages as they pass by."""

    def __init__(self, tx: Tx, drifts: list[Drift]) -> None:
        self._tx = tx
        self._drifts = drifts
        self._first = _FIRST
        self._hours: Counter[tuple[int, int, str]] = Counter()
        self._states: Counter[tuple[int, str]] = Counter()

    def count(self, passing: Iterable[tuple[int, int, str, int | None]]) -> None:
        """The account, id, state and `look_at` of the next messages."""
        seen: Counter[tuple[int, int, str, bool]] = Counter(
            (account_id, message_id // HOUR, state, look_at is None)
            for account_id, message_id, state, look_at in passing
        )
        for (account_id, hour, state, nothing_awaited), count in seen.items():
            self._hours[account_id, hour, state] += count
            self._states[account_id, state] += count
            if nothing_awaited and state == State.SENT.value:
                self._hours[account_id, hour, FINAL_SENT] += count

    def passed(self, message_id: int) -> None:
        """Compare the hours that were over when this id was taken."""
        self._compare_hours(message_id // HOUR)

    def end(self) -> None:
        """Compare the rest, once all messages have passed by."""
        self._compare_hours(_LAST)
        states = {(account, state): count for account, state, count in self._tx.rows(_STATES)}
        for account_id, state in sorted(states.keys() | self._states.keys()):
            expected, found = self._states[account_id, state], states.get((account_id, state), 0)
            self._tell(account_id, f"count of {state}", expected, found)
        totals: dict[int, int] = defaultdict(int)
        for (account_id, _), count in self._states.items():
            totals[account_id] += count
        stored: dict[int, int] = dict(self._tx.rows(_TOTALS))
        for account_id in sorted(stored.keys() | totals.keys()):
            self._tell(account_id, "messages ever accepted", totals[account_id], stored.get(account_id, 0))

    def _compare_hours(self, end: int) -> None:
        rows = self._tx.rows(_HOURS, self._first, end)
        stored = {(account_id, hour, state): count for account_id, hour, state, count in rows}
        over = {key for key in self._hours if key[1] < end}
        for key in sorted(over | stored.keys()):
            account_id, hour, state = key
            expected = self._hours.pop(key, 0)
            self._tell(account_id, f"count of {state} in hour {hour}", expected, stored.get(key, 0))
        self._first = end

    def _tell(self, account_id: int, what: str, expected: int, found: int) -> None:
        if expected != found:
            self._drifts.append(Drift(account_id, what, str(expected), str(found)))
