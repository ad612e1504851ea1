# @generated from _async/batches.py by sync.py; do not edit.
"""Batches, and what the simulated handsets show."""

from __future__ import annotations

from typing import Unpack

from posthouse_sdk._sync.paging import Pager
from posthouse_sdk._sync.resource import Resource
from posthouse_sdk.records.batches import BatchStanding, CanceledBatch, MovedBatch
from posthouse_sdk.records.messages import SandboxReply
from posthouse_sdk.requests.lists import BatchFilter
from posthouse_sdk.requests.messages import CancelRequest, MoveRequest


class Batches(Resource):
    """Many messages as one."""

    def list(self, **which: Unpack[BatchFilter]) -> Pager[BatchStanding]:
        """All batches, newest first."""
        return self._all(BatchStanding, "batches.list", which)

    def get(self, id: str) -> BatchStanding:
        """A batch, and what has become of its messages."""
        return self._ask(BatchStanding, "batches.get", id=id)

    def reschedule(self, id: str, **request: Unpack[MoveRequest]) -> MovedBatch:
        """Give what still waits for its time another one, `send_at`."""
        return self._ask(MovedBatch, "batches.reschedule", body=request, id=id)

    def cancel(self, id: str, **request: Unpack[CancelRequest]) -> CanceledBatch:
        """Stop what no vendor has yet."""
        return self._ask(CanceledBatch, "batches.cancel", body=request, id=id)


class Sandbox(Resource):
    """The simulator."""

    def messages(self, *, to: str | None = None, limit: int | None = None) -> SandboxReply:
        """What the simulated handsets got of the account's messages, newest first; codes can be read here."""
        return self._ask(SandboxReply, "sandbox.messages", query={"to": to, "limit": limit})
