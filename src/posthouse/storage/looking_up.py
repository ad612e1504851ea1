"""Queries about accounts, keys and prices."""

from sqlalchemy import bindparam, func, select

from posthouse.core import guard, limits
from posthouse.core.ledger import Balance
from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.queries import (
    AccountRecord,
    DirectoryVersion,
    FindKey,
    GetAccount,
    GetPrices,
    GetStanding,
    KeyRecord,
    ListAccounts,
    ListKeys,
    Standing,
)
from posthouse.core.quiet import quiet_hours
from posthouse.core.routing import UnknownPolicy
from posthouse.storage.ledger import PURSES, balance_of
from posthouse.storage.schema import (
    NONE_SKIPPED,
    accounts,
    balances,
    counters,
    daily_counts,
    fixed,
    keys,
    prices,
)
from posthouse.storage.tx import Row, Statement, Tx

_ACCOUNT = [accounts.c[name] for name in AccountRecord._fields]
_BALANCE = [balances.c[name] for name in PURSES]
_KEY = [keys.c[name] for name in KeyRecord._fields]

_BY_ID = Statement(select(*_ACCOUNT).where(accounts.c.id == bindparam("account")), "account")
_BY_NAME = Statement(select(*_ACCOUNT).where(accounts.c.name == bindparam("account")), "account")
_ACCOUNTS = Statement(
    select(*_ACCOUNT, *_BALANCE)
    .join(balances, balances.c.account_id == accounts.c.id)
    .where(accounts.c.id > bindparam("after"))
    .order_by(accounts.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "limit",
)
_STANDING = Statement(
    select(
        *_BALANCE,
        accounts.c.total,
        func.coalesce(
            select(daily_counts.c.accepted)
            .where(daily_counts.c.account_id == accounts.c.id, daily_counts.c.day == bindparam("day"))
            .scalar_subquery(),
            fixed(0),
        ),
    )
    .join(accounts, accounts.c.id == balances.c.account_id)
    .where(accounts.c.id == bindparam("account")),
    "day",
    "account",
)
_FIND_KEY = Statement(select(*_KEY).where(keys.c.lookup == bindparam("wanted")), "wanted")
_KEYS = Statement(
    select(*_KEY)
    .where(keys.c.id > bindparam("after"))
    .order_by(keys.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "limit",
)
_KEYS_OF = Statement(
    select(*_KEY)
    .where(keys.c.id > bindparam("after"), keys.c.account_id == bindparam("account"))
    .order_by(keys.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "after",
    "account",
    "limit",
)
_PRICES = Statement(
    select(prices.c.country, prices.c.price).where(prices.c.account_id == bindparam("account")), "account"
)
_VERSION = Statement(select(counters.c.value).where(counters.c.name == bindparam("counter")), "counter")


def get_account(tx: Tx, query: GetAccount) -> AccountRecord | None:
    """By id, or by name."""
    row = tx.row(_BY_ID, query.account_id) if query.account_id is not None else tx.row(_BY_NAME, query.name)
    return None if row is None else _account(row)


def list_accounts(tx: Tx, query: ListAccounts) -> list[tuple[AccountRecord, Balance]]:
    """Oldest first."""
    width = len(_ACCOUNT)
    return [
        (_account(row[:width]), balance_of(row[width:]))
        for row in tx.rows(_ACCOUNTS, query.after_id, query.limit)
    ]


def get_standing(tx: Tx, query: GetStanding) -> Standing | None:
    """Money and counters."""
    row = tx.row(_STANDING, query.day, query.account_id)
    return None if row is None else Standing(balance_of(row[:-2]), row[-2], row[-1])


def find_key(tx: Tx, query: FindKey) -> KeyRecord | None:
    """By look-up, revoked or not."""
    row = tx.row(_FIND_KEY, query.lookup)
    return None if row is None else _key(row)


def list_keys(tx: Tx, query: ListKeys) -> list[KeyRecord]:
    """Oldest first."""
    after, account, limit = query.after_id, query.account_id, query.limit
    rows = tx.rows(_KEYS, after, limit) if account is None else tx.rows(_KEYS_OF, after, account, limit)
    return [_key(row) for row in rows]


def get_prices(tx: Tx, query: GetPrices) -> dict[str, int]:
    """Country or `*` to micro-units a part."""
    return dict(tx.rows(_PRICES, query.account_id))


def directory_version(tx: Tx, _query: DirectoryVersion) -> int:
    """0 before the first administrative command."""
    row = tx.row(_VERSION, "directory")
    return 0 if row is None else int(row[0])


def _account(row: Row) -> AccountRecord:
    record = AccountRecord(*row)
    stored = dict(zip(AccountRecord._fields, row, strict=True))
    hours = stored["quiet_hours"]
    return record._replace(
        status=AccountStatus(record.status),
        unknown_policy=UnknownPolicy(record.unknown_policy),
        strict_numbers=bool(record.strict_numbers),
        quiet_hours=quiet_hours(str(hours)) if hours else None,
        recipient_limits=limits.from_json(stored["recipient_limits"]),
        guard=guard.from_json(stored["guard"]),
    )


def _key(row: Row) -> KeyRecord:
    record = KeyRecord(*row)
    return record._replace(
        role=Role(record.role),
        mode=Mode(record.mode),
        scopes=frozenset(str(row[5]).split()),
        token_hash=bytes(record.token_hash),
        secret_hash=bytes(record.secret_hash),
    )
