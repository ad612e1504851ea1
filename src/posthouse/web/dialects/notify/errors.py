"""How `/notify` says no: a status for every code, and one Chinese sentence in the document's shape."""

from collections.abc import Mapping

from posthouse.core.catalogue import Language, explain
from posthouse.core.errors import Code, Refusal
from posthouse.web.dialects.notify.wire import NUMBERS_MAX, TIME_FORM

OURS = "短信发送失败,请稍后再试"
"""The document's own words, with its half-width comma; all other sentences have full-width punctuation."""

ANSWERS: Mapping[Code, int] = {
    Code.MALFORMED_JSON: 400,
    Code.NOT_UTF8: 400,
    Code.TOO_DEEP: 400,
    Code.BODY_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 400,
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
    Code.TOO_MANY: 400,
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
    Code.IDEMPOTENCY_KEY_REUSED: 400,
    Code.INSUFFICIENT_BALANCE: 400,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.ACCOUNT_NOT_VERIFIED: 403,
    Code.LAST_OPERATOR_KEY: 400,
    Code.LOCAL_ONLY: 403,
    Code.TRIALS_EXHAUSTED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.NOT_CANCELABLE: 400,
    Code.NOT_RESCHEDULABLE: 400,
    Code.ALREADY_EXISTS: 400,
    Code.RATE_LIMITED: 429,
    Code.OVERLOADED: 503,
    Code.UNAVAILABLE: 503,
    Code.INTERNAL: 500,
}
"""The status of every code."""

_WHOLE: Mapping[Code, str] = {
    Code.UNAUTHENTICATED: (
        "身份验证失败，请在请求体中填写正确的 AppID 和 AppKey，或使用请求头 X-API-Key 和 X-API-Secret"
    ),
    Code.UNSUPPORTED_MEDIA_TYPE: "请求体应为未压缩的 JSON，请将 Content-Type 设为 application/json",
    Code.BATCH_EMPTY: "PhoneNumberSet 为空，请至少填写一个手机号码",
    Code.BATCH_TOO_LARGE: f"PhoneNumberSet 最多支持 {NUMBERS_MAX} 个手机号码，请分批提交",
    Code.BATCH_REFUSED: "部分手机号码无法受理，因此一条都没有发送，请更正后重新提交",
    Code.OVERLOADED: OURS,
    Code.UNAVAILABLE: OURS,
    Code.INTERNAL: OURS,
}
"""Sentences that need nothing of the catalogue."""

_EXTEND = "应为 1 到 20 位字母或数字"
_FIELDS: Mapping[str, str] = {"SmsUpExtendCode": _EXTEND, "SmsSdkExtendCode": _EXTEND}
"""What the values of fields must be that only this surface has."""

_UNADVISED = frozenset({Code.INVALID_TIME})
"""Codes whose advice in the catalogue is about other surfaces."""


def problem(refusal: Refusal, *, language: Language, request_id: str) -> tuple[int, dict[str, object]]:
    """The status and the document for `refusal`."""
    return ANSWERS[refusal.code], {"result": "error", "desc": sentence(refusal, language=language)}


def sentence(refusal: Refusal, *, language: Language = "zh") -> str:
    """Why not, in one line: what is wrong and where, and what to do where that helps."""
    code, param, facts = refusal.code, refusal.param, refusal.facts
    if code in _WHOLE:
        return _WHOLE[code]
    if code is Code.NOT_FOUND and "resource" not in facts:
        return "接口不存在，请核对请求路径"
    if code is Code.INVALID_VALUE and "other" in facts:
        return f"字段 {facts['other']} 与 {param} 的取值不一致，请只填写其中一个，或让两者保持一致"
    if code is Code.INVALID_VALUE and "twin" in facts:
        return f"字段 {param} 与前面的变量重名，每个变量只能填写一次"
    if code is Code.INVALID_VALUE and param is not None and param in _FIELDS:
        return f"字段 {param} {_FIELDS[param]}"
    said = explain(refusal, language)
    text = said.detail if code in _UNADVISED else f"{said.detail}{said.suggested_action}"
    if code is Code.INVALID_TIME:
        text += f"请填写真实存在的日期和时间，例如 20261201080000（{TIME_FORM}）。"
    return text.removesuffix("。")
