"""Accounts, money, keys, prices and channels; every change raises the directory's version."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.ledger import Kind, Transfer
from posthouse.core.ports.admin import (
    AddChannel,
    CreateAccount,
    CreateKey,
    CreditAccount,
    NextBoot,
    NoteSecret,
    RevokeKey,
    SetAccountStatus,
    SetPrice,
)
from posthouse.storage.group import Group
from posthouse.storage.schema import accounts, channels, counters, fixed, keys, prices
from posthouse.storage.tx import Statement

C = TypeVar("C")
R = TypeVar("R")

PLATFORM = 0
"""The account number of the default price list."""

_ACCOUNT_ID = Statement(select(accounts.c.id).where(accounts.c.name == bindparam("account")), "account")
_ACCOUNT = Statement(
    insert(accounts).returning(accounts.c.id),
    "name",
    "status",
    "region",
    "currency",
    "unknown_policy",
    "total",
    "numbered",
    "created_at",
)
_STATUS = Statement(
    update(accounts)
    .ordered_values((accounts.c.status, bindparam("new_status")))
    .where(accounts.c.name == bindparam("account")),
    "new_status",
    "account",
)
_PRICE = Statement(insert(prices), "account_id", "country", "price")
_REPRICE = Statement(
    update(prices)
    .ordered_values((prices.c.price, bindparam("new_price")))
    .where(prices.c.account_id == bindparam("account"), prices.c.country == bindparam("where")),
    "new_price",
    "account",
    "where",
)
_PRICES = Statement(
    select(prices.c.country, prices.c.price).where(prices.c.account_id == bindparam("account")), "account"
)
_KEY = Statement(
    insert(keys).returning(keys.c.id),
    "lookup",
    "account_id",
    "role",
    "mode",
    "scopes",
    "token_hash",
    "secret_hash",
    "rate_limit",
    "created_at",
)
_REVOKE = Statement(
    update(keys)
    .ordered_values((keys.c.revoked_at, bindparam("at")))
    .where(keys.c.lookup == bindparam("wanted"), keys.c.revoked_at.is_(None)),
    "at",
    "wanted",
)
_CHANNEL_NAMED = Statement(select(channels.c.id).where(channels.c.name == bindparam("wanted")), "wanted")
_CHANNEL = Statement(
    insert(channels).returning(channels.c.id),
    "name",
    "vendor",
    "account_id",
    "state",
    "countries",
    "weight",
    "rate_per_s",
    "concurrency",
    "cost",
    "simulated",
    "credentials",
    "created_at",
)
_RAISE = Statement(
    update(counters)
    .ordered_values((counters.c.value, counters.c.value + fixed(1)))
    .where(counters.c.name == bindparam("counter"))
    .returning(counters.c.value),
    "counter",
)
_COUNTER_VALUE = Statement(select(counters.c.value).where(counters.c.name == bindparam("counter")), "counter")
_COUNTER = Statement(insert(counters), "name", "value")


def _one_by_one(
    do: Callable[[Group, C], R],
) -> Callable[[Group, Sequence[C]], list[R | Refusal]]:
    """A handler for commands that are rare: one at a time, each raising the directory's version."""

    def handle(group: Group, commands: Sequence[C]) -> list[R | Refusal]:
        answers: list[R | Refusal] = []
        for command in commands:
            try:
                answers.append(do(group, command))
            except Refusal as refusal:
                answers.append(refusal)
        _raise(group, "directory")
        return answers

    return handle


def _raise(group: Group, counter: str) -> int:
    row = group.tx.row(_RAISE, counter)
    if row is None:
        group.tx.run(_COUNTER, counter, 1)
        return 1
    return int(row[0])


def _account_id(group: Group, name: str) -> int:
    row = group.tx.row(_ACCOUNT_ID, name)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="account", name=name)
    return int(row[0])


@_one_by_one
def create_account(group: Group, command: CreateAccount) -> int:
    """Open an account: its balance, its copy of the default prices, its first credit."""
    tx = group.tx
    if tx.row(_ACCOUNT_ID, command.name) is not None:
        raise Refusal(Code.ALREADY_EXISTS, resource="account")
    row = tx.row(
        _ACCOUNT,
        command.name,
        command.status.value,
        command.region,
        command.currency,
        command.unknown_policy.value,
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
    return account_id


@_one_by_one
def credit_account(group: Group, command: CreditAccount) -> int:
    """Add prepaid money."""
    account_id = _account_id(group, command.name)
    group.ledger.post(account_id, Transfer(Kind.CREDIT, command.amount), command.at)
    return group.ledger.book(account_id).available


@_one_by_one
def set_account_status(group: Group, command: SetAccountStatus) -> None:
    """Approve, reject, or put back to pending."""
    _account_id(group, command.name)
    group.tx.run(_STATUS, command.status.value, command.name)


@_one_by_one
def create_key(group: Group, command: CreateKey) -> int:
    """Store a credential."""
    key = command.key
    row = group.tx.row(
        _KEY,
        key.lookup,
        key.account_id,
        key.role.value,
        key.mode.value,
        " ".join(sorted(key.scopes)),
        key.token_hash,
        key.secret_hash,
        key.rate_limit,
        key.created_at,
    )
    if row is None:
        raise LookupError(key.lookup)
    return int(row[0])


@_one_by_one
def revoke_key(group: Group, command: RevokeKey) -> None:
    """End a credential."""
    if group.tx.run(_REVOKE, command.at, command.lookup) == 0:
        raise Refusal(Code.NOT_FOUND, resource="key")


@_one_by_one
def add_channel(group: Group, command: AddChannel) -> int:
    """Store a channel."""
    channel, tx = command.channel, group.tx
    if tx.row(_CHANNEL_NAMED, channel.name) is not None:
        raise Refusal(Code.ALREADY_EXISTS, resource="channel")
    row = tx.row(
        _CHANNEL,
        channel.name,
        channel.vendor,
        channel.account_id,
        channel.state.value,
        " ".join(sorted(channel.countries)),
        channel.weight,
        channel.rate_per_s,
        channel.concurrency,
        channel.cost,
        channel.simulated,
        command.credentials,
        command.at,
    )
    if row is None:
        raise LookupError(channel.name)
    return int(row[0])


@_one_by_one
def set_price(group: Group, command: SetPrice) -> None:
    """Set one line of a price list."""
    if group.tx.run(_REPRICE, command.price, command.account_id, command.country) == 0:
        group.tx.run(_PRICE, command.account_id, command.country, command.price)


def note_secret(group: Group, commands: Sequence[NoteSecret]) -> list[Refusal | None]:
    """Remember the first fingerprint; refuse any other."""
    answers: list[Refusal | None] = []
    for command in commands:
        row = group.tx.row(_COUNTER_VALUE, "secret")
        if row is None:
            group.tx.run(_COUNTER, "secret", command.fingerprint)
        answers.append(None if row is None or row[0] == command.fingerprint else Refusal(Code.FORBIDDEN))
    return answers


def next_boot(group: Group, commands: Sequence[NextBoot]) -> list[int]:
    """Count the starts of processes."""
    return [_raise(group, "boot") for _ in commands]
