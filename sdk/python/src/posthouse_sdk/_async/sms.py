"""Messages and one-time passwords."""

from __future__ import annotations

import time
from typing import Literal, Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.errors import StillOpen
from posthouse_sdk.records.batches import BatchReply
from posthouse_sdk.records.codes import OtpReply, VerifyReply
from posthouse_sdk.records.messages import EstimateReply, SmsRecord, TraceReply
from posthouse_sdk.requests.codes import OtpRequest, VerifyRequest
from posthouse_sdk.requests.lists import MessageFilter
from posthouse_sdk.requests.messages import BatchRequest, CancelRequest, RescheduleRequest, SendRequest
from posthouse_sdk.sleeping import asleep
from posthouse_sdk.waiting import REACHED, pauses


class AsyncSms(AsyncResource):
    """Messages, from sending one to knowing its fate; one-time passwords."""

    async def send(self, **request: Unpack[SendRequest]) -> SmsRecord:
        """Send one message: `to`, and `body` or `template_id`; answers once it is durable."""
        return await self._ask(SmsRecord, "sms.send", body=request)

    async def send_batch(self, **request: Unpack[BatchRequest]) -> BatchReply:
        """Send up to 10,000 messages: one content `to` many, or `messages` with their own."""
        return await self._ask(BatchReply, "sms.batch", body=request)

    async def otp(self, **request: Unpack[OtpRequest]) -> OtpReply:
        """Send a one-time password `to` a number; asked again within its life, the same code goes again."""
        return await self._ask(OtpReply, "sms.otp", body=request)

    async def verify(self, **request: Unpack[VerifyRequest]) -> VerifyReply:
        """Check the `code` that whoever has the number `to` typed; `valid` is the answer."""
        return await self._ask(VerifyReply, "sms.verify", body=request)

    async def status(self, id: str) -> SmsRecord:
        """The message as it stands now."""
        return await self._ask(SmsRecord, "sms.get", id=id)

    async def get(self, id: str) -> SmsRecord:
        """The same as `status`."""
        return await self.status(id)

    def list(self, **which: Unpack[MessageFilter]) -> AsyncPager[SmsRecord]:
        """All messages, newest first, page after page."""
        return self._all(SmsRecord, "sms.list", which)

    async def trace(self, id: str) -> TraceReply:
        """Everything that ever happened to the message."""
        return await self._ask(TraceReply, "sms.trace", id=id)

    async def cancel(self, id: str, **request: Unpack[CancelRequest]) -> SmsRecord:
        """Stop the message before it goes; raises `Conflict` when it is too late."""
        return await self._ask(SmsRecord, "sms.cancel", body=request, id=id)

    async def reschedule(self, id: str, **request: Unpack[RescheduleRequest]) -> SmsRecord:
        """Send the message at another time, `send_at`."""
        return await self._ask(SmsRecord, "sms.reschedule", body=request, id=id)

    async def estimate(self, **request: Unpack[SendRequest]) -> EstimateReply:
        """What the message would be in parts, price and route; nothing is sent."""
        return await self._ask(EstimateReply, "sms.estimate", body=request)

    async def wait(
        self, id: str, *, until: Literal["final", "sent"] = "final", timeout_s: float = 60.0
    ) -> SmsRecord:
        """The message once its fate is known, or a vendor has it (`sent`); `StillOpen` after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        looks = pauses()
        while (record := await self.status(id))["state"] not in REACHED[until]:
            left = deadline - time.monotonic()
            if left <= 0:
                raise StillOpen(record, timeout_s=timeout_s)
            await asleep(min(next(looks), left))
        return record
