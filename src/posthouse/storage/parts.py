"""Messages in several parts with a receipt for each: delivered once all of them are."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, select

from posthouse.storage.schema import delivered_parts
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_CAME = Upsert(
    delivered_parts, lambda insert_: insert_.on_conflict_do_nothing(), "message_id", "attempt", "part"
)
_COUNT = Statement(
    select(func.count()).where(
        delivered_parts.c.message_id == bindparam("message"), delivered_parts.c.attempt == bindparam("number")
    ),
    "message",
    "number",
)
_DROP = Statement(
    delete(delivered_parts).where(
        delivered_parts.c.message_id == bindparam("message"), delivered_parts.c.attempt == bindparam("number")
    ),
    "message",
    "number",
)


def part_came(tx: Tx, message_id: int, attempt: int, *, part: int, parts: int) -> tuple[bool, bool]:
    """Note that a part was delivered; answers whether that is news, and whether all are now.

    Once they are, `forget_parts`.
    """
    if not 1 <= part <= parts or not tx.run(_CAME, message_id, attempt, part):
        return False, False
    [(count,)] = tx.rows(_COUNT, message_id, attempt)
    return True, count >= parts


def forget_parts(tx: Tx, numbered: Iterable[Row]) -> None:
    """Forget which parts came of attempts: (message, number of the attempt)."""
    tx.many(_DROP, list(numbered))
