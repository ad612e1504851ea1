"""Give a scheduled message another time."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import State
from posthouse.core.ports.queries import GetMessage
from posthouse.services.schedule import Schedule
from posthouse.services.submission import VALIDITY_MAX_S
from posthouse.web.body import Form
from posthouse.web.dialects.v1.records import SmsRecord, of_record
from posthouse.web.dialects.v1.submission import instant
from posthouse.web.dialects.v1.wire import FAULTS, Key
from posthouse.web.endpoint import Call, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.refuse import not_found
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
        self._schedule = Schedule(services.store, services.clock, services.zone)
        self._submit = services.submit

    async def move(self, call: Call[RescheduleRequest]) -> SmsRecord:
        """Move one message that waits for its time."""
        caller, wanted = call.caller, call.wanted
        mark, message_id = mark_of(call.headers, wanted), read(MESSAGE, call.path["id"])
        if message_id is None:
            raise not_found("message")
        send_at = instant(wanted.send_at, "send_at")
        once = None
        if mark is not None:  # its reply is the message's new times, which only the store knows
            once = self._submit.once(caller, OPERATION, mark.key, mark.about(message_id), b"")
        moved = await self._schedule.move(caller.account, message_id, send_at, wanted.validity_s, once)
        call.replayed = moved.replayed
        message = await self._store.read(GetMessage(caller.account.id, message_id))
        if message is None:
            raise not_found("message")
        # As it stood right after the move, whatever has become of it since.
        message = message._replace(
            state=State.SCHEDULED,
            send_at=moved.send_at,
            expires_at=moved.expires_at,
            updated_at=moved.updated_at,
            vendor=None,
            reason=None,
            attempts=0,
        )
        return of_record(message, caller.account.currency)


_ID = {"id": "The message's id, as sms_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call about schedules."""
    return (
        Route(
            method="PATCH",
            path="/v1/sms/{id}",
            name="sms.reschedule",
            summary="Give a scheduled message another time",
            form=Form(RescheduleRequest, faults=FAULTS),
            handle=Schedules(services).move,
            reply=SmsRecord,
            scope="messages:write",
            refusals=(
                Code.INVALID_TIME,
                Code.SEND_AT_IN_PAST,
                Code.SEND_AT_TOO_FAR,
                Code.INVALID_VALIDITY,
                Code.NOT_FOUND,
                Code.NOT_RESCHEDULABLE,
            ),
            idempotent=True,
            example={"send_at": "2026-12-01T09:30:00+08:00"},
            path_params=_ID,
        ),
    )
