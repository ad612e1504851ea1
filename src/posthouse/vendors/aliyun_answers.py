"""What Alibaba Cloud's Dysms says: answers, receipts, texts from handsets; and what its codes mean."""

from collections.abc import Mapping
from typing import Any

from posthouse.core.ids import MESSAGE
from posthouse.core.ports.vendor import NOTHING_TOLD, Callback, Question, Told, Unreadable
from posthouse.core.verdict import Accepted, Fate, Reason, Receipt, Reply, Unknown, Verdict
from posthouse.vendors.adapter import Response, again_s, refusal, rows_of
from posthouse.vendors.bounds import json_of
from posthouse.vendors.china import carrier_reason, mainland, moment

# What Alibaba itself says no with: at once (help.aliyun.com 101346) or in a receipt (101347). `InternalError`
# of its gateway is left out on purpose: it does not say that nothing was sent.
_CODES: Mapping[Reason, str] = {
    Reason.AUTH: """SignatureDoesNotMatch MissingAccessKeyId isv.ACCOUNT_NOT_EXISTS isv.ACCOUNT_ABNORMAL""",
    Reason.FORBIDDEN: """isp.RAM_PERMISSION_DENY isv.RAM_CHECK_FAILED isv.DENY_IP_RANGE FORBIDDEN_ACTION
        isv.FORBIDDEN_ACTION isv.PRODUCT_UN_SUBSCRIPT isv.PRODUCT_UNSUBSCRIBE isv.SECURITY_FROZEN_ACCOUNT""",
    Reason.BALANCE: """isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE""",
    Reason.QUOTA: """isv.BUSINESS_LIMIT_CONTROL isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL
        MOBILE_SEND_LIMIT""",
    Reason.INVALID_NUMBER: """isv.MOBILE_NUMBER_ILLEGAL isv.DOMESTIC_NUMBER_NOT_SUPPORTED INVALID_NUMBER""",
    Reason.TEMPLATE: """isv.SMS_TEMPLATE_ILLEGAL isv.SMS_SIGNATURE_ILLEGAL isv.SMS_SIGN_ILLEGAL
        isv.SIGN_NAME_ILLEGAL isv.SIGN_STATE_ILLEGAL isv.SMS_SIGNATURE_SCENE_ILLEGAL SIGNATURE_BLACKLIST
        isv.TEMPLATE_MISSING_PARAMETERS isv.TEMPLATE_PARAMS_ILLEGAL isv.INVALID_JSON_PARAM
        isv.PARAM_LENGTH_LIMIT isv.EXTEND_CODE_ERROR""",
    Reason.CONTENT: """isv.SMS_CONTENT_ILLEGAL isv.PARAM_NOT_SUPPORT_URL isv.UNSUPPORTED_CONTENT
        isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE CONTENT_KEYWORD CONTENT_ERROR""",
    # The first once meant a forbidden word and now a blocked number; neither passes by itself.
    Reason.BLOCKED: """isv.BLACK_KEY_CONTROL_LIMIT isv.CUSTOMER_REFUSED MOBILE_IN_BLACK USER_REJECT""",
    Reason.INVALID_REQUEST: """isv.MOBILE_COUNT_OVER_LIMIT isv.INVALID_PARAMETERS PARAMS_ILLEGAL""",
    Reason.UNREACHABLE: """MOBILE_NOT_ON_SERVICE MOBILE_ACCOUNT_ABNORMAL MOBLLE_TERMINAL_ERROR""",
    Reason.UNROUTABLE: """NO_ROUTE""",
    # For the first two the page says: call again.
    Reason.VENDOR_TEMPORARY: """isp.SYSTEM_ERROR isp.GATEWAY_ERROR IS_CLOSE""",
}
_REASONS = {code: reason for reason, codes in _CODES.items() for code in codes.split()}
# How codes begin that are not there: those of the gateway, and `isv.`, any mistake of the caller.
_BEGINNINGS: Mapping[Reason, tuple[str, ...]] = {
    Reason.AUTH: ("InvalidAccessKeyId", "InvalidSecurityToken", "InvalidTimeStamp", "IncompleteSignature"),
    Reason.FORBIDDEN: ("Forbidden", "NoPermission"),
    Reason.RATE_LIMITED: ("Throttling",),
    Reason.INVALID_REQUEST: ("Invalid", "Missing"),
    Reason.UNKNOWN: ("isv.",),
}
_STATUSES = {401: Reason.AUTH, 403: Reason.FORBIDDEN}
# Our nonces are new each time: the request came twice, by some proxy's doing, and the first may be taken.
_CAME_TWICE = "SignatureNonceUsed"
_FATES = {"2": Fate.UNDELIVERED, "3": Fate.DELIVERED}


