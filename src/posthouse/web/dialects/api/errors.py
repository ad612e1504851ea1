"""How `/api` says no: a status of the document's table for every code, and one Chinese sentence."""

from collections.abc import Mapping

from posthouse.core.catalogue import Language, explain
from posthouse.core.errors import Code, Refusal
from posthouse.web.dialects.api.wire import PHONES_MAX

# Our own sentences have full-width punctuation; the document's two stand in `_WHOLE` as it writes them.
_BAD = "请求参数错误："
_SENDING = "发送失败："
_DENIED = "权限不足："
_TOO_OFTEN = "请求频率超限："
_OURS = "服务器内部错误："

ANSWERS: Mapping[Code, tuple[int, str]] = {
    Code.MALFORMED_JSON: (400, _BAD),
    Code.NOT_UTF8: (400, _BAD),
    Code.TOO_DEEP: (400, _BAD),
    Code.BODY_TOO_LARGE: (413, _BAD),
    Code.UNSUPPORTED_MEDIA_TYPE: (400, _BAD),
    Code.INVALID_REQUEST: (400, _BAD),
    Code.MISSING_FIELD: (400, _BAD),
    Code.UNKNOWN_FIELD: (400, _BAD),
    Code.WRONG_TYPE: (400, _BAD),
    Code.INVALID_VALUE: (400, _BAD),
    Code.UNSUPPORTED_FIELD: (400, _BAD),
    Code.CONTENT_MISSING: (400, _BAD),
    Code.CONTENT_CONFLICT: (400, _BAD),
    Code.INVALID_NUMBER: (400, _BAD),
    Code.INVISIBLE_CHARACTERS: (400, _BAD),
    Code.EMPTY_TEXT: (400, _SENDING),
    Code.TEXT_TOO_LONG: (400, _SENDING),
    Code.INVALID_TEXT: (400, _BAD),
    Code.UNKNOWN_VENDOR: (400, ""),
    Code.VENDOR_NOT_CONFIGURED: (400, ""),
    Code.SEND_AT_IN_PAST: (400, _SENDING),
    Code.SEND_AT_TOO_FAR: (400, _SENDING),
    Code.INVALID_TIME: (400, _BAD),
    Code.INVALID_VALIDITY: (400, _BAD),
    Code.INVALID_PURPOSE: (400, _BAD),
    Code.INVALID_SENDER: (400, _SENDING),
    Code.INVALID_SIGNATURE: (400, _SENDING),
    Code.INVALID_METADATA: (400, _BAD),
    Code.INVALID_TEMPLATE: (400, _BAD),
    Code.MISSING_PARAM: (400, _BAD),
    Code.UNKNOWN_PARAM: (400, _BAD),
    Code.INVALID_PARAM: (400, _BAD),
    Code.TEMPLATE_DELETED: (400, _SENDING),
    Code.MARKETING_TEMPLATE: (400, _SENDING),
    Code.UNKNOWN_SIGNATURE: (400, _BAD),
    Code.SENSITIVE_WORD: (400, _SENDING),
    Code.RECIPIENT_SUPPRESSED: (400, _SENDING),
    Code.RECIPIENT_LIMITED: (429, _TOO_OFTEN),
    Code.TOO_MANY: (400, _BAD),
    Code.TEMPLATE_NOT_OTP: (400, _BAD),
    Code.OTP_COOLDOWN: (429, _TOO_OFTEN),
    Code.CHECKS_PAUSED: (429, _TOO_OFTEN),
    Code.COUNTRY_NOT_ALLOWED: (403, _DENIED),
    Code.NUMBER_TYPE_NOT_ALLOWED: (403, _DENIED),
    Code.GUARD_BLOCKED: (403, _DENIED),
    Code.GUARD_LIMITED: (429, _TOO_OFTEN),
    Code.BATCH_EMPTY: (400, _BAD),
    Code.BATCH_TOO_LARGE: (400, _BAD),
    Code.BATCH_REFUSED: (400, _SENDING),
    Code.IDEMPOTENCY_KEY_INVALID: (400, _BAD),
    Code.IDEMPOTENCY_KEY_CONFLICT: (400, _BAD),
    Code.IDEMPOTENCY_KEY_REUSED: (400, _BAD),
    Code.INSUFFICIENT_BALANCE: (400, _SENDING),
    Code.UNAUTHENTICATED: (401, ""),
    Code.FORBIDDEN: (403, _DENIED),
    Code.ACCOUNT_NOT_VERIFIED: (403, f"{_DENIED}未完成实名认证，"),
    Code.LAST_OPERATOR_KEY: (400, _BAD),
    Code.LOCAL_ONLY: (403, _DENIED),
    Code.TRIALS_EXHAUSTED: (403, _DENIED),
    Code.NOT_FOUND: (404, ""),
    Code.METHOD_NOT_ALLOWED: (405, _BAD),
    Code.NOT_CANCELABLE: (400, _BAD),
    Code.NOT_RESCHEDULABLE: (400, _BAD),
    Code.ALREADY_EXISTS: (400, _BAD),
    Code.RATE_LIMITED: (429, _TOO_OFTEN),
    # The document knows no 503: what comes of load or of a disk is ours too, and Retry-After says the rest.
    Code.OVERLOADED: (500, _OURS),
    Code.UNAVAILABLE: (500, _OURS),
    Code.INTERNAL: (500, ""),
}
"""The status of every code, and how its sentence begins."""

