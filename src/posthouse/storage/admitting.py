"""Who gets a message: nobody on the account's list, and nobody more often than the account allows."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import and_, bindparam, delete, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import DAY_US, RecipientLimits
from posthouse.core.ports.admission import Admit
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, admissions, fixed, messages
from posthouse.storage.staging import note
from posthouse.storage.suppressing import Listed
from posthouse.storage.tx import Statement, Tx

_NEWEST = Statement(
    select(admissions.c.at)
    .where(
        admissions.c.account_id == bindparam("account"),
        admissions.c.number == bindparam("recipient"),
        admissions.c.lane == bindparam("purpose"),
        admissions.c.mode == bindparam("key_mode"),
    )
    .order_by(admissions.c.at.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "recipient",
    "purpose",
    "key_mode",
    "limit",
)
_COUNT = Statement(insert(admissions), "account_id", "number", "lane", "mode", "at", "batch_id")
_ANY = Statement(select(admissions.c.id).limit(fixed(1)).offset(NONE_SKIPPED))
_GIVE_BACK = Statement(
    delete(admissions).where(
        admissions.c.id.in_(
            select(admissions.c.id)
            .join(
                messages,
                and_(
                    messages.c.account_id == admissions.c.account_id,
                    messages.c.recipient == admissions.c.number,
                    messages.c.lane == admissions.c.lane,
                    messages.c.mode == admissions.c.mode,
                    messages.c.created_at == admissions.c.at,
                ),
            )
            .where(messages.c.id == bindparam("message"))
            .limit(fixed(1))
            .offset(NONE_SKIPPED)
        )
    ),
    "message",
)


class Alike(NamedTuple):
    """What is counted together: the messages of an account for a number, by lane and by mode of the key."""

    account_id: int
    number: str
    lane: int
    mode: str


def check_limits(tx: Tx, limits: RecipientLimits, alike: Alike, at: int) -> None:
    """Refuse one more message for a number with RECIPIENT_LIMITED."""
    # Older ones than the highest limit counts cannot matter.
    deepest = max((limit for limit in limits if limit is not None), default=0)
    newest = tx.rows(_NEWEST, *alike, deepest)
    limits.check([row[0] for row in reversed(newest)], at)


def count_admission(tx: Tx, alike: Alike, at: int, batch_id: int | None = None) -> None:
    """Remember that a message was accepted; at once, so that the next one of the same commit sees it."""
    tx.run(_COUNT, *alike, at, batch_id)


def admit(group: Group, commands: Sequence[Admit]) -> list[list[Refusal | None] | Refusal]:
    """Look at the recipients of each batch in turn, and count those that may get a message.

    The batch is noted as one that is not published: what is counted for it is taken back with it.
    """
    tx = group.tx
    listed = Listed(tx, ((each.batch.account_id, to.number) for each in commands for to in each.recipients))
    return [_admit(tx, listed, command) for command in commands]


def _admit(tx: Tx, listed: Listed, command: Admit) -> list[Refusal | None] | Refusal:
    batch, by_lane = command.batch, dict(command.limits)
    if not note(tx, batch):
        return Refusal(Code.UNAVAILABLE)
    account_id, at = batch.account_id, batch.created_at
    answers: list[Refusal | None] = []
    for number, lane in command.recipients:
        limits = by_lane.get(lane)
        alike = Alike(account_id, number, lane.value, command.mode.value)
        try:
            listed.check(account_id, number, lane)
            if limits is not None:
                check_limits(tx, limits, alike, at)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        if limits is not None:
            count_admission(tx, alike, at, batch.id)
        answers.append(None)
    return answers


def give_back(tx: Tx, message_ids: Iterable[int]) -> None:
    """Messages that were canceled before anybody could send them do not count any more."""
    if tx.row(_ANY) is not None:
        tx.many(_GIVE_BACK, [(message_id,) for message_id in message_ids])


_OLD = Statement(
    select(admissions.c.id)
    .where(admissions.c.at < bindparam("before"))
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "before",
    "limit",
)
_DROP = Statement(delete(admissions).where(admissions.c.id == bindparam("old")), "old")


def forget_admissions(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` that no window reaches back to any more; answers how many."""
    old = tx.rows(_OLD, now - DAY_US, limit)
    tx.many(_DROP, old)
    return len(old)
