"""How `/v1` says no."""

import json

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.web.dialects.v1.errors import STATUS, problem


def test_every_code_has_a_status():
    assert set(STATUS) == set(Code)


def test_a_key_used_for_another_request_is_the_only_422():
    assert [code for code, status in STATUS.items() if status == 422] == [Code.IDEMPOTENCY_KEY_REUSED]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (Code.MALFORMED_JSON, 400),
        (Code.CONTENT_CONFLICT, 400),
        (Code.IDEMPOTENCY_KEY_CONFLICT, 400),
        (Code.VENDOR_NOT_CONFIGURED, 400),
        (Code.UNAUTHENTICATED, 401),
        (Code.INSUFFICIENT_BALANCE, 402),
        (Code.ACCOUNT_NOT_VERIFIED, 403),
        (Code.NOT_FOUND, 404),
        (Code.METHOD_NOT_ALLOWED, 405),
        (Code.NOT_CANCELABLE, 409),
        (Code.BODY_TOO_LARGE, 413),
        (Code.UNSUPPORTED_MEDIA_TYPE, 415),
        (Code.RATE_LIMITED, 429),
        (Code.INTERNAL, 500),
        (Code.UNAVAILABLE, 503),
    ],
)
def test_a_refusal_has_the_status_http_clients_expect(code, status):
    found, document = problem(Refusal(code), language="en", request_id="req_1")
    assert found == document["status"] == status


@pytest.mark.parametrize("code", Code)
def test_clients_are_told_to_retry_exactly_where_the_status_says_so(code):
    status, document = problem(Refusal(code), language="en", request_id="req_1")
    assert document["retryable"] is (status == 429 or status >= 500)


def test_the_problem_document_has_every_member():
    refusal = Refusal(Code.UNSUPPORTED_FIELD, param="callback_url")
    assert problem(refusal, language="en", request_id="req_1") == (
        400,
        {
            "type": "/v1/errors/unsupported_field",
            "title": "Field not supported yet",
            "status": 400,
            "detail": "The field 'callback_url' is reserved for a feature this server does not have yet.",
            "code": "unsupported_field",
            "param": "callback_url",
            "suggested_action": "Leave the field out; the rest of the request may stay as it is.",
            "retryable": False,
            "request_id": "req_1",
        },
    )


def test_the_problem_document_speaks_chinese():
    _, document = problem(
        Refusal(Code.VENDOR_NOT_CONFIGURED, vendor="tencent"), language="zh", request_id="req_1"
    )
    assert document["title"] == "服务商未配置通道"
    assert document["detail"] == "服务商 tencent 未配置通道。"
    assert document["param"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", Code)
def test_every_problem_document_is_json(code, language):
    _, document = problem(Refusal(code, param='a"\ud800'), language=language, request_id="req_1")
    json.dumps(document, ensure_ascii=False).encode()
