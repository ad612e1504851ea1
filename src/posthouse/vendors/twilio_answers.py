"""What Twilio's answers and callbacks say, in our words."""

import re
from calendar import timegm
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from posthouse.core.phone import mask
from posthouse.core.ports.vendor import Callback, Unreadable
from posthouse.core.verdict import Fate, Reason, Receipt, Verdict
from posthouse.signing.twilio import FIELDS_MAX
from posthouse.vendors.adapter import Response, again_s, refusal

# Of answers and of receipts alike (Twilio's error dictionary, as of 2023-05).
REASONS: Mapping[int, Reason] = {
    code: reason
    for reason, codes in {
        Reason.AUTH: (20003, 20006, 20008),
        Reason.FORBIDDEN: (20005, 10001, 10002, 90010, 20403, 21408, 21607, 21608, 30002),
        Reason.RATE_LIMITED: (20429, 14107, 21611, 30001, 30022, 63018),
        Reason.QUOTA: (30023, 30027, 63038),
        Reason.INVALID_NUMBER: (21211, 21217, 21401, 21604, 21614, 30005, 30006),
        Reason.INVALID_SENDER: (
            *(21212, 21601, 21603, 21606, 21616, 21701, 21703, 21704, 21705, 21910),
            *(30018, 30024, 30032, 30033, 30034, 30035),
        ),
        Reason.BLOCKED: (21610, 30004, 30450),
        Reason.CONTENT: (30007, 21618, 63013),
        Reason.TEMPLATE: (21654, 21655, 21656),
        Reason.INVALID_REQUEST: (21602, 21619, 21617, 21609, 21620, 21623, 21624, 20422, 20404, 20001),
        Reason.UNROUTABLE: (21612,),
        Reason.UNREACHABLE: (30003, 30017, 30410),
        Reason.UNKNOWN: (30008,),
        Reason.VENDOR_TEMPORARY: (20500, 20503, 30020, 30021),
    }.items()
    for code in codes
}
BY_STATUS = {401: Reason.AUTH, 403: Reason.FORBIDDEN, 404: Reason.INVALID_REQUEST}
INTERNAL = 20500
"""Something broke inside of Twilio, perhaps after the message was taken."""

# All others are on their way: accepted, scheduled, queued, sending, sent.
FATES = dict.fromkeys(("delivered", "read"), Fate.DELIVERED) | dict.fromkeys(
    ("undelivered", "failed", "canceled", "partially_delivered"), Fate.UNDELIVERED
)

OK = 2
"""The class of success."""
BAD, TOO_MANY, BROKEN = 400, 429, 500
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}\Z")


def refused(response: Response, to: str = "") -> Verdict:
    """Why not; Twilio's words without the number.

    Raises:
        Unreadable: the answer leaves open whether the message was taken.
    """
    status, code, text = response.status, None, ""
    with suppress(Unreadable, LookupError, TypeError, AttributeError):
        reply = response.json()
        code, text = reply["code"], str(reply.get("message") or reply.get("title") or "")
    text = text.replace(to, mask(to)) if to else text
    if status == TOO_MANY:
        return refusal(Reason.RATE_LIMITED, str(code or ""), text, after_s=again_s(response))
    if type(code) is not int or status < BAD or code == INTERNAL:
        raise Unreadable(f"HTTP {status} without an error that says whether the message was taken")
    if code not in REASONS and status >= BROKEN:
        raise Unreadable(f"HTTP {status} with the unknown code {code}")
    return refusal(REASONS.get(code) or BY_STATUS.get(status, Reason.UNKNOWN), str(code), text)


def form_of(callback: Callback) -> Mapping[str, str]:
    """What a callback posts; all that is about messages names one."""
    form = dict(parse_qsl(callback.body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX))
    if not form.get("MessageSid"):
        raise Unreadable("no MessageSid")
    return form


def receipt(
    sid: str, to: str, state: str, error: str | int | None, *, at: int = 0, key: str | None = None
) -> Receipt | None:
    """None where the state is not final."""
    if (fate := FATES.get(state)) is None:
        return None
    # With redaction switched on in the account, the number is not there in full.
    recipient = to if re.fullmatch(r"\+[0-9]{5,15}", to) else ""
    if fate is Fate.DELIVERED:
        return Receipt(sid, recipient, fate, code=state, at=at, key=key)
    code = str(error or "")[:100]
    reason = REASONS.get(int(code), Reason.UNKNOWN) if code.isdecimal() else Reason.UNKNOWN
    return Receipt(sid, recipient, fate, reason, code or state, at, key=key)


def sid_of(reply: Any) -> str:  # noqa: ANN401 - whatever came
    """A message's id, in Twilio's form; it gets into addresses."""
    sid = reply["sid"]
    if not isinstance(sid, str) or not SID.match(sid):
        raise Unreadable("no id")
    return sid


def parts(reply: Any) -> int | None:  # noqa: ANN401 - whatever came
    """How many; `0` until a messaging service has chosen its sender."""
    told = str(reply.get("num_segments"))
    return int(told) if re.fullmatch("[1-9][0-9]?", told) else None


def moment(told: object) -> int:
    """RFC 2822 → microseconds UTC; 0 if it is none."""
    try:
        return timegm(parsedate_to_datetime(str(told)).utctimetuple()) * 1_000_000
    except (ValueError, OverflowError):
        return 0
