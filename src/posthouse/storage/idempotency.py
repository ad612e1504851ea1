"""Used idempotency keys and the replies they answer with; a small table, since its key is random."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.life import Once
from posthouse.core.ports.queries import FindReply
from posthouse.core.ports.replies import KeepReply
from posthouse.storage.group import Group
from posthouse.storage.schema import idempotency
from posthouse.storage.tx import Statement, Tx

KEPT_US = 72 * 3600 * 1_000_000

_FIND = Statement(
    select(idempotency.c.fingerprint, idempotency.c.reply).where(
        idempotency.c.account_id == bindparam("account"),
        idempotency.c.operation == bindparam("operation"),
        idempotency.c.key == bindparam("key"),
    ),
    "account",
    "operation",
    "key",
)
_KEEP = Statement(insert(idempotency), "account_id", "operation", "key", "fingerprint", "reply", "created_at")
_REVISE = Statement(
    update(idempotency)
    .ordered_values((idempotency.c.reply, bindparam("new_reply")))
    .where(
        idempotency.c.account_id == bindparam("account"),
        idempotency.c.operation == bindparam("wanted"),
        idempotency.c.key == bindparam("used"),
    ),
    "new_reply",
    "account",
    "wanted",
    "used",
)


class Used:
    """The keys that one group asks for and those it adds."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._new: dict[tuple[int, str, str], Once] = {}
        self._at: dict[tuple[int, str, str], int] = {}

    def reply(self, once: Once) -> bytes | None:
        """The reply kept under this key. Refuses when it belongs to another request."""
        fresh = self._new.get((once.account_id, once.operation, once.key))
        if fresh is not None:
            return _same(fresh.fingerprint, once.fingerprint, fresh.reply)
        return reply(self._tx, once)

    def keep(self, once: Once, at: int) -> None:
        """Remember a reply; written by `flush`."""
        scope = (once.account_id, once.operation, once.key)
        self._new[scope] = once
        self._at[scope] = at

    def flush(self) -> None:
        """Write the new keys."""
        self._tx.many(
            _KEEP,
            [(*scope, once.fingerprint, once.reply, self._at[scope]) for scope, once in self._new.items()],
        )


def reply(tx: Tx, once: Once | FindReply) -> bytes | None:
    """The stored reply of a key, if it was used. Refuses with IDEMPOTENCY_KEY_REUSED."""
    row = tx.row(_FIND, once.account_id, once.operation, once.key)
    return None if row is None else _same(row[0], once.fingerprint, row[1])


def keep(tx: Tx, once: Once | None, at: int) -> None:
    """Remember one reply at once, for commands that come one at a time."""
    if once is not None:
        tx.run(_KEEP, once.account_id, once.operation, once.key, once.fingerprint, once.reply, at)


def keep_reply(group: Group, commands: Sequence[KeepReply]) -> list[bytes | Refusal | None]:
    """Keep replies that come with nothing else, or answer with those of before."""
    answers: list[bytes | Refusal | None] = []
    for command in commands:
        try:
            kept = reply(group.tx, command.once)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        if kept is None:
            keep(group.tx, command.once, command.at)
        answers.append(kept)
    return answers


def revise(tx: Tx, once: Once) -> None:
    """Change a reply that was kept before, since what it tells of goes on."""
    tx.run(_REVISE, once.reply, once.account_id, once.operation, once.key)


def _same(stored: bytes, asked: bytes, kept: bytes) -> bytes:
    if bytes(stored) != asked:
        raise Refusal(Code.IDEMPOTENCY_KEY_REUSED)
    return bytes(kept)
