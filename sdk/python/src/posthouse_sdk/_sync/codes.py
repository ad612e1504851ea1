# @generated from _async/codes.py by sync.py; do not edit.
"""Verifications, test numbers and the guard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from posthouse_sdk._sync.paging import Pager
from posthouse_sdk._sync.resource import Resource
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


class Verifications(Resource):
    """What became of the codes."""

    def list(self, **which: Unpack[VerificationFilter]) -> Pager[VerificationRecord]:
        """All verifications, newest first."""
        return self._all(VerificationRecord, "verifications.list", which)

    def get(self, id: str) -> VerificationRecord:
        """One verification, by its request_id."""
        return self._ask(VerificationRecord, "verifications.get", id=id)

    def cancel(self, id: str, **request: Unpack[CancelRequest]) -> VerificationRecord:
        """Make the code worthless."""
        return self._ask(VerificationRecord, "verifications.cancel", body=request, id=id)


class TestNumbers(Resource):
    """Numbers with a code one knows, for tests and for the reviewers of an app store."""

    def list(self) -> Pager[TestNumber]:
        """The account's test numbers."""
        return self._all(TestNumber, "test_numbers.list")

    def create(self, **request: Unpack[TestNumberRequest]) -> TestNumber:
        """Fix the `code` of the number `to`; nothing is sent to it."""
        return self._ask(TestNumber, "test_numbers.create", body=request)

    def delete(self, id: str) -> TestNumber:
        """Make it an ordinary number again; answers what it was."""
        return self._ask(TestNumber, "test_numbers.delete", id=id)


class Guard(Resource):
    """The guard against pumped traffic."""

    def get(self) -> GuardReply:
        """Its rules, and how often each spoke."""
        return self._ask(GuardReply, "guard.get")

    def update(self, **changes: Unpack[GuardChanges]) -> GuardReply:
        """Change what is named; the rest stays."""
        return self._ask(GuardReply, "guard.update", body=changes)

    def blocks(self, **which: Unpack[Pages]) -> Pager[GuardEntry]:
        """What is blocked."""
        return self._all(GuardEntry, "guard.blocks", which)

    def block(self, **request: Unpack[GuardEntryRequest]) -> GuardEntry:
        """Block a `prefix` or an `address`."""
        return self._ask(GuardEntry, "guard.block", body=request)

    def unblock(self, id: str) -> GuardEntry:
        """Lift a block; answers what it was."""
        return self._ask(GuardEntry, "guard.unblock", id=id)

    def safe(self, **which: Unpack[Pages]) -> Pager[GuardEntry]:
        """What is never blocked."""
        return self._all(GuardEntry, "guard.safe", which)

    def add_safe(self, **request: Unpack[GuardEntryRequest]) -> GuardEntry:
        """Never block a `prefix` or an `address`."""
        return self._ask(GuardEntry, "guard.add_safe", body=request)

    def remove_safe(self, id: str) -> GuardEntry:
        """Let it be blocked again; answers what it was."""
        return self._ask(GuardEntry, "guard.remove_safe", id=id)

    def prefixes(self) -> GuardPrefixes:
        """The platform's list of prefixes no code goes to. Operators only."""
        return self._ask(GuardPrefixes, "guard.prefixes")

    def set_prefixes(self, prefixes: Sequence[str]) -> GuardPrefixesCount:
        """Replace that list. Operators only."""
        return self._ask(GuardPrefixesCount, "guard.set_prefixes", body={"prefixes": prefixes})
