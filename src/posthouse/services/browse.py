"""Fill a page of a filtered list by several bounded looks."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from posthouse.core.ports.queries import ListMessages, MessagePage, MessageRecord, Wanted
from posthouse.core.ports.store import Store

LOOKS_MAX = 10


R = TypeVar("R")


async def page(store: Store, wanted: Wanted, limit: int, before_id: int | None) -> MessagePage:
    """Up to `limit` messages; after ten looks it may be fewer while there is more to look through."""

    async def look(left: int, before: int | None) -> tuple[list[MessageRecord], int | None]:
        part = await store.read(ListMessages(wanted, left, before))
        return part.messages, part.next_before

    return MessagePage(*await by_looks(look, limit, before_id))


async def by_looks(
    look: Callable[[int, int | None], Awaitable[tuple[list[R], int | None]]],
    limit: int,
    before_id: int | None,
) -> tuple[list[R], int | None]:
    """What some looks find, and where the list goes on; each is told how many are wanted, below which id."""
    found: list[R] = []
    for _ in range(LOOKS_MAX):
        records, before_id = await look(limit - len(found), before_id)
        found += records
        if before_id is None or len(found) >= limit:
            break
    return found, before_id
