"""Who is blocked or safe: accounts' entries, those that rules make, and the platform's prefixes."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, insert, or_, select, update

from posthouse.core import guard, guard_changes
from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import Guard, Rule
from posthouse.core.ids import STEP, first_at
from posthouse.core.message import Mode
from posthouse.core.ports.guard import (
    ENTRIES_MAX,
    PLATFORM,
    ChangePrefixes,
    DropEntry,
    Entry,
    EntryKind,
    EntryList,
    GetPrefixes,
    ListEntries,
    SaveEntry,
    SetGuard,
)
from posthouse.storage import idempotency
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, accounts, fixed, guard_entries
from posthouse.storage.singly import singly
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_NEWEST = (1 << 63) - 1
_BOTH = ""
_BY_HAND = ""

_COLUMNS = ("id", "account_id", "list", "kind", "value", "rule", "mode", "created_at", "expires_at")
"""In the order of `Entry`."""

_ENTRY = select(*(guard_entries.c[name] for name in _COLUMNS))
_LIVE = or_(guard_entries.c.expires_at.is_(None), guard_entries.c.expires_at > bindparam("now"))
_MATCHING = Statement(
    select(
        guard_entries.c.account_id,
        guard_entries.c.list,
        guard_entries.c.kind,
        guard_entries.c.rule,
        guard_entries.c.expires_at,
    ).where(
        guard_entries.c.account_id.in_([bindparam("account"), fixed(PLATFORM)]),
        guard_entries.c.mode.in_([fixed(_BOTH), bindparam("key_mode")]),
        _LIVE,
        guard_entries.c.value.in_(bindparam("ids", expanding=True)),
    ),
    "account",
    "key_mode",
    "now",
    "ids",
)
_PAGE = Statement(
    _ENTRY.where(
        guard_entries.c.account_id == bindparam("account"),
        guard_entries.c.list == bindparam("which"),
        guard_entries.c.id < bindparam("before"),
        _LIVE,
    )
    .order_by(guard_entries.c.id.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "which",
    "before",
    "now",
    "limit",
)
_OF_VALUE = Statement(
    _ENTRY.where(
        guard_entries.c.value == bindparam("wanted"),
        guard_entries.c.account_id.in_([bindparam("account"), fixed(PLATFORM)]),
        guard_entries.c.list == bindparam("which"),
        _LIVE,
    ),
    "wanted",
    "account",
    "which",
    "now",
)
_ONE = Statement(
    _ENTRY.where(
        guard_entries.c.id == bindparam("entry"),
        guard_entries.c.account_id == bindparam("account"),
        guard_entries.c.list == bindparam("which"),
    ),
    "entry",
    "account",
    "which",
)
_TAKEN = Statement(select(guard_entries.c.id).where(guard_entries.c.id == bindparam("entry")), "entry")


def _full(of_whom: ColumnElement[bool]) -> Statement:
    """Looks whether a list has its last entry: a walk along an index and no further than it is allowed."""
    return Statement(
        select(fixed(1))
        .where(
            guard_entries.c.account_id == bindparam("account"),
            guard_entries.c.list == bindparam("which"),
            of_whom,
        )
        .limit(fixed(1))
        .offset(bindparam("room")),
        "account",
        "which",
        "room",
    )


_FULL_BY_HAND = _full(guard_entries.c.rule == fixed(_BY_HAND))
_FULL_BY_RULES = _full(guard_entries.c.rule > fixed(_BY_HAND))
_ADD = Statement(insert(guard_entries), *_COLUMNS)
_ADD_MISSING = Upsert(guard_entries, lambda insert_: insert_.on_conflict_do_nothing(), *_COLUMNS)
_TWIN_KEY = ("value", "account_id", "list", "kind", "mode", "rule")
_DROP_TWIN = Statement(
    delete(guard_entries).where(*(guard_entries.c[name] == bindparam(f"old_{name}") for name in _TWIN_KEY)),
    *(f"old_{name}" for name in _TWIN_KEY),
)
_DROP = Statement(delete(guard_entries).where(guard_entries.c.id == bindparam("entry")), "entry")
_EXPIRED = Statement(
    select(guard_entries.c.id)
    .where(guard_entries.c.expires_at <= bindparam("now"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "now",
    "limit",
)
_PREFIXES = Statement(
    select(guard_entries.c.value)
    .where(
        guard_entries.c.account_id == fixed(PLATFORM),
        guard_entries.c.list == fixed(EntryList.BLOCK.value),
        guard_entries.c.kind == fixed(EntryKind.PREFIX.value),
        guard_entries.c.rule == fixed(_BY_HAND),
    )
    .order_by(guard_entries.c.value)
)
_SETTINGS = Statement(select(accounts.c.guard).where(accounts.c.id == bindparam("account")), "account")
_SET = Statement(
    update(accounts)
    .ordered_values((accounts.c.guard, bindparam("new_guard")))
    .where(accounts.c.id == bindparam("account")),
    "new_guard",
    "account",
)


class Match(NamedTuple):
    """An entry that holds for a number or an address; `rule` None: somebody put it there."""

    of_platform: bool
    safe: bool
    of_address: bool
    rule: Rule | None
    expires_at: int | None


def matching(tx: Tx, account_id: int, mode: Mode, values: Iterable[str], now: int) -> list[Match]:
    """The account's and the platform's entries of these prefixes and addresses that hold for a mode."""
    return [
        Match(
            whose == PLATFORM,
            which == EntryList.SAFE.value,
            kind == EntryKind.ADDRESS.value,
            _rule(rule),
            expires_at,
        )
        for whose, which, kind, rule, expires_at in tx.rows_in(_MATCHING, values, account_id, mode.value, now)
    ]


def block(tx: Tx, entry: Entry) -> bool:
    """Put what tripped a rule on the list, under an id of its own; answers whether there was room for it."""
    row = first_at(entry.created_at)
    while tx.row(_TAKEN, row) is not None:
        row += STEP
    return _save(tx, entry._replace(row=row))


@singly
def save_entry(group: Group, command: SaveEntry) -> bytes | None:
    """Put an entry on a list, in place of its twin."""
    tx, once, entry = group.tx, command.once, command.entry
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    if not _save(tx, entry):
        raise Refusal(Code.TOO_MANY, limit=ENTRIES_MAX)
    idempotency.keep(tx, once, entry.created_at)
    return None


def _save(tx: Tx, entry: Entry) -> bool:
    mode = _BOTH if entry.mode is None else entry.mode.value
    rule = _BY_HAND if entry.rule is None else entry.rule.value
    which, kind = entry.list.value, entry.kind.value
    replaced = tx.run(_DROP_TWIN, entry.value, entry.account_id, which, kind, mode, rule)
    if not replaced:
        full = _FULL_BY_HAND if entry.rule is None else _FULL_BY_RULES
        if tx.row(full, entry.account_id, which, ENTRIES_MAX - 1) is not None:
            return False
    values = (entry.row, entry.account_id, which, kind, entry.value, rule, mode)
    tx.run(_ADD, *values, entry.created_at, entry.expires_at)
    return True


@singly
def drop_entry(group: Group, command: DropEntry) -> Entry:
    """Take an entry off its list."""
    row = group.tx.row(_ONE, command.row, command.account_id, command.list.value)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="entry")
    group.tx.run(_DROP, command.row)
    return _entry(row)


def list_entries(tx: Tx, query: ListEntries) -> list[Entry]:
    """Newest first."""
    before = _NEWEST if query.before_row is None else query.before_row
    which, now = query.list.value, query.now
    if query.value is not None:
        found = tx.rows(_OF_VALUE, query.value, query.account_id, which, now)
        rows = [row for row in found if row[0] < before]
    else:
        rows = [
            row
            for account_id in {query.account_id, PLATFORM}
            for row in tx.rows(_PAGE, account_id, which, before, now, query.limit)
        ]
    return [_entry(row) for row in sorted(rows, reverse=True)[: query.limit]]


@singly
def change_prefixes(group: Group, command: ChangePrefixes) -> None:
    """Add what is missing, remove what is there."""
    loaded = (PLATFORM, EntryList.BLOCK.value, EntryKind.PREFIX.value)
    group.tx.many(
        _ADD_MISSING,
        [
            (command.first_row + number * STEP, *loaded, prefix, _BY_HAND, _BOTH, command.at, None)
            for number, prefix in enumerate(command.add)
        ],
    )
    group.tx.many(_DROP_TWIN, [(prefix, *loaded, _BOTH, _BY_HAND) for prefix in command.remove])


def get_prefixes(tx: Tx, _query: GetPrefixes) -> list[str]:
    """In their order."""
    return [row[0] for row in tx.rows(_PREFIXES)]


@raising_version
def set_guard(group: Group, command: SetGuard) -> Guard:
    """Change what is to be changed of the settings as they are now."""
    row = group.tx.row(_SETTINGS, command.account_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="account")
    now = guard_changes.changed(guard.from_json(row[0]), command.changes)
    group.tx.run(_SET, guard.as_json(now), command.account_id)
    return now


def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` entries whose time is over; answers how many."""
    over = tx.rows(_EXPIRED, now, limit)
    tx.many(_DROP, over)
    return len(over)


def _entry(row: Row) -> Entry:
    entry = Entry(*row)
    return entry._replace(
        list=EntryList(entry.list),
        kind=EntryKind(entry.kind),
        rule=_rule(row[5]),
        mode=None if row[6] == _BOTH else Mode(row[6]),
    )


def _rule(stored: str) -> Rule | None:
    return None if stored == _BY_HAND else Rule(stored)
