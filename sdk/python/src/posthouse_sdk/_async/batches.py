"""Batches, and what the simulated handsets show."""

from __future__ import annotations

from typing import Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.records.batches import BatchStanding, CanceledBatch, MovedBatch
from posthouse_sdk.records.messages import SandboxReply
from posthouse_sdk.requests.lists import BatchFilter
from posthouse_sdk.requests.messages import CancelRequest, MoveRequest


class AsyncBatches(AsyncResource):
    """Many messages as one."""

    def list(self, **which: Unpack[BatchFilter]) -> AsyncPager[BatchStanding]:
        """All batches, newest first."""
        return self._all(BatchStanding, "batches.list", which)

    async def get(self, id: str) -> BatchStanding:
        """A batch, and what has become of its messages."""
        return await self._ask(BatchStanding, "batches.get", id=id)

    async def reschedule(self, id: str, **request: Unpack[MoveRequest]) -> MovedBatch:
        """Give what still waits for its time another one, `send_at`."""
        return await self._ask(MovedBatch, "batches.reschedule", body=request, id=id)

    async def cancel(self, id: str, **request: Unpack[CancelRequest]) -> CanceledBatch:
        """Stop what no vendor has yet."""
        return await self._ask(CanceledBatch, "batches.cancel", body=request, id=id)


class AsyncSandbox(AsyncResource):
    """The simulator."""

    async def messages(self, *, to: str | None = None, limit: int | None = None) -> SandboxReply:
        """What the simulated handsets got of the account's messages, newest first; codes can be read here."""
        return await self._ask(SandboxReply, "sandbox.messages", query={"to": to, "limit": limit})