_WHOLE: Mapping[Code, str] = {
    Code.INSUFFICIENT_BALANCE: "发送失败:余额不足",
    Code.UNAUTHENTICATED: "认证失败,API Key 或 Secret 无效",
    Code.UNSUPPORTED_MEDIA_TYPE: f"{_BAD}请求体应为未压缩的 JSON，请将 Content-Type 设为 application/json",
    Code.BATCH_EMPTY: f"{_BAD}phones 为空，请至少填写一个手机号",
    Code.BATCH_TOO_LARGE: f"{_BAD}phones 最多 {PHONES_MAX} 个手机号，请分批提交",
    Code.NOT_FOUND: "接口不存在，请核对请求路径",
    Code.INTERNAL: "服务器内部错误，请稍后重试；如仍出错，请将请求编号 {request_id} 告知管理员",
}
"""Sentences that need nothing of the catalogue: the document's own, and ours where its words do not fit."""

_ADVISED = frozenset(
    code
    for code, (_, opening) in ANSWERS.items()
    if opening in (_BAD, _OURS) and code is not Code.INVALID_TIME
)
"""Codes whose advice in the catalogue fits this surface."""


def problem(refusal: Refusal, *, language: Language, request_id: str) -> tuple[int, dict[str, object]]:
    """The status and the document for `refusal`."""
    said = sentence(refusal, language=language, request_id=request_id)
    return ANSWERS[refusal.code][0], {"success": False, "message": said}


def sentence(refusal: Refusal, *, language: Language = "zh", request_id: str = "") -> str:
    """Why not, in one line: what is wrong and where, and what to do where that helps."""
    code = refusal.code
    if code in _WHOLE:
        return _WHOLE[code].replace("{request_id}", request_id)
    said = explain(refusal, language)
    opening = ANSWERS[code][1]
    text = f"{opening}{said.detail}{said.suggested_action}" if code in _ADVISED else f"{opening}{said.detail}"
    return text.removesuffix("。")


def in_our_words(refusal: Refusal, phone: str = "phone") -> Refusal:
    """The refusal by the names that this surface's fields have; `phone` is that of the number."""
    # A vendor is named in the sentence itself.
    names = {"to": phone, "vendor": None, "body": "template_id"}
    param = refusal.param
    return Refusal(refusal.code, param=None if param is None else names.get(param, param), **refusal.facts)
