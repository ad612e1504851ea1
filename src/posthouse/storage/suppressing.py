"""The list of numbers that an account does not write to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, bindparam, delete, func, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import first_at
from posthouse.core.message import Lane
from posthouse.core.ports.admission import (
    FindSuppressed,
    GetSuppression,
    ListSuppressions,
    Suppress,
    Suppression,
    Unsuppress,
)
from posthouse.storage import idempotency
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, fixed, messages, suppressions
from posthouse.storage.singly import singly
from posthouse.storage.tx import Row, Statement, Tx, Upsert

EVERY_PURPOSE = -1
"""The lane of a number that wants no message at all."""

OPT_OUT = "opt_out"
"""The reason of entries that a handset asked for, and takes off by asking again."""

_OPTED_OUT = (Lane.NOTIFICATION, Lane.MARKETING)
"""A one-time password is what the person asks for, there and then."""

_NEWEST = (1 << 63) - 1

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
_COLUMNS = ("id", "account_id", "number", "lane", "reason", "created_at")
_ADD = Statement(insert(suppressions), *_COLUMNS)
_ADD_IF_NEW = Upsert(suppressions, lambda insert_: insert_.on_conflict_do_nothing(), *_COLUMNS)
_LAST = Statement(select(func.max(suppressions.c.id)))
_OPT_IN = Statement(
    delete(suppressions).where(
        suppressions.c.account_id == bindparam("account"),
        suppressions.c.number == bindparam("recipient"),
        suppressions.c.reason == fixed(OPT_OUT),
    ),
    "account",
    "recipient",
)
_TWIN = Statement(
    select(suppressions.c.id).where(
        suppressions.c.account_id == bindparam("account"),
        suppressions.c.number == bindparam("recipient"),
        suppressions.c.lane == bindparam("purpose"),
    ),
    "account",
    "recipient",
    "purpose",
)
_REMOVE = Statement(
    delete(suppressions).where(
        suppressions.c.id == bindparam("entry"), suppressions.c.account_id == bindparam("account")
    ),
    "entry",
    "account",
)
_ENTRY = select(
    suppressions.c.id,
    suppressions.c.number,
    suppressions.c.lane,
    suppressions.c.reason,
    suppressions.c.created_at,
).where(suppressions.c.account_id == bindparam("account"))
_ONE = Statement(_ENTRY.where(suppressions.c.id == bindparam("entry")), "account", "entry")
_OF_NUMBER = Statement(_ENTRY.where(suppressions.c.number == bindparam("recipient")), "account", "recipient")
_LIST = Statement(
    _ENTRY.where(suppressions.c.id < bindparam("before"))
    .order_by(suppressions.c.id.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "before",
    "limit",
)


@singly
def suppress(group: Group, command: Suppress) -> bytes | None:
    """Put a number on the list, once for each purpose."""
    tx, once, entry = group.tx, command.once, command.suppression
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    lane = EVERY_PURPOSE if entry.lane is None else entry.lane.value
    if tx.row(_TWIN, command.account_id, entry.number, lane) is not None:
        raise Refusal(Code.ALREADY_EXISTS, param="to", resource="suppression")
    tx.run(_ADD, entry.row, command.account_id, entry.number, lane, entry.reason, entry.created_at)
    idempotency.keep(tx, once, entry.created_at)
    return None


@singly
def unsuppress(group: Group, command: Unsuppress) -> None:
    """Take an entry off the list."""
    if not group.tx.run(_REMOVE, command.row, command.account_id):
        raise Refusal(Code.NOT_FOUND, resource="suppression")


def opt_out(tx: Tx, account_id: int, number: str, at: int) -> bool:
    """Suppress who asked for it, but for one-time passwords; entries that exist stay as they are.

    Answers whether there is a new one.
    """
    added = 0
    for lane in _OPTED_OUT:
        row = max(first_at(at), (tx.rows(_LAST)[0][0] or 0) + 1)
        added += tx.run(_ADD_IF_NEW, row, account_id, number, lane.value, OPT_OUT, at)
    return added > 0


def opt_in(tx: Tx, account_id: int, number: str) -> bool:
    """Take off what the number itself asked for; answers whether there was anything."""
    return tx.run(_OPT_IN, account_id, number) > 0


def get_suppression(tx: Tx, query: GetSuppression) -> Suppression | None:
    """The entry, if it is this account's."""
    row = tx.row(_ONE, query.account_id, query.row)
    return None if row is None else _entry(row)


def list_suppressions(tx: Tx, query: ListSuppressions) -> list[Suppression]:
    """Newest first."""
    before = _NEWEST if query.before_row is None else query.before_row
    if query.number is None:
        rows = tx.rows(_LIST, query.account_id, before, query.limit)
    else:  # one a purpose at most
        found = tx.rows(_OF_NUMBER, query.account_id, query.number)
        rows = sorted((row for row in found if row[0] < before), reverse=True)[: query.limit]
    return [_entry(row) for row in rows]


def _entry(row: Row) -> Suppression:
    row_id, number, lane, reason, created_at = row
    return Suppression(row_id, number, None if lane == EVERY_PURPOSE else Lane(lane), reason, created_at)


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
