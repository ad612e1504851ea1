"""Fill a page of a filtered list by several bounded looks."""

from posthouse.core.ports.queries import ListMessages, MessagePage, MessageRecord, Wanted
from posthouse.core.ports.store import Store

LOOKS_MAX = 10


async def page(store: Store, wanted: Wanted, limit: int, before_id: int | None) -> MessagePage:
    """Up to `limit` messages; after ten looks it may be fewer while there is more to look through."""
    found: list[MessageRecord] = []
    for _ in range(LOOKS_MAX):
        part = await store.read(ListMessages(wanted, limit - len(found), before_id))
        found += part.messages
        before_id = part.next_before
        if before_id is None or len(found) >= limit:
            break
    return MessagePage(found, before_id)
