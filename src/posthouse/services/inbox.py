"""What handsets write to an account: looked up, and what came of it told."""

import structlog

from posthouse.core.errors import Code, Refusal
from posthouse.core.phone import mask
from posthouse.core.ports.inbox import GetInbound, Inbound, InboundText, InboxPage, ListInbox, WantedTexts
from posthouse.core.ports.store import Store
from posthouse.services.browse import by_looks

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Inbox:
    """Texts that came in."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, account_id: int, row: int, *, unclaimed: bool = False) -> InboundText:
        """One text. Refuses with NOT_FOUND, also where it is another account's.

        `unclaimed`: nobody's may be seen too.
        """
        found = await self._store.read(GetInbound(account_id, row, unclaimed))
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="inbound")
        return found

    async def page(self, wanted: WantedTexts, limit: int, before_row: int | None = None) -> InboxPage:
        """Up to `limit` texts, newest first; it may be fewer while there is more to look through."""

        async def look(left: int, before: int | None) -> tuple[list[InboundText], int | None]:
            part = await self._store.read(ListInbox(wanted, left, before))
            return part.texts, part.next_before

        return InboxPage(*await by_looks(look, limit, before_row))


def note(inbound: Inbound, channel: str) -> None:
    """Log what came of texts that are stored; what they say is nobody else's business."""
    for number in inbound.opted_out:
        log.info("opted_out", to=mask(number), channel=channel)
    for number in inbound.opted_in:
        log.info("opted_in", to=mask(number), channel=channel)
    for number in inbound.unheard:
        log.warning("opt_out_unheard", to=mask(number), channel=channel)
