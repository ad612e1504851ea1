"""The calls about messages beyond sending one: estimates, lists, schedules, batches."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.web.body import Fault, Form
from posthouse.web.dialects.v1.batches import (
    BatchesQuery,
    BatchesReply,
    BatchStanding,
    CanceledBatch,
    Standings,
)
from posthouse.web.dialects.v1.estimate import EstimateReply, Estimates
from posthouse.web.dialects.v1.lists import Lists, MessagesQuery, MessagesReply
from posthouse.web.dialects.v1.records import SmsRecord
from posthouse.web.dialects.v1.schedule import RescheduleRequest, Schedules
from posthouse.web.dialects.v1.wire import FAULTS, RESERVED, CancelRequest, SendRequest
from posthouse.web.endpoint import Nothing, Route
from posthouse.web.services import Services

_ID = {"id": "The message's id, as sms_0c7xk3m9p2q4r."}
_BATCH_ID = {"id": "The batch's id, as bat_0c7xk3m9p2q4r."}
_LIST_FAULTS: dict[str, Fault] = {"purpose": FAULTS["purpose"]}


def routes(services: Services, *, refusals: tuple[Code, ...]) -> tuple[Route[Any], ...]:
    """The declarations; `refusals` are what a message can be refused for."""
    lists, batches = Lists(services), Standings(services)
    return (
        Route(
            method="POST",
            path="/v1/sms/estimate",
            name="sms.estimate",
            summary="What a message would cost and which way it would go, without sending it",
            form=Form(SendRequest, RESERVED, FAULTS),
            handle=Estimates(services).estimate,
            reply=EstimateReply,
            scope="messages:write",
            refusals=(
                *(code for code in refusals if code is not Code.INSUFFICIENT_BALANCE),
                Code.IDEMPOTENCY_KEY_INVALID,
                Code.IDEMPOTENCY_KEY_CONFLICT,
            ),
            example={"to": "+15555550123", "body": "We\u2019re open from nine."},
        ),
        Route(
            method="GET",
            path="/v1/sms",
            name="sms.list",
            summary="Messages, newest first",
            form=Form(MessagesQuery, faults=_LIST_FAULTS),
            handle=lists.messages,
            reply=MessagesReply,
            scope="messages:read",
            refusals=(
                Code.INVALID_NUMBER,
                Code.INVISIBLE_CHARACTERS,
                Code.INVALID_TIME,
                Code.INVALID_PURPOSE,
            ),
        ),
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
        Route(
            method="GET",
            path="/v1/batches",
            name="batches.list",
            summary="Batches, newest first",
            form=Form(BatchesQuery),
            handle=batches.every,
            reply=BatchesReply,
            scope="messages:read",
        ),
        Route(
            method="GET",
            path="/v1/batches/{id}",
            name="batches.get",
            summary="What has become of a batch",
            form=Form(Nothing),
            handle=batches.get,
            reply=BatchStanding,
            scope="messages:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_BATCH_ID,
        ),
        Route(
            method="POST",
            path="/v1/batches/{id}/cancel",
            name="batches.cancel",
            summary="Stop every message of a batch that no vendor has yet",
            form=Form(CancelRequest),
            handle=batches.cancel,
            reply=CanceledBatch,
            scope="messages:write",
            refusals=(Code.NOT_FOUND,),
            idempotent=True,
            bodiless=True,
            path_params=_BATCH_ID,
        ),
    )
