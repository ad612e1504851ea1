"""The inbox."""

from __future__ import annotations

from typing import Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.records.messages import InboxText
from posthouse_sdk.requests.lists import InboxFilter


class AsyncInbox(AsyncResource):
    """What handsets wrote."""

    def list(self, **which: Unpack[InboxFilter]) -> AsyncPager[InboxText]:
        """All texts, newest first."""
        return self._all(InboxText, "inbox.list", which)

    async def get(self, id: str) -> InboxText:
        """One text."""
        return await self._ask(InboxText, "inbox.get", id=id)
