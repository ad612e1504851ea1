"""What the handsets of an account's sandbox got."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.core.ids import MESSAGE, show
from posthouse.core.times import rfc3339
from posthouse.web.body import Form
from posthouse.web.dialects.v1.records import SandboxMessage, SandboxReply
from posthouse.web.dialects.v1.submission import number
from posthouse.web.dialects.v1.wire import SandboxQuery
from posthouse.web.endpoint import Call, Route
from posthouse.web.services import Services


class Sandbox:
    """The call about the simulator."""

    def __init__(self, services: Services) -> None:
        self._handsets = services.handsets

    async def messages(self, call: Call[SandboxQuery]) -> SandboxReply:
        """What the simulated handsets got of the account's own messages."""
        account, to = call.caller.account, call.wanted.to
        asked = None if to is None else number(to, account.region)
        received = await self._handsets.received(account.id, asked, call.wanted.limit)
        return SandboxReply(
            [
                SandboxMessage(
                    show(MESSAGE, message.message_id),
                    message.to,
                    message.sender,
                    message.text,
                    rfc3339(message.received_at),
                )
                for message in received
            ]
        )


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call about the simulator."""
    return (
        Route(
            method="GET",
            path="/v1/sandbox/messages",
            name="sandbox.messages",
            summary="What the simulated handsets got",
            form=Form(SandboxQuery),
            handle=Sandbox(services).messages,
            reply=SandboxReply,
            scope="sandbox:read",
            refusals=(Code.INVALID_NUMBER, Code.INVISIBLE_CHARACTERS),
        ),
    )
