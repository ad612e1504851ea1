"""Verifications, test numbers and the guard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.records.codes import (
    GuardEntry,
    GuardPrefixes,
    GuardPrefixesCount,
    GuardReply,
    TestNumber,
    VerificationRecord,
)
from posthouse_sdk.requests.codes import GuardChanges, GuardEntryRequest, TestNumberRequest
from posthouse_sdk.requests.lists import Pages, VerificationFilter
from posthouse_sdk.requests.messages import CancelRequest


class AsyncVerifications(AsyncResource):
    """What became of the codes."""

    def list(self, **which: Unpack[VerificationFilter]) -> AsyncPager[VerificationRecord]:
        """All verifications, newest first."""
        return self._all(VerificationRecord, "verifications.list", which)

    async def get(self, id: str) -> VerificationRecord:
        """One verification, by its request_id."""
        return await self._ask(VerificationRecord, "verifications.get", id=id)

    async def cancel(self, id: str, **request: Unpack[CancelRequest]) -> VerificationRecord:
        """Make the code worthless."""
        return await self._ask(VerificationRecord, "verifications.cancel", body=request, id=id)


class AsyncTestNumbers(AsyncResource):
    """Numbers with a code one knows, for tests and for the reviewers of an app store."""

    def list(self) -> AsyncPager[TestNumber]:
        """The account's test numbers."""
        return self._all(TestNumber, "test_numbers.list")

    async def create(self, **request: Unpack[TestNumberRequest]) -> TestNumber:
        """Fix the `code` of the number `to`; nothing is sent to it."""
        return await self._ask(TestNumber, "test_numbers.create", body=request)

    async def delete(self, id: str) -> TestNumber:
        """Make it an ordinary number again; answers what it was."""
        return await self._ask(TestNumber, "test_numbers.delete", id=id)


class AsyncGuard(AsyncResource):
    """The guard against pumped traffic."""

    async def get(self) -> GuardReply:
        """Its rules, and how often each spoke."""
        return await self._ask(GuardReply, "guard.get")

    async def update(self, **changes: Unpack[GuardChanges]) -> GuardReply:
        """Change what is named; the rest stays."""
        return await self._ask(GuardReply, "guard.update", body=changes)

    def blocks(self, **which: Unpack[Pages]) -> AsyncPager[GuardEntry]:
        """What is blocked."""
        return self._all(GuardEntry, "guard.blocks", which)

    async def block(self, **request: Unpack[GuardEntryRequest]) -> GuardEntry:
        """Block a `prefix` or an `address`."""
        return await self._ask(GuardEntry, "guard.block", body=request)

    async def unblock(self, id: str) -> GuardEntry:
        """Lift a block; answers what it was."""
        return await self._ask(GuardEntry, "guard.unblock", id=id)

    def safe(self, **which: Unpack[Pages]) -> AsyncPager[GuardEntry]:
        """What is never blocked."""
        return self._all(GuardEntry, "guard.safe", which)

    async def add_safe(self, **request: Unpack[GuardEntryRequest]) -> GuardEntry:
        """Never block a `prefix` or an `address`."""
        return await self._ask(GuardEntry, "guard.add_safe", body=request)

    async def remove_safe(self, id: str) -> GuardEntry:
        """Let it be blocked again; answers what it was."""
        return await self._ask(GuardEntry, "guard.remove_safe", id=id)

    async def prefixes(self) -> GuardPrefixes:
        """The platform's list of prefixes no code goes to. Operators only."""
        return await self._ask(GuardPrefixes, "guard.prefixes")

    async def set_prefixes(self, prefixes: Sequence[str]) -> GuardPrefixesCount:
        """Replace that list. Operators only."""
        return await self._ask(GuardPrefixesCount, "guard.set_prefixes", body={"prefixes": prefixes})
