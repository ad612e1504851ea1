"""Send one message, look at it, stop it, trace it."""

from typing import NoReturn

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import State
from posthouse.core.ports.life import Cancel
from posthouse.core.ports.queries import GetMessage, GetTrace, MessageRecord
from posthouse.web.dialects.v1.records import SmsRecord, TraceReply, of_draft, of_record, of_trace
from posthouse.web.dialects.v1.submission import submission
from posthouse.web.dialects.v1.wire import CancelRequest, SendRequest
from posthouse.web.endpoint import Call, Nothing
from posthouse.web.idempotency import mark_of
from posthouse.web.services import Services

SEND, CANCEL = "sms.send", "sms.cancel"
"""The operations' names in the scope of idempotency keys."""


class Sms:
    """The calls about one message."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._store = services.store
        self._clock = services.clock

    async def send(self, call: Call[SendRequest]) -> bytes:
        """Take one message in. The hot path: nothing here awaits but the store."""
        submit, caller, wanted = self._submit, call.caller, call.wanted
        mark = mark_of(call.headers, wanted)
        try:
            message = submit.draft(caller, submission(wanted.to, wanted))
        except Refusal:
            # The same request may have been fine when its key was first used.
            replayed = None if mark is None else await submit.replay(caller, SEND, mark.key, mark.request)
            if replayed is None:
                raise
        else:
            reply = _encoder.encode(of_draft(message, caller.account.currency))
            once = None if mark is None else submit.once(caller, SEND, mark.key, mark.request, reply)
            replayed = await submit.accept(message, once)
            if replayed is None:
                return reply
        call.replayed = True
        return replayed

    async def get(self, call: Call[Nothing]) -> SmsRecord:
        """One message of the caller's own account."""
        return of_record(await self._own(call, _message_id(call)), call.caller.account.currency)

    async def cancel(self, call: Call[CancelRequest]) -> SmsRecord:
        """Stop a message no vendor may have; once canceled it stays so, however often that is asked."""
        mark, message_id = mark_of(call.headers, call.wanted), _message_id(call)
        once = None
        if mark is not None:  # the reply is made anew: what is canceled stays as it is
            request = message_id.to_bytes(8, "big") + mark.request
            once = self._submit.once(call.caller, CANCEL, mark.key, request, b"")
        try:
            call.replayed = await self._store.write(
                Cancel(call.caller.account.id, message_id, self._clock.now(), once)
            )
        except Refusal as refusal:
            if refusal.code is Code.NOT_FOUND:
                _not_found()
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
            _not_found()
        return of_trace(trace, call.caller.account.currency)

    async def _own(self, call: Call[Nothing] | Call[CancelRequest], message_id: int) -> MessageRecord:
        message = await self._store.read(GetMessage(call.caller.account.id, message_id))
        if message is None:
            _not_found()
        return message


_encoder = msgspec.json.Encoder()


def _message_id(call: Call[Nothing] | Call[CancelRequest]) -> int:
    number = read(MESSAGE, call.path["id"])
    if number is None:
        _not_found()
    return number


def _not_found() -> NoReturn:
    raise Refusal(Code.NOT_FOUND, resource="message")
