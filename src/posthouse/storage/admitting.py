"""Who gets a message: nobody on the account's list, and nobody more often than the account allows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, bindparam, delete, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import DAY_US, RecipientLimits
from posthouse.core.ports.admission import Admit, Dismiss, FindSuppressed
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, admissions, fixed, messages, suppressions
from posthouse.storage.tx import Row, Statement, Tx

EVERY_PURPOSE = -1
"""The lane of a number that wants no message at all."""

_ANY = Statement(select(suppressions.c.id).limit(fixed(1)).offset(NONE_SKIPPED))
_LISTED = Statement(
    select(suppressions.c.number, suppressions.c.lane).where(
        suppressions.c.account_id == bindparam("account"),
        suppressions.c.number.in_(bindparam("ids", expanding=True)),
    ),
    "account",
    "ids",
)
_LISTED_SINCE = Statement(
    select(messages.c.id)
    .join(
        suppressions,
        and_(
            suppressions.c.account_id == messages.c.account_id,
            suppressions.c.number == messages.c.recipient,
            suppressions.c.lane.in_([fixed(EVERY_PURPOSE), messages.c.lane]),
        ),
    )
    .where(messages.c.id.in_(bindparam("ids", expanding=True))),
    "ids",
)


class Listed:
    """Which of the recipients that a handler has to do with are on their sender's list."""

    def __init__(self, tx: Tx, recipients: Iterable[tuple[int, str]]) -> None:
        """`recipients` (account and number) are not even gone through while there is no list at all."""
        self._found: set[tuple[int, str, int]] = set()
        if tx.row(_ANY) is None:
            return
        numbers: dict[int, set[str]] = defaultdict(set)
        for account_id, number in recipients:
            numbers[account_id].add(number)
        for account_id, some in numbers.items():
            self._found.update((account_id, *row) for row in tx.rows_in(_LISTED, some, account_id))

    def __bool__(self) -> bool:
        """Whether any of them is."""
        return bool(self._found)

    def holds(self, account_id: int, number: str, lane: int) -> bool:
        """Whether this number wants no message of this purpose."""
        found = self._found
        return (account_id, number, lane) in found or (account_id, number, EVERY_PURPOSE) in found

    def check(self, account_id: int, number: str, lane: int) -> None:
        """Refuse with RECIPIENT_SUPPRESSED."""
        if self.holds(account_id, number, lane):
            raise Refusal(Code.RECIPIENT_SUPPRESSED, param="to")


def listed_since(tx: Tx, message_ids: Sequence[int]) -> set[int]:
    """Those of these messages whose recipients are on the list by now."""
    if not message_ids or tx.row(_ANY) is None:
        return set()
    return {row[0] for row in tx.rows_in(_LISTED_SINCE, message_ids)}


def find_suppressed(tx: Tx, query: FindSuppressed) -> list[bool]:
    """Of each recipient, in order."""
    account_id = query.account_id
    listed = Listed(tx, ((account_id, each.number) for each in query.recipients))
    if not listed:
        return [False] * len(query.recipients)
    return [listed.holds(account_id, each.number, each.lane) for each in query.recipients]


_NEWEST = Statement(
    select(admissions.c.at)
    .where(
        admissions.c.account_id == bindparam("account"),
        admissions.c.number == bindparam("recipient"),
        admissions.c.lane == bindparam("purpose"),
    )
    .order_by(admissions.c.at.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "recipient",
    "purpose",
    "limit",
)
_COUNT = Statement(insert(admissions), "account_id", "number", "lane", "at")
_COUNT_BACK = Statement(
    delete(admissions).where(
        admissions.c.id.in_(
            select(admissions.c.id)
            .where(
                admissions.c.account_id == bindparam("account"),
                admissions.c.number == bindparam("recipient"),
                admissions.c.lane == bindparam("purpose"),
                admissions.c.at == bindparam("admitted_at"),
            )
            .limit(fixed(1))
            .offset(NONE_SKIPPED)
        )
    ),
    "account",
    "recipient",
    "purpose",
    "admitted_at",
)


def check_limits(tx: Tx, limits: RecipientLimits, account_id: int, number: str, lane: int, at: int) -> None:
    """Refuse one more message for a number with RECIPIENT_LIMITED."""
    # Older ones than the highest limit counts cannot matter.
    deepest = max((limit for limit in limits if limit is not None), default=0)
    newest = tx.rows(_NEWEST, account_id, number, lane, deepest)
    limits.check([row[0] for row in reversed(newest)], at)


def count_admission(tx: Tx, account_id: int, number: str, lane: int, at: int) -> None:
    """Remember that a message was accepted; at once, so that the next one of the same commit sees it."""
    tx.run(_COUNT, account_id, number, lane, at)


def admit(group: Group, commands: Sequence[Admit]) -> list[list[Refusal | None]]:
    """Look at the recipients of each batch in turn, and count those that may get a message."""
    tx = group.tx
    listed = Listed(tx, ((each.account_id, to.number) for each in commands for to in each.recipients))
    return [_admit(tx, listed, command) for command in commands]


def _admit(tx: Tx, listed: Listed, command: Admit) -> list[Refusal | None]:
    account_id, at, by_lane = command.account_id, command.at, dict(command.limits)
    answers: list[Refusal | None] = []
    for number, lane in command.recipients:
        limits = by_lane.get(lane)
        try:
            listed.check(account_id, number, lane)
            if limits is not None:
                check_limits(tx, limits, account_id, number, lane, at)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        if limits is not None:
            count_admission(tx, account_id, number, lane, at)
        answers.append(None)
    return answers


def dismiss(group: Group, commands: Sequence[Dismiss]) -> list[None]:
    """Count back what was admitted, as often as a recipient is named."""
    rows: list[Row] = [
        (command.account_id, number, lane.value, command.at)
        for command in commands
        for number, lane in command.recipients
    ]
    group.tx.many(_COUNT_BACK, rows)
    return [None] * len(commands)


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
