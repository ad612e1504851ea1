"""Send one message, look at it, stop it, trace it."""

from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import State
from posthouse.core.ports.admin import Role
from posthouse.core.ports.life import Cancel
from posthouse.core.ports.queries import GetMessage, GetTrace, MessageRecord
from posthouse.web.body import Form
from posthouse.web.dialects.v1.records import SmsRecord, TraceReply, of_draft, of_record, of_trace
from posthouse.web.dialects.v1.submission import REFUSALS, submission
from posthouse.web.dialects.v1.wire import FAULTS, RESERVED, CancelRequest, SendRequest
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.intake import Intake
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

SEND, CANCEL = "sms.send", "sms.cancel"
"""The operations' names in the scope of idempotency keys."""


class Sms:
    """The calls about one message."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._intake = Intake(services.submit, SEND)
        self._store = services.store
        self._clock = services.clock

    async def send(self, call: Call[SendRequest]) -> bytes:
        """Take one message in."""
        caller, wanted = call.caller, call.wanted
        return await self._intake.one(
            call,
            lambda: self._submit.draft(caller, submission(wanted.to, wanted)),
            lambda message: _encoder.encode(of_draft(message, caller.account.currency)),
        )

    async def get(self, call: Call[Nothing]) -> SmsRecord:
        """One message of the caller's own account."""
        return of_record(await self._own(call, _message_id(call)), call.caller.account.currency)

    async def cancel(self, call: Call[CancelRequest]) -> SmsRecord:
        """Stop a message no vendor may have; once canceled it stays so, however often that is asked."""
        mark, message_id = mark_of(call.headers, call.wanted), _message_id(call)
        once = None
        if mark is not None:  # the reply is made anew: what is canceled stays as it is
            once = self._submit.once(call.caller, CANCEL, mark.key, mark.about(message_id), b"")
        try:
            call.replayed = await self._store.write(
                Cancel(call.caller.account.id, message_id, self._clock.now(), once)
            )
        except Refusal as refusal:
            if refusal.code is not Code.NOT_CANCELABLE:
                raise
            message = await self._own(call, message_id)
            if message.state != State.CANCELED:
                raise
        else:
            message = await self._own(call, message_id)
        return of_record(message, call.caller.account.currency)

    async def trace(self, call: Call[Nothing]) -> TraceReply:
        """Everything that happened to one message of the caller's own account."""
        trace = await self._store.read(GetTrace(call.caller.account.id, _message_id(call)))
        if trace is None:
            raise not_found("message")
        whole = call.caller.role is Role.OPERATOR
        return of_trace(trace, call.caller.account.currency, whole=whole)

    async def _own(self, call: Call[Nothing] | Call[CancelRequest], message_id: int) -> MessageRecord:
        message = await self._store.read(GetMessage(call.caller.account.id, message_id))
        if message is None:
            raise not_found("message")
        return message


_encoder = msgspec.json.Encoder()


def _message_id(call: Call[Nothing] | Call[CancelRequest]) -> int:
    number = read(MESSAGE, call.path["id"])
    if number is None:
        raise not_found("message")
    return number


_ID = {"id": "The message's id, as sms_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about one message."""
    sms = Sms(services)
    return (
        Route(
            method="POST",
            path="/v1/sms/send",
            name="sms.send",
            summary="Send one message",
            form=Form(SendRequest, RESERVED, FAULTS),
            handle=sms.send,
            reply=SmsRecord,
            status=202,
            scope="messages:write",
            refusals=REFUSALS,
            idempotent=True,
            example={"to": "+15555550123", "body": "Your order has shipped."},
        ),
        Route(
            method="GET",
            path="/v1/sms/{id}",
            name="sms.get",
            summary="Look a message up",
            form=Form(Nothing),
            handle=sms.get,
            reply=SmsRecord,
            scope="messages:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
        Route(
            method="POST",
            path="/v1/sms/{id}/cancel",
            name="sms.cancel",
            summary="Stop a message that no vendor has yet",
            form=Form(CancelRequest),
            handle=sms.cancel,
            reply=SmsRecord,
            scope="messages:write",
            refusals=(Code.NOT_FOUND, Code.NOT_CANCELABLE),
            idempotent=True,
            bodiless=True,
            path_params=_ID,
        ),
        Route(
            method="GET",
            path="/v1/sms/{id}/trace",
            name="sms.trace",
            summary="Everything that happened to a message",
            form=Form(Nothing),
            handle=sms.trace,
            reply=TraceReply,
            scope="messages:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
    )
