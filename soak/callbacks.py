"""What vendors call us with, in each one's own form: receipts as they are pushed, signed where they are."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from posthouse.signing import stamped, twilio

TOKEN, SECRET = "f0e1d2c3b4a59687" * 2, "a-secret-between-us"
AT = "2026-11-28 16:00:05"


class News(NamedTuple):
    """What became of one message: `key` is ours, echoed by vendors that can."""

    reference: str
    number: str
    delivered: bool = True
    code: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One call: a body, its headers, and what stands behind the `?`."""

    body: bytes
    headers: Mapping[str, str]
    query: str = ""


def tencent(news: Sequence[News], _address: str) -> Pushed:
    """Page 382/43547."""
    return _list(
        [
            {
                "user_receive_time": AT,
                "nationcode": each.number[1:3],
                "mobile": each.number[3:],
                "report_status": "SUCCESS" if each.delivered else "FAIL",
                "errmsg": each.code or ("DELIVRD" if each.delivered else "UNDELIV"),
                "description": "…",
                "sid": each.reference,
            }
            for each in news
        ]
    )


def aliyun(news: Sequence[News], _address: str) -> Pushed:
    """SmsReport."""
    return _list(
        [
            {
                "phone_number": each.number[3:],
                "send_time": AT,
                "report_time": AT,
                "success": each.delivered,
                "err_code": each.code or ("DELIVERED" if each.delivered else "MOBILE_NOT_ON_SERVICE"),
                "err_msg": "…",
                "sms_size": "1",
                "biz_id": each.reference,
                "out_id": each.key,
            }
            for each in news
        ]
    )


def http(news: Sequence[News], _address: str) -> Pushed:
    """The preset `json`, signed."""
    told = [
        {
            "id": each.reference,
            "to": each.number,
            "status": "delivered" if each.delivered else "undelivered",
            "code": each.code,
        }
        for each in news
    ]
    body = json.dumps(told).encode()
    return Pushed(body, {stamped.HEADER: stamped.sign(SECRET, body, at_s=1_764_000_000)})


def of_twilio(news: Sequence[News], address: str, *, token: str = TOKEN) -> Pushed:
    """One message a call; the address is signed too, with our key in it."""
    (each,) = news
    query = urlencode({"key": each.key}) if each.key else ""
    form = {
        "MessageSid": each.reference,
        "SmsSid": each.reference,
        "MessageStatus": "delivered" if each.delivered else "undelivered",
        "To": each.number,
        "From": "+15005550006",
        "ApiVersion": "2010-04-01",
    } | ({} if each.delivered else {"ErrorCode": each.code or "30003"})
    signature = twilio.sign(token, f"{address}?{query}" if query else address, form.items())
    return Pushed(
        urlencode(form).encode(),
        {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"},
        query,
    )


FORMS: Mapping[str, Callable[[Sequence[News], str], Pushed]] = {
    "tencent": tencent,
    "aliyun": aliyun,
    "twilio": of_twilio,
    "http": http,
}
"""By kind; the address is the one that is called."""

ONE_A_CALL = frozenset({"twilio"})


def _list(items: list[dict[str, Any]]) -> Pushed:
    return Pushed(json.dumps(items, ensure_ascii=False).encode(), {"Content-Type": "application/json"})
