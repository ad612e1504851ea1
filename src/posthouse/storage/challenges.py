"""What a check has to do with: one row for a number and purpose, whether or not it ever got a code."""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, select

from posthouse.core.message import Mode
from posthouse.storage.packing import pack, unpack
from posthouse.storage.schema import NONE_SKIPPED, challenges
from posthouse.storage.tx import Statement, Tx, Upsert

_KEY = ("account_id", "mode", "number", "purpose")
_KEPT = ("verification_id", "checks_left", "sent_at", "failed_at", "touched_at")
_FIND = Statement(
    select(
        challenges.c.verification_id, challenges.c.checks_left, challenges.c.sent_at, challenges.c.failed_at
    ).where(
        challenges.c.account_id == bindparam("account"),
        challenges.c.mode == bindparam("key_mode"),
        challenges.c.number == bindparam("recipient"),
        challenges.c.purpose == bindparam("label"),
    ),
    "account",
    "key_mode",
    "recipient",
    "label",
)
_KEEP = Upsert(
    challenges,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: insert_.excluded[name] for name in _KEPT}
    ),
    *_KEY,
    *_KEPT,
)
_IDLE = Statement(
    select(*(challenges.c[name] for name in _KEY))
    .where(challenges.c.touched_at < bindparam("before"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP = Statement(
    delete(challenges).where(*(challenges.c[name] == bindparam(f"old_{name}") for name in _KEY)),
    *(f"old_{name}" for name in _KEY),
)


class ChallengeRow(NamedTuple):
    """The newest verification with what is left of its checks, and when codes were sent and were wrong."""

    account_id: int
    mode: str
    number: str
    purpose: str
    verification_id: int | None = None
    checks_left: int = 0
    sent_at: tuple[int, ...] = ()
    failed_at: tuple[int, ...] = ()


def challenge_of(tx: Tx, account_id: int, mode: Mode, number: str, purpose: str) -> ChallengeRow:
    """How things stand; where nothing was ever asked for, nothing is left."""
    row = tx.row(_FIND, account_id, mode.value, number, purpose)
    if row is None:
        return ChallengeRow(account_id, mode.value, number, purpose)
    verification_id, left, sent_at, failed_at = row
    return ChallengeRow(
        account_id, mode.value, number, purpose, verification_id, left, unpack(sent_at), unpack(failed_at)
    )


def keep_challenge(tx: Tx, known: ChallengeRow, at: int) -> None:
    """Write the row, new or not."""
    *key, verification_id, left, sent_at, failed_at = known
    tx.run(_KEEP, *key, verification_id, left, pack(sent_at), pack(failed_at), at)


def forget_challenges(tx: Tx, before: int, limit: int) -> int:
    """Drop up to `limit` rows that nothing touched since then; answers how many."""
    idle = tx.rows(_IDLE, before, limit)
    tx.many(_DROP, idle)
    return len(idle)
