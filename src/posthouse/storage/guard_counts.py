"""What is counted of codes, by slices of time: how many, how many verified, what rules said of them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, case, delete, func, select

from posthouse.core.guard import Rule
from posthouse.core.message import Mode
from posthouse.core.ports.guard import CountObjections
from posthouse.core.pumping import (
    GRACE_US,
    HOUR_US,
    KEPT_US,
    MINUTE_US,
    SLICE_US,
    Counted,
    Slice,
    Tally,
    slice_of,
    within,
)
from posthouse.storage.schema import NONE_SKIPPED, fixed, guard_counts
from posthouse.storage.tx import Row, Statement, Tx, Upsert

TALLIED = (Counted.PREFIX, Counted.RANGE, Counted.ADDRESS)
"""What is looked at by the hour, in slices of one length."""

RANGES_ROWS_MAX = 1_000
"""Slices of a country's ranges that are read to compare one with them: two milliseconds of the writer."""

_KEY = ("account_id", "mode", "kind", "subject", "slice")
_AMOUNTS = ("sent", "begun", "verified", "spent")
_ADD = Upsert(
    guard_counts,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: guard_counts.c[name] + insert_.excluded[name] for name in _AMOUNTS},
    ),
    *_KEY,
    *_AMOUNTS,
)
_OF_SUBJECT = (
    guard_counts.c.account_id == bindparam("account"),
    guard_counts.c.mode == bindparam("key_mode"),
    guard_counts.c.kind == bindparam("counted"),
    guard_counts.c.subject == bindparam("about"),
    guard_counts.c.slice > bindparam("since"),
)
_SUBJECT = ("account", "key_mode", "counted", "about", "since")
_HAD_TIME = guard_counts.c.slice <= bindparam("settled")
_TALLIES = Statement(
    # Of several subjects at once, which is quicker than one by one.
    select(
        guard_counts.c.kind,
        guard_counts.c.subject,
        func.sum(guard_counts.c.sent),
        func.coalesce(func.sum(case((_HAD_TIME, guard_counts.c.begun))), fixed(0)),
        func.coalesce(func.sum(case((_HAD_TIME, guard_counts.c.verified))), fixed(0)),
    )
    .where(
        guard_counts.c.account_id == bindparam("account"),
        guard_counts.c.mode == bindparam("key_mode"),
        guard_counts.c.kind.in_([fixed(each.value) for each in TALLIED]),
        guard_counts.c.slice > bindparam("since"),
        guard_counts.c.subject.in_(bindparam("ids", expanding=True)),
    )
    .group_by(guard_counts.c.kind, guard_counts.c.subject),
    "settled",
    "settled",
    "account",
    "key_mode",
    "since",
    "ids",
)
_RANGES = Statement(
    # Summed up by who asks: the engine would sort them first.
    select(guard_counts.c.subject, guard_counts.c.begun, guard_counts.c.verified)
    .where(
        guard_counts.c.account_id == bindparam("account"),
        guard_counts.c.mode == bindparam("key_mode"),
        guard_counts.c.kind == fixed(Counted.RANGE.value),
        guard_counts.c.subject > bindparam("first"),
        guard_counts.c.subject < bindparam("last"),
        guard_counts.c.slice > bindparam("since"),
        _HAD_TIME,
    )
    .limit(fixed(RANGES_ROWS_MAX))
    .offset(NONE_SKIPPED),
    "account",
    "key_mode",
    "first",
    "last",
    "since",
    "settled",
)
_OF_ACCOUNT = Statement(
    select(*(func.coalesce(func.sum(guard_counts.c[name]), fixed(0)) for name in _AMOUNTS)).where(
        *_OF_SUBJECT
    ),
    *_SUBJECT,
)
_SLICES = Statement(
    select(guard_counts.c.slice, *(guard_counts.c[name] for name in _AMOUNTS))
    .where(*_OF_SUBJECT)
    .order_by(guard_counts.c.slice),
    *_SUBJECT,
)
_OBJECTIONS = Statement(
    select(guard_counts.c.mode, guard_counts.c.kind, guard_counts.c.subject, func.sum(guard_counts.c.sent))
    .where(
        guard_counts.c.account_id == bindparam("account"),
        guard_counts.c.mode.in_([fixed(mode.value) for mode in Mode]),
        guard_counts.c.kind.in_([fixed(Counted.REFUSED.value), fixed(Counted.SHADOWED.value)]),
        guard_counts.c.slice > bindparam("since"),
    )
    .group_by(guard_counts.c.mode, guard_counts.c.kind, guard_counts.c.subject),
    "account",
    "since",
)
_OLD = Statement(
    select(*(guard_counts.c[name] for name in _KEY))
    .where(guard_counts.c.kind == bindparam("counted"), guard_counts.c.slice <= bindparam("before"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "counted",
    "before",
    "limit",
)
_DROP = Statement(
    delete(guard_counts).where(*(guard_counts.c[name] == bindparam(f"old_{name}") for name in _KEY)),
    *(f"old_{name}" for name in _KEY),
)


_TALLIED = {each.value: each for each in TALLIED}


class Whose:
    """The counters of one account and mode, as they are at one time."""

    def __init__(self, tx: Tx, account_id: int, mode: str, at: int) -> None:
        self._tx = tx
        self._account_id, self._mode, self._at = account_id, mode, at

    def tallies(self, subjects: Mapping[Counted, str]) -> dict[Counted, Tally]:
        """Of the last hour, of a prefix, range, address; those that had nothing are left out."""
        settled, since = self._settled_and_since()
        rows = self._tx.rows_in(
            _TALLIES, subjects.values(), settled, settled, self._account_id, self._mode, since
        )
        found = ((_TALLIED[kind], subject, amounts) for kind, subject, *amounts in rows)
        # One number's prefix can be called like the range of a longer one.
        return {kind: Tally(*amounts) for kind, subject, amounts in found if subjects.get(kind) == subject}

    def ranges(self, country: str) -> dict[str, Tally]:
        """Of the last hour, of a country's ranges, as they are counted: verifications that had time."""
        settled, since = self._settled_and_since()
        first, last = within(country, "+"), within(country, f"+{10**16 - 1}")
        rows = self._tx.rows(_RANGES, self._account_id, self._mode, first, last, since, settled)
        found: dict[str, tuple[int, int]] = {}
        for subject, begun, verified in rows:
            had = found.get(subject, (0, 0))
            found[subject] = had[0] + begun, had[1] + verified
        return {subject: Tally(begun, begun, verified) for subject, (begun, verified) in found.items()}

    def _settled_and_since(self) -> tuple[int, int]:
        return self._at - GRACE_US - MINUTE_US, self._at - HOUR_US - MINUTE_US

    def of_account(self, window_us: int) -> tuple[Tally, int]:
        """The account's codes within the window that ends now, and what they cost, in micro-units.

        Verifications that had no time yet are among those that began.
        """
        since = self._at - window_us - SLICE_US[Counted.ACCOUNT]
        row = self._tx.row(_OF_ACCOUNT, self._account_id, self._mode, Counted.ACCOUNT.value, "", since)
        return (Tally(), 0) if row is None else (Tally(*row[:3]), row[3])

    def slices(self, counted: Counted, subject: str, window_us: int, amount: str) -> list[Slice]:
        """The window in its slices, of each one amount: `sent`, `begun` or `spent`."""
        since = self._at - window_us - SLICE_US[counted]
        rows = self._tx.rows(_SLICES, self._account_id, self._mode, counted.value, subject, since)
        column = 1 + _AMOUNTS.index(amount)
        return [Slice(row[0], row[column]) for row in rows]


def add(tx: Tx, rows: Sequence[Row]) -> None:
    """Add to counters: account, mode, kind, subject, slice; sent, begun, verified, spent."""
    tx.many(_ADD, rows)


def add_objections(tx: Tx, whose: tuple[int, str], said: Mapping[Rule, Counted], at: int) -> None:
    """Count what rules said of one code."""
    add(
        tx,
        [(*whose, each.value, rule.value, slice_of(each, at), 1, 0, 0, 0) for rule, each in said.items()],
    )


def count_objections(tx: Tx, query: CountObjections) -> dict[Rule, tuple[int, int]]:
    """Refused and shadowed, by rule."""
    found: dict[Rule, tuple[int, int]] = {}
    for mode, kind, subject, count in tx.rows(_OBJECTIONS, query.account_id, query.since):
        if query.mode is None or mode == query.mode.value:
            refused, shadowed = found.get(Rule(subject), (0, 0))
            if kind == Counted.REFUSED.value:
                refused += count
            else:
                shadowed += count
            found[Rule(subject)] = refused, shadowed
    return found


def forget_old(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` counters that no rule looks at any more; answers how many."""
    dropped = 0
    for counted in Counted:
        old = tx.rows(_OLD, counted.value, now - KEPT_US[counted], limit - dropped)
        tx.many(_DROP, old)
        dropped += len(old)
    return dropped
