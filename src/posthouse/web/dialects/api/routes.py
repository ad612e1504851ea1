"""The four calls of `/api`, declared."""

from typing import Any

from posthouse.web.body import Form
from posthouse.web.credentials import ApiKey
from posthouse.web.dialects.api.account import Accounts
from posthouse.web.dialects.api.batch import Batches
from posthouse.web.dialects.api.errors import problem
from posthouse.web.dialects.api.records import Records
from posthouse.web.dialects.api.replies import AccountReply, BatchReply, RecordsReply, SendReply
from posthouse.web.dialects.api.sms import Sms
from posthouse.web.dialects.api.wire import FAULTS, BatchRequest, NoQuery, RecordsQuery, SendRequest
from posthouse.web.endpoint import Route
from posthouse.web.refuse import Surface
from posthouse.web.services import Services

SURFACE = Surface(problem, b"application/json", ApiKey(), language="zh")
"""How `/api` says no."""


def routes(services: Services) -> tuple[Route[Any], ...]:
    """Every call, in the order of the document."""
    return (
        Route(
            method="POST",
            path="/api/sms/send",
            name="api.send",
            summary="发送短信",
            form=Form(SendRequest, faults=FAULTS),
            handle=Sms(services).send,
            reply=SendReply,
            scope="messages:write",
            idempotent=True,
        ),
        Route(
            method="POST",
            path="/api/sms/batch-send",
            name="api.batch",
            summary="批量发送短信",
            form=Form(BatchRequest, faults=FAULTS),
            handle=Batches(services).send,
            reply=BatchReply,
            scope="messages:write",
            idempotent=True,
        ),
        Route(
            method="GET",
            path="/api/sms/records",
            name="api.records",
            summary="查询发送记录",
            form=Form(RecordsQuery, faults=FAULTS),
            handle=Records(services).page,
            reply=RecordsReply,
            scope="messages:read",
        ),
        Route(
            method="GET",
            path="/api/account/info",
            name="api.account",
            summary="查询账户信息",
            form=Form(NoQuery),
            handle=Accounts(services).info,
            reply=AccountReply,
            scope="account:read",
        ),
    )
