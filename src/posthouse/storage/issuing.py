"""Keys, and accounts on trial with theirs; every change raises the directory's version."""

from sqlalchemy import bindparam, func, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.admin import (
    RATE_LIMIT,
    AccountStatus,
    CreateAccount,
    CreateKey,
    NewKey,
    OpenTrial,
    RevokeKey,
    Role,
)
from posthouse.storage import idempotency
from posthouse.storage.administering import open_account
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import accounts, fixed, keys
from posthouse.storage.tx import Statement

_LIMIT = Statement(select(accounts.c.rate_limit).where(accounts.c.id == bindparam("account")), "account")
_KEY = Statement(
    insert(keys),
    "lookup",
    "account_id",
    "role",
    "mode",
    "scopes",
    "token_hash",
    "secret_hash",
    "rate_limit",
    "created_at",
    "name",
)
_LIVE = Statement(
    select(keys.c.role, keys.c.mode).where(keys.c.lookup == bindparam("wanted"), keys.c.revoked_at.is_(None)),
    "wanted",
)
_REVOKE = Statement(
    update(keys)
    .ordered_values((keys.c.revoked_at, bindparam("at")))
    .where(keys.c.lookup == bindparam("wanted")),
    "at",
    "wanted",
)
_OTHER_OPERATORS = Statement(
    select(func.count())
    .select_from(keys)
    .where(
        keys.c.role == fixed(Role.OPERATOR.value),
        keys.c.mode == fixed(Mode.LIVE.value),
        keys.c.revoked_at.is_(None),
        keys.c.lookup != bindparam("wanted"),
    ),
    "wanted",
)
_TRIALS = Statement(
    select(func.count()).select_from(accounts).where(accounts.c.status == fixed(AccountStatus.TRIAL.value))
)


@raising_version
def create_key(group: Group, command: CreateKey) -> bytes | None:
    """Store a credential."""
    once = command.once
    if once is not None and (replayed := idempotency.reply(group.tx, once)) is not None:
        return replayed
    _store(group, command.key, command.key.account_id)
    idempotency.keep(group.tx, once, command.key.created_at)
    return None


@raising_version
def open_trial(group: Group, command: OpenTrial) -> bytes | None:
    """Open an account on trial, unless there are enough of them."""
    once = command.once
    if once is not None and (replayed := idempotency.reply(group.tx, once)) is not None:
        return replayed
    [(total,)] = group.tx.rows(_TRIALS)
    if total >= command.total_max:
        raise Refusal(Code.TRIALS_EXHAUSTED, limit=command.total_max)
    opened = CreateAccount(command.name, AccountStatus.TRIAL, command.credit, command.at)
    _store(group, command.key, open_account(group, opened))
    idempotency.keep(group.tx, once, command.at)
    return None


@raising_version
def revoke_key(group: Group, command: RevokeKey) -> None:
    """End a credential, but not the last one that can administer."""
    found = group.tx.row(_LIVE, command.lookup)
    if found is None:
        raise Refusal(Code.NOT_FOUND, resource="key")
    if found == (Role.OPERATOR.value, Mode.LIVE.value):
        [(others,)] = group.tx.rows(_OTHER_OPERATORS, command.lookup)
        if others == 0:
            raise Refusal(Code.LAST_OPERATOR_KEY)
    group.tx.run(_REVOKE, command.at, command.lookup)


def _store(group: Group, key: NewKey, account_id: int) -> None:
    row = group.tx.row(_LIMIT, account_id)
    if row is None:
        raise LookupError(account_id)
    group.tx.run(
        _KEY,
        key.lookup,
        account_id,
        key.role.value,
        key.mode.value,
        " ".join(sorted(key.scopes)),
        key.token_hash,
        key.secret_hash,
        (row[0] or RATE_LIMIT) if key.limited else None,
        key.created_at,
        key.name,
    )
