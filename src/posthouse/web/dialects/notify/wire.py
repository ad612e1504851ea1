"""What `/notify` reads: the rows of the document's table under their own names, and the four examples.

A row that is null or empty is as good as one left out, as senders fill whole tables.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from posthouse.core.errors import Code, Refusal
from posthouse.core.text import SIGNATURE_MAX
from posthouse.web.body import Fault

NUMBERS_MAX = 100
PARAMS_MAX, PARAM_NAME_MAX, PARAM_MAX = 50, 64, 1000
REFERENCE_MAX = 255
LENGTH_MIN, LENGTH_MAX = 4, 10
TIME_FORM = "yyyyMMddHHmmss"

TemplateId = Annotated[str, Meta(description="短信模板ID", max_length=64)]
Value = Annotated[str, Meta(max_length=PARAM_MAX)] | int
Name = Annotated[str, Meta(min_length=1, max_length=PARAM_NAME_MAX)]
Signature = Annotated[
    str, Meta(description="短信签名，不带【】", extra_json_schema={"maxLength": SIGNATURE_MAX})
]
Time = Annotated[str, Meta(description=f"定时发送时间，格式为 {TIME_FORM}", examples=["20261201080000"])]
Extend = Annotated[str, Meta(description="扩展码，1 到 20 位字母或数字", pattern=r"\A[0-9A-Za-z]{0,20}\Z")]


class Shown(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The credential, which may stand in the headers instead."""

    app_id: str | None = field(default=None, name="AppID")
    app_key: str | None = field(default=None, name="AppKey")
    sdk_app_id: str | None = field(default=None, name="SmsSdkAppid")


class Param(Struct, forbid_unknown_fields=True):
    """One parameter of a template, by its name."""

    name: Name
    value: Value


class SendRequest(Shown, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A text for one number, or a template for up to 100."""

    phone: str | None = None
    content: str | None = None
    sign_name: Signature | None = field(default=None, name="SignName")
    template_id: TemplateId | None = field(default=None, name="TemplateId")
    numbers: list[str] | None = field(default=None, name="PhoneNumberSet")
    batch_id: Annotated[str, Meta(max_length=REFERENCE_MAX)] | None = field(
        default=None, name="SmsSdkBatchId"
    )
    sign_id: Annotated[str, Meta(max_length=64)] | None = field(default=None, name="SmsSignId")
    sms_template_id: TemplateId | None = field(default=None, name="SmsTemplateId")
    values: Annotated[list[Value], Meta(max_length=PARAMS_MAX)] | None = field(
        default=None, name="SmsTemplateParas"
    )
    send_date: Time | None = field(default=None, name="SendDate")
    up_extend: Extend | None = field(default=None, name="SmsUpExtendCode")
    sdk_extend: Extend | None = field(default=None, name="SmsSdkExtendCode")
    sdk_send_time: Time | None = field(default=None, name="SmsSdkSendTime")
    free_sign_name: Signature | None = field(default=None, name="SmsFreeSignName")
    free_template_id: TemplateId | None = field(default=None, name="SmsFreeTemplateId")
    params: Annotated[list[Param], Meta(max_length=PARAMS_MAX)] | None = field(
        default=None, name="SmsTemplateParamSetArray"
    )
    idempotency_key: str | None = None


class CodeRequest(Shown, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How long a code should be, and of what."""

    length: Annotated[int, Meta(ge=LENGTH_MIN, le=LENGTH_MAX)] = 6
    type: Literal["number", "letter", "mixed"] = "number"
    idempotency_key: str | None = None


class TemplateRequest(Shown, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A template, and what to put into it."""

    template_id: TemplateId
    params: Annotated[dict[Name, Value], Meta(max_length=PARAMS_MAX)] | list[Value] | None = None
    """PHP encodes an array without entries as a list, so an empty list is as good as an empty object."""


class StatusRequest(Shown, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The message to look up."""

    message_id: str


FAULTS: Mapping[str, Fault] = {
    "length": (Code.INVALID_VALUE, {"minimum": LENGTH_MIN, "maximum": LENGTH_MAX}),
    "type": (Code.INVALID_VALUE, {"allowed": "number, letter, mixed"}),
}
"""Fields whose faulty values have words of their own."""

TEMPLATES = ("TemplateId", "SmsTemplateId", "SmsFreeTemplateId")
SIGNATURES = ("SignName", "SmsFreeSignName")
TIMES = ("SendDate", "SmsSdkSendTime")
APP_IDS = ("AppID", "SmsSdkAppid")
"""Rows that say the same."""

_ATTRIBUTES = {row.encode_name: row.name for row in msgspec.structs.fields(SendRequest)}


def given(wanted: Shown, names: Iterable[str]) -> list[tuple[str, str]]:
    """Those of these rows that say anything: name and value."""
    rows = ((name, getattr(wanted, _ATTRIBUTES[name])) for name in names)
    return [(name, value) for name, value in rows if value]


def agreed(wanted: Shown, names: Iterable[str]) -> str | None:
    """What rows that mean the same say, if any says anything. Refuses those that contradict each other."""
    rows = given(wanted, names)
    for name, value in rows[1:]:
        if value != rows[0][1]:
            raise disagreeing(rows[0][0], name)
    return rows[0][1] if rows else None


def disagreeing(one: str, other: str) -> Refusal:
    """Two fields that mean the same have different values; `errors.py` names both."""
    return Refusal(Code.INVALID_VALUE, param=other, other=one)
