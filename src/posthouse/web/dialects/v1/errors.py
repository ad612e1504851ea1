"""How `/v1` says no: an HTTP status for every code, and the RFC 9457 problem document."""

from collections.abc import Mapping

from posthouse.core.catalogue import Language, explain
from posthouse.core.errors import Code, Refusal

STATUS: Mapping[Code, int] = {
    Code.MALFORMED_JSON: 400,
    Code.NOT_UTF8: 400,
    Code.TOO_DEEP: 400,
    Code.BODY_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.INVALID_REQUEST: 400,
    Code.MISSING_FIELD: 400,
    Code.UNKNOWN_FIELD: 400,
    Code.WRONG_TYPE: 400,
    Code.INVALID_VALUE: 400,
    Code.UNSUPPORTED_FIELD: 400,
    Code.CONTENT_MISSING: 400,
    Code.CONTENT_CONFLICT: 400,
    Code.INVALID_NUMBER: 400,
    Code.INVISIBLE_CHARACTERS: 400,
    Code.EMPTY_TEXT: 400,
    Code.TEXT_TOO_LONG: 400,
    Code.INVALID_TEXT: 400,
    Code.UNKNOWN_VENDOR: 400,
    Code.VENDOR_NOT_CONFIGURED: 400,
    Code.SEND_AT_IN_PAST: 400,
    Code.SEND_AT_TOO_FAR: 400,
    Code.INVALID_TIME: 400,
    Code.INVALID_VALIDITY: 400,
    Code.INVALID_PURPOSE: 400,
    Code.INVALID_SENDER: 400,
    Code.INVALID_SIGNATURE: 400,
    Code.INVALID_METADATA: 400,
    Code.INVALID_TEMPLATE: 400,
    Code.MISSING_PARAM: 400,
    Code.UNKNOWN_PARAM: 400,
    Code.INVALID_PARAM: 400,
    Code.TEMPLATE_DELETED: 400,
    Code.MARKETING_TEMPLATE: 400,
    Code.UNKNOWN_SIGNATURE: 400,
    Code.SENSITIVE_WORD: 400,
    Code.RECIPIENT_SUPPRESSED: 400,
    Code.RECIPIENT_LIMITED: 429,
    Code.TOO_MANY: 409,
    Code.TEMPLATE_NOT_OTP: 400,
    Code.OTP_COOLDOWN: 429,
    Code.CHECKS_PAUSED: 429,
    Code.COUNTRY_NOT_ALLOWED: 403,
    Code.NUMBER_TYPE_NOT_ALLOWED: 403,
    Code.GUARD_BLOCKED: 403,
    Code.GUARD_LIMITED: 429,
    Code.BATCH_EMPTY: 400,
    Code.BATCH_TOO_LARGE: 400,
    Code.BATCH_REFUSED: 400,
    Code.IDEMPOTENCY_KEY_INVALID: 400,
    Code.IDEMPOTENCY_KEY_CONFLICT: 400,
    Code.IDEMPOTENCY_KEY_REUSED: 422,
    Code.INSUFFICIENT_BALANCE: 402,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.ACCOUNT_NOT_VERIFIED: 403,
    Code.LAST_OPERATOR_KEY: 409,
    Code.LOCAL_ONLY: 403,
    Code.TRIALS_EXHAUSTED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.NOT_CANCELABLE: 409,
    Code.NOT_RESCHEDULABLE: 409,
    Code.ALREADY_EXISTS: 409,
    Code.RATE_LIMITED: 429,
    Code.OVERLOADED: 503,
    Code.UNAVAILABLE: 503,
    Code.INTERNAL: 500,
}
"""The HTTP status of every code."""


TOLD = ("retry_after_s", "rule")
"""Facts that are members of the document too, for programs."""


def problem(refusal: Refusal, *, language: Language, request_id: str) -> tuple[int, dict[str, object]]:
    """The status and the problem document (RFC 9457) for `refusal`.

    `type` is a relative reference, so that it leads to the code's entry on the very server that answered.
    """
    said = explain(refusal, language)
    status = STATUS[refusal.code]
    return status, {
        "type": f"/v1/errors/{said.code.value}",
        "title": said.title,
        "status": status,
        "detail": said.detail,
        "code": said.code.value,
        "param": said.param,
        "suggested_action": said.suggested_action,
        "retryable": said.retryable,
        "request_id": request_id,
        **{name: refusal.facts[name] for name in TOLD if name in refusal.facts},
    }
