# @generated from _async/inbox.py by sync.py; do not edit.
"""The inbox."""

from __future__ import annotations

from typing import Unpack

from posthouse_sdk._sync.paging import Pager
from posthouse_sdk._sync.resource import Resource
from posthouse_sdk.records.messages import InboxText
from posthouse_sdk.requests.lists import InboxFilter


class Inbox(Resource):
    """What handsets wrote."""

    def list(self, **which: Unpack[InboxFilter]) -> Pager[InboxText]:
        """All texts, newest first."""
        return self._all(InboxText, "inbox.list", which)

    def get(self, id: str) -> InboxText:
        """One text."""
        return self._ask(InboxText, "inbox.get", id=id)
