"""From a request's fields to the core's `Submission`, with the checks that no declaration can express."""

import re
from datetime import datetime

import msgspec

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.text import Culprit, check_signature
from posthouse.core.times import micros
from posthouse.services.submission import Submission
from posthouse.web.body import check_sendable
from posthouse.web.dialects.v1.wire import FAULTS, Content

REFUSALS = (
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
    Code.TEMPLATE_DELETED,
    Code.MARKETING_TEMPLATE,
    Code.MISSING_PARAM,
    Code.UNKNOWN_PARAM,
    Code.INVALID_PARAM,
    Code.SENSITIVE_WORD,
    Code.RECIPIENT_SUPPRESSED,
    Code.RECIPIENT_LIMITED,
    Code.INSUFFICIENT_BALANCE,
    Code.ACCOUNT_NOT_VERIFIED,
)
"""What a message can be refused for."""

LANES = {lane.label: lane for lane in Lane}


def submission(to: str, wanted: Content, where: str = "") -> Submission:
    """What the core is asked for; `where` is the path in front of the names of `wanted`'s fields."""
    purpose, send_at, params, metadata = wanted.purpose, wanted.send_at, wanted.params, wanted.metadata
    sender, signature, reference = wanted.from_, wanted.signature, wanted.reference
    check_origin(sender, signature, where)
    for name, label in (("reference", reference), ("template_id", wanted.template_id)):
        if label is not None and not label.isprintable():
            raise Refusal(Code.INVALID_VALUE, param=where + name)
    if params is not None and wanted.template_id is None and wanted.body is not None:
        # Left alone, a text's {name} would go out as it stands.
        raise Refusal(
            Code.CONTENT_CONFLICT, param=f"{where}params", text_field="body", template_field="params"
        )
    return Submission(
        to,
        wanted.body,
        wanted.template_id,
        None if params is None else texts_of(params, f"{where}params"),
        sender,
        signature,
        None if send_at is None else instant(send_at, f"{where}send_at"),
        wanted.validity_s,
        None if purpose is None else LANES[purpose],
        reference,
        None if metadata is None else _metadata(metadata, f"{where}metadata"),
        wanted.vendor,
    )


def check_origin(sender: str | None, signature: str | None, where: str = "") -> None:
    """Refuse a sender or a signature that no message can show."""
    if sender is not None and not (sender.isprintable() and sender.strip()):
        code, facts = FAULTS["from"]
        raise Refusal(code, param=f"{where}from", **facts)
    if signature is not None:
        check_signature(signature, f"{where}signature")


def instant(text: str, param: str) -> int:
    """Microseconds since 1970 from an RFC 3339 time with its zone; refuses any other."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise _not_a_time(param)
    date, clock, fraction, zone = found.groups()
    try:
        when = datetime.fromisoformat(f"{date}T{clock}{'+00:00' if zone in 'Zz' else zone}")
    except ValueError:
        raise _not_a_time(param) from None
    return micros(when) + int(f"{fraction or '':0<6.6}")


def number(to: str, region: str, param: str = "to") -> str:
    """The E.164 form of a number given in a query."""
    if to.startswith(" "):
        to = f"+{to[1:]}"  # a bare plus in a query string means a space
    return phone.read_field(to, param, region=region).e164


_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def _not_a_time(param: str) -> Refusal:
    return Refusal(Code.INVALID_TIME, param=param, form="RFC 3339")


def texts_of(params: dict[str, str | int], where: str) -> dict[str, str]:
    """Parameters as texts. Refuses characters that no message can hold, by the path `where`."""
    texts = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in params.items()
    }
    for name, text in texts.items():
        check_sendable(name, f"{where}.{name}")
        check_sendable(text, f"{where}.{name}")
    return texts


def _metadata(metadata: dict[str, str], where: str) -> str:
    for name, value in metadata.items():
        if found := _CONTROL.search(name) or _CONTROL.search(value):
            culprit = Culprit(found[0], found.start())
            raise Refusal(Code.INVALID_METADATA, param=f"{where}.{name}", **culprit.facts())
    return msgspec.json.encode(metadata).decode()
