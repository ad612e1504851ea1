"""Give a scheduled message another time."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, read
from posthouse.core.ports.queries import GetMessage
from posthouse.services.schedule import Schedule
from posthouse.services.submit import VALIDITY_MAX_S
from posthouse.web.dialects.v1.records import of_record
from posthouse.web.dialects.v1.submission import instant
from posthouse.web.dialects.v1.wire import Key
from posthouse.web.endpoint import Call
from posthouse.web.idempotency import mark_of
from posthouse.web.repeat import Repeat
from posthouse.web.services import Services

OPERATION = "sms.reschedule"


class RescheduleRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """When to send it instead."""

    send_at: Annotated[
        str,
        Meta(
            description="The new time, RFC 3339 with a zone, at most 90 days ahead.",
            extra_json_schema={"format": "date-time"},
            examples=["2026-12-01T09:30:00+08:00"],
        ),
    ]
    validity_s: (
        Annotated[
            int,
            Meta(description="How long to try from then; as long as before.", ge=1, le=VALIDITY_MAX_S),
        ]
        | None
    ) = None
    idempotency_key: Key | None = None


class Schedules:
    """The call about schedules."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._schedule = Schedule(services.store, services.clock)
        self._repeat = Repeat(services, OPERATION)

    async def move(self, call: Call[RescheduleRequest]) -> bytes:
        """Move one message that waits for its time."""
        caller, wanted = call.caller, call.wanted
        mark, message_id = mark_of(call.headers, wanted), read(MESSAGE, call.path["id"])
        if message_id is None:
            raise _not_found()
        send_at = instant(wanted.send_at, "send_at")

        async def move() -> bytes:
            await self._schedule.move(caller.account.id, message_id, send_at, wanted.validity_s)
            message = await self._store.read(GetMessage(caller.account.id, message_id))
            if message is None:
                raise _not_found()
            return msgspec.json.encode(of_record(message, caller.account.currency))

        reply, call.replayed = await self._repeat.once(caller, mark, message_id, move)
        return reply


def _not_found() -> Refusal:
    return Refusal(Code.NOT_FOUND, resource="message")
