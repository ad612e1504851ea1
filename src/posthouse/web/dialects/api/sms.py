"""Send one message."""

import msgspec

from posthouse.core.errors import Refusal
from posthouse.web.dialects.api import replies
from posthouse.web.dialects.api.errors import in_our_words
from posthouse.web.dialects.api.submission import submission
from posthouse.web.dialects.api.wire import SendRequest
from posthouse.web.endpoint import Call
from posthouse.web.idempotency import mark_of
from posthouse.web.services import Services

OPERATION = "api.send"


class Sms:
    """The call about one message."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit

    async def send(self, call: Call[SendRequest]) -> bytes:
        """Take one message in."""
        submit, caller, wanted, name = self._submit, call.caller, call.wanted, OPERATION
        mark = mark_of(call.headers, wanted)
        try:
            message = submit.draft(caller, submission(wanted.phone, wanted))
        except Refusal as refusal:
            # The same request may have been fine when its key was first used.
            replayed = None if mark is None else await submit.replay(caller, name, mark.key, mark.request)
            if replayed is None:
                raise in_our_words(refusal) from None
        else:
            reply = _encoder.encode(replies.sent(message))
            once = None if mark is None else submit.once(caller, name, mark.key, mark.request, reply)
            replayed = await submit.accept(message, once)
            if replayed is None:
                return reply
        call.replayed = True
        return replayed


_encoder = msgspec.json.Encoder()
