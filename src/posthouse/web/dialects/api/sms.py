"""Send one message."""

import msgspec

from posthouse.core.errors import Refusal
from posthouse.core.ports.life import NewMessage
from posthouse.services.directory import Caller
from posthouse.web.dialects.api import replies
from posthouse.web.dialects.api.errors import in_our_words
from posthouse.web.dialects.api.submission import submission
from posthouse.web.dialects.api.wire import SendRequest
from posthouse.web.endpoint import Call
from posthouse.web.intake import Intake
from posthouse.web.services import Services

OPERATION = "api.send"


class Sms:
    """The call about one message."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._intake = Intake(services.submit, OPERATION)

    async def send(self, call: Call[SendRequest]) -> bytes:
        """Take one message in."""
        return await self._intake.one(call, lambda: self._draft(call.caller, call.wanted), _reply)

    def _draft(self, caller: Caller, wanted: SendRequest) -> NewMessage:
        try:
            return self._submit.draft(caller, submission(wanted.phone, wanted))
        except Refusal as refusal:
            raise in_our_words(refusal) from None


def _reply(message: NewMessage) -> bytes:
    return _encoder.encode(replies.sent(message))


_encoder = msgspec.json.Encoder()
