"""The calls of `/v1`, declared: all there is to know of each stands here."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.web.body import Form
from posthouse.web.credentials import Bearer
from posthouse.web.dialects.v1 import admin_routes, batch, catalogue, message_routes
from posthouse.web.dialects.v1.account import Accounts
from posthouse.web.dialects.v1.errors import problem
from posthouse.web.dialects.v1.records import AccountReply, BatchReply, SandboxReply, SmsRecord, TraceReply
from posthouse.web.dialects.v1.sms import Sms
from posthouse.web.dialects.v1.wire import (
    FAULTS,
    RESERVED,
    BatchRequest,
    CancelRequest,
    SandboxQuery,
    SendRequest,
)
from posthouse.web.endpoint import Nothing, Route
from posthouse.web.refuse import Surface
from posthouse.web.services import Services

SURFACE = Surface(problem, b"application/problem+json", Bearer())
"""How `/v1` says no."""

_MESSAGE = (
    Code.INVALID_NUMBER,
    Code.INVISIBLE_CHARACTERS,
    Code.CONTENT_MISSING,
    Code.CONTENT_CONFLICT,
    Code.EMPTY_TEXT,
    Code.TEXT_TOO_LONG,
    Code.INVALID_TEXT,
    Code.UNKNOWN_VENDOR,
    Code.VENDOR_NOT_CONFIGURED,
    Code.INVALID_TIME,
    Code.SEND_AT_IN_PAST,
    Code.SEND_AT_TOO_FAR,
    Code.INVALID_VALIDITY,
    Code.INVALID_PURPOSE,
    Code.INVALID_SENDER,
    Code.INVALID_SIGNATURE,
    Code.INVALID_METADATA,
    Code.UNSUPPORTED_FIELD,
    Code.INSUFFICIENT_BALANCE,
    Code.ACCOUNT_NOT_VERIFIED,
)
_BATCH = (*_MESSAGE, Code.BATCH_EMPTY, Code.BATCH_TOO_LARGE, Code.BATCH_REFUSED)
_ID = {"id": "The message's id, as sms_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """Every call, in the order of the reference."""
    sms, batches, accounts = Sms(services), batch.Batches(services), Accounts(services)
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
            refusals=_MESSAGE,
            idempotent=True,
            example={"to": "+15555550123", "body": "Your order has shipped."},
        ),
        Route(
            method="POST",
            path="/v1/sms/batch",
            name="sms.batch",
            summary="Send up to 10,000 messages",
            form=Form(BatchRequest, RESERVED, FAULTS),
            handle=batches.send,
            reply=BatchReply,
            status=202,
            scope="messages:write",
            refusals=_BATCH,
            idempotent=True,
            body_max=batch.BODY_MAX,
            example={
                "to": ["+15555550123", "13800138000"],
                "body": "We open at nine.",
                "on_error": "accept_rest",
            },
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
        *message_routes.routes(services, refusals=_MESSAGE),
        Route(
            method="GET",
            path="/v1/account",
            name="account.get",
            summary="The account behind the key",
            form=Form(Nothing),
            handle=accounts.get,
            reply=AccountReply,
            scope="account:read",
        ),
        *admin_routes.administration(services),
        admin_routes.activation(services),
        Route(
            method="GET",
            path="/v1/sandbox/messages",
            name="sandbox.messages",
            summary="What the simulated handsets got",
            form=Form(SandboxQuery),
            handle=accounts.sandbox_messages,
            reply=SandboxReply,
            scope="sandbox:read",
            refusals=(Code.INVALID_NUMBER, Code.INVISIBLE_CHARACTERS),
        ),
        Route(
            method="GET",
            path="/v1/errors",
            name="errors.list",
            summary="What every code and reason means",
            form=Form(catalogue.CatalogueQuery, faults=catalogue.FAULTS),
            handle=catalogue.every,
            reply=catalogue.CatalogueReply,
            scope=None,
        ),
        Route(
            method="GET",
            path="/v1/errors/{name}",
            name="errors.get",
            summary="What one code or reason means",
            form=Form(catalogue.CatalogueQuery, faults=catalogue.FAULTS),
            handle=catalogue.one,
            reply=catalogue.CatalogueReply,
            scope=None,
            refusals=(Code.NOT_FOUND,),
            path_params={"name": "A code or a reason, as invalid_number."},
        ),
    )
