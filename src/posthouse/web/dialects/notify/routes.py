"""The four calls of `/notify`, declared."""

from typing import Any

from posthouse.web.body import Form
from posthouse.web.credentials import ApiKeyOrBody
from posthouse.web.dialects.notify.code import Codes
from posthouse.web.dialects.notify.errors import problem
from posthouse.web.dialects.notify.identity import settled
from posthouse.web.dialects.notify.replies import CodeReply, SendReply, StatusReply, TemplateReply
from posthouse.web.dialects.notify.send import Sending
from posthouse.web.dialects.notify.status import Statuses
from posthouse.web.dialects.notify.template import Templates
from posthouse.web.dialects.notify.wire import (
    FAULTS,
    CodeRequest,
    SendRequest,
    StatusRequest,
    TemplateRequest,
)
from posthouse.web.endpoint import Route
from posthouse.web.refuse import Surface
from posthouse.web.services import Services

SURFACE = Surface(problem, b"application/json", ApiKeyOrBody(), language="zh")
"""How `/notify` says no."""


def routes(services: Services) -> tuple[Route[Any], ...]:
    """Every call, in the order of the document."""
    return (
        Route(
            method="POST",
            path="/notify/send",
            name="notify.send",
            summary="短信发送",
            form=Form(SendRequest, faults=FAULTS),
            handle=settled(Sending(services).send),
            reply=SendReply,
            scope="messages:write",
            idempotent=True,
        ),
        Route(
            method="POST",
            path="/notify/code",
            name="notify.code",
            summary="短信验证码生成",
            form=Form(CodeRequest, faults=FAULTS),
            handle=settled(Codes(services).draw),
            reply=CodeReply,
            scope="messages:write",
            idempotent=True,
        ),
        Route(
            method="POST",
            path="/notify/template",
            name="notify.template",
            summary="短信模板",
            form=Form(TemplateRequest),
            handle=settled(Templates().fill),
            reply=TemplateReply,
            scope="templates:read",
        ),
        Route(
            method="POST",
            path="/notify/status",
            name="notify.status",
            summary="短信状态查询",
            form=Form(StatusRequest),
            handle=settled(Statuses(services).get),
            reply=StatusReply,
            scope="messages:read",
        ),
    )