def answer(response: Response) -> tuple[dict[str, Any], Verdict | None]:
    """What an answer holds, and its refusal if it is one; both forms, `Code` and `code`, have been seen."""
    if response.status == 429:  # noqa: PLR2004 - too many requests
        return {}, refusal(Reason.RATE_LIMITED, "429", after_s=again_s(response))
    said = fields(response.json())
    code, text = word(said, "Code"), str(said.get("Message", ""))
    if code == "OK":
        if response.status != 200:  # noqa: PLR2004 - the only status of a success
            raise Unreadable(f"OK with HTTP {response.status}")
        return said, None
    refused = 400 <= response.status < 500  # noqa: PLR2004 - by the gateway, before it came any further
    reason = (
        _REASONS.get(code)
        or next((reason for reason, begun in _BEGINNINGS.items() if code.startswith(begun)), None)
        or (_STATUSES.get(response.status, Reason.UNKNOWN) if refused else None)
    )
    if reason is None or code == _CAME_TWICE:
        return said, Unknown(f"HTTP {response.status}: {code}"[:300])
    return said, refusal(reason, code, text)


def fields(value: object) -> dict[str, Any]:
    """An object, its names with a capital letter."""
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    return {name[:1].upper() + name[1:]: inner for name, inner in value.items()}


def word(said: Mapping[str, Any], name: str) -> str:
    """A text that must be there."""
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"no {name}")
    return value


def biz_id_of(question: Question) -> str | None:
    """The BizId of an attempt; None too where it was found without one and our key is its reference."""
    return None if question.reference == question.key else question.reference


def matches(question: Question, item: Mapping[str, Any]) -> bool:
    """Whether a record of a number's day is about this attempt."""
    if not question.to.endswith(str(item.get("PhoneNum") or "")):
        return False
    if out_id := item.get("OutId"):
        return out_id in {question.key, question.call}
    # A BizId that was asked for is not in the answer.
    biz_id = biz_id_of(question)
    return biz_id is not None and item.get("BizId", biz_id) == biz_id


def found(question: Question, item: Mapping[str, Any]) -> Told:
    """`SendStatus` is 1 while no receipt came."""
    reference = str(item.get("BizId") or question.reference or question.key)
    status, code = str(item["SendStatus"]), str(item.get("ErrCode") or "")[:100]
    if status not in {"1", *_FATES}:
        return NOTHING_TOLD
    if (fate := _FATES.get(status)) is None:
        return Told(Accepted(reference))
    at, reason = moment(item.get("ReceiveDate")), _reason(fate, code)
    return Told(
        Accepted(reference), Receipt(reference, question.to, fate, reason, code, at, key=question.key)
    )


def news(callback: Callback) -> list[Receipt | Reply | Unreadable]:
    """The items of a push."""
    items = json_of(callback.body)
    if not isinstance(items, list):
        raise Unreadable("not a list of receipts or texts")
    return rows_of(items, _item)


def _item(item: Mapping[str, Any]) -> Receipt | Reply:
    """Receipts have a `biz_id`, texts from handsets a `content`."""
    return _receipt(item) if "biz_id" in item else _reply(item)


def _receipt(item: Mapping[str, Any]) -> Receipt:
    """One item of SmsReport."""
    fate = {True: Fate.DELIVERED, False: Fate.UNDELIVERED}[item["success"]]
    code, out_id = str(item.get("err_code") or "")[:100], item.get("out_id")
    key = out_id if isinstance(out_id, str) and out_id.startswith(MESSAGE) and "." in out_id else None
    # 11 digits that begin with 1 may be Chinese, or North American with their country code: left as they are.
    reason, at = _reason(fate, code), moment(item.get("report_time"))
    return Receipt(word(item, "biz_id"), _digits(item), fate, reason, code, at, key=key)


def _reply(item: Mapping[str, Any]) -> Reply:
    """One item of SmsUp."""
    if not isinstance(item["content"], str):
        raise Unreadable("a content that is no text")
    digits = _digits(item)
    sender = f"+86{digits}" if mainland(f"+86{digits}") else f"+{digits}"
    dest_code = item.get("dest_code")
    to = None if dest_code is None else str(dest_code)
    return Reply(str(item.get("sequence_id", "")), sender, item["content"], moment(item.get("send_time")), to)


def _reason(fate: Fate, code: str) -> Reason | None:
    return None if fate is Fate.DELIVERED else _REASONS.get(code) or carrier_reason(code)


def _digits(item: Mapping[str, Any]) -> str:
    digits = word(item, "phone_number").removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        raise Unreadable("a phone_number that is none")
    return digits
