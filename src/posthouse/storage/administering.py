"""Accounts, money and prices; every change raises the directory's version."""

from dataclasses import replace
from enum import Enum

from sqlalchemy import bindparam, delete, insert, select, update

from posthouse.core import limits
from posthouse.core.errors import Code, Refusal
from posthouse.core.ledger import FUNDED_MAX, Balance, Kind, Transfer
from posthouse.core.ports.admin import (
    PLATFORM,
    RATE_LIMIT,
    USUAL_LIMIT,
    CreateAccount,
    CreditAccount,
    Credited,
    SetPrices,
    UpdateAccount,
)
from posthouse.storage import idempotency
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import accounts, keys, prices
from posthouse.storage.templates import save_first_template
from posthouse.storage.tx import Statement, Upsert

_ACCOUNT_ID = Statement(select(accounts.c.id).where(accounts.c.name == bindparam("account")), "account")
_ACCOUNT = Statement(
    insert(accounts).returning(accounts.c.id),
    "name",
    "status",
    "region",
    "currency",
    "unknown_policy",
    "strict_numbers",
    "rate_limit",
    "total",
    "numbered",
    "created_at",
)
_SETTINGS = (
    "status",
    "region",
    "unknown_policy",
    "strict_numbers",
    "rate_limit",
    "quiet_hours",
    "recipient_limits",
)
_CURRENT = Statement(
    select(accounts.c.id, *(accounts.c[name] for name in _SETTINGS)).where(
        accounts.c.name == bindparam("account")
    ),
    "account",
)
_UPDATE = Statement(
    update(accounts)
    .ordered_values(*((accounts.c[name], bindparam(f"new_{name}")) for name in _SETTINGS))
    .where(accounts.c.id == bindparam("account")),
    *(f"new_{name}" for name in _SETTINGS),
    "account",
)
_LIMIT_KEYS = Statement(
    update(keys)
    .ordered_values((keys.c.rate_limit, bindparam("new_limit")))
    .where(keys.c.account_id == bindparam("account"), keys.c.rate_limit.is_not(None)),
    "new_limit",
    "account",
)
_PRICE = Statement(insert(prices), "account_id", "country", "price")
_SET_PRICE = Upsert(
    prices,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["account_id", "country"], set_={"price": insert_.excluded.price}
    ),
    "account_id",
    "country",
    "price",
)
_DROP_PRICE = Statement(
    delete(prices).where(prices.c.account_id == bindparam("account"), prices.c.country == bindparam("where")),
    "account",
    "where",
)
_PRICES = Statement(
    select(prices.c.country, prices.c.price).where(prices.c.account_id == bindparam("account")), "account"
)


@raising_version
def create_account(group: Group, command: CreateAccount) -> bytes | None:
    """Open an account: its balance, its copy of the default prices, its first credit and template."""
    once = command.once
    if once is not None and (replayed := idempotency.reply(group.tx, once)) is not None:
        return replayed
    if group.tx.row(_ACCOUNT_ID, command.name) is not None:
        raise Refusal(Code.ALREADY_EXISTS, resource="account")
    open_account(group, command)
    idempotency.keep(group.tx, once, command.at)
    return None


def open_account(group: Group, command: CreateAccount) -> int:
    """Store an account whose name is free; answers its id."""
    tx = group.tx
    row = tx.row(
        _ACCOUNT,
        command.name,
        command.status.value,
        command.region,
        command.currency,
        command.unknown_policy.value,
        command.strict_numbers,
        command.rate_limit,
        0,
        0,
        command.at,
    )
    if row is None:
        raise LookupError(command.name)
    account_id = int(row[0])
    group.ledger.open(account_id)
    tx.many(_PRICE, [(account_id, country, price) for country, price in tx.rows(_PRICES, PLATFORM)])
    group.ledger.post(account_id, Transfer(Kind.CREDIT, command.credit), command.at)
    save_first_template(tx, account_id, command.at)
    return account_id


@raising_version
def credit_account(group: Group, command: CreditAccount) -> Credited:
    """Add prepaid money, once for each idempotency key."""
    once = command.once
    if once is not None and (replayed := idempotency.reply(group.tx, once)) is not None:
        available, held, spent = map(int, replayed.split())
        return Credited(Balance(available, held, spent), replayed=True)
    row = group.tx.row(_ACCOUNT_ID, command.name)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="account", name=command.name)
    account_id = int(row[0])
    book = group.ledger.book(account_id)
    if book.funded + command.amount > FUNDED_MAX:
        raise Refusal(Code.INVALID_VALUE, param="amount", kind="amount")
    group.ledger.post(account_id, Transfer(Kind.CREDIT, command.amount), command.at)
    credited = Balance(book.available, book.held, book.spent)
    if once is not None:
        told = b"%d %d %d" % (credited.available, credited.held, credited.spent)
        idempotency.keep(group.tx, replace(once, reply=told), command.at)
    return Credited(credited)


@raising_version
def update_account(group: Group, command: UpdateAccount) -> None:
    """Change what is given; a new rate limit also holds for the keys there are."""
    row = group.tx.row(_CURRENT, command.name)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="account", name=command.name)
    account_id, *settings = row
    current = dict(zip(_SETTINGS, settings, strict=True))
    changed = current | _settings(command)
    group.tx.run(_UPDATE, *(changed[name] for name in _SETTINGS), account_id)
    if command.rate_limit is not None:
        group.tx.run(_LIMIT_KEYS, changed["rate_limit"] or RATE_LIMIT, account_id)


def _settings(command: UpdateAccount) -> dict[str, str | int | None]:
    """The columns of what is given."""
    given: dict[str, str | int | None] = {}
    for name in ("status", "region", "unknown_policy", "strict_numbers", "rate_limit"):
        if (value := getattr(command, name)) is not None:
            given[name] = value.value if isinstance(value, Enum) else value
    if command.rate_limit == USUAL_LIMIT:
        given["rate_limit"] = None
    if command.quiet_hours is not None:
        given["quiet_hours"] = None if command.quiet_hours == "none" else str(command.quiet_hours)
    if command.recipient_limits is not None:
        given["recipient_limits"] = limits.as_json(command.recipient_limits)
    return given


@raising_version
def set_prices(group: Group, command: SetPrices) -> None:
    """Set and take out lines of a price list."""
    for country, price in command.lines:
        if price is None:
            group.tx.run(_DROP_PRICE, command.account_id, country)
        else:
            group.tx.run(_SET_PRICE, command.account_id, country, price)
