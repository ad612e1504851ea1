"""From a request's rows to the core's `Submission`, and from the core's refusals to the names of the rows."""

import re
from datetime import UTC, datetime, tzinfo

from posthouse.core.errors import Code, Refusal
from posthouse.core.template import Template
from posthouse.core.text import check_signature
from posthouse.core.times import micros
from posthouse.services.directory import Caller
from posthouse.services.submission import Submission
from posthouse.web.body import check_sendable
from posthouse.web.dialects.notify.template import as_text
from posthouse.web.dialects.notify.wire import (
    SIGNATURES,
    TEMPLATES,
    TIME_FORM,
    TIMES,
    SendRequest,
    agreed,
    disagreeing,
    given,
)


def submission(caller: Caller, wanted: SendRequest, zone: tzinfo) -> Submission:
    """What the core is asked for, recipients aside. `zone` is that of the times."""
    template_id = _content(wanted)
    template = None if template_id is None else caller.own.templates.get(template_id)
    params, values = _params(wanted, template)
    return Submission(
        to="",
        body=wanted.content,
        template_id=template_id,
        params=params,
        values=values,
        signature=_signature(caller, wanted, template),
        send_at=_send_at(wanted, zone),
        reference=_line("SmsSdkBatchId", wanted.batch_id),
        extend=_extend(wanted),
    )


def leave_out(wanted: SendRequest) -> None:
    """Of two rows that exclude each other, one that is empty is as good as left out."""
    if wanted.phone is not None and wanted.numbers is not None:
        wanted.phone, wanted.numbers = wanted.phone or None, wanted.numbers or None
    if given(wanted, TEMPLATES):
        wanted.content = wanted.content or None


def check_recipients(wanted: SendRequest) -> None:
    """Refuse what names no recipient, or names them in both ways."""
    if wanted.phone is not None and wanted.numbers is not None:
        raise Refusal(
            Code.CONTENT_CONFLICT,
            param="PhoneNumberSet",
            text_field="phone",
            template_field="PhoneNumberSet",
        )
    if wanted.phone is None and wanted.numbers is None:
        of_table = wanted.content is None and given(wanted, (*TEMPLATES, *SIGNATURES, "SmsSignId"))
        raise Refusal(Code.MISSING_FIELD, param="PhoneNumberSet" if of_table else "phone")


def _content(wanted: SendRequest) -> str | None:
    """The template, unless there is a text: one of them there must be."""
    template_id = _line("TemplateId", agreed(wanted, TEMPLATES))
    if template_id is None and wanted.content is None:
        if wanted.phone is not None and not given(wanted, (*SIGNATURES, "SmsSignId")):
            raise Refusal(Code.MISSING_FIELD, param="content")
        raise Refusal(Code.MISSING_FIELD, param="TemplateId")
    if wanted.content is not None:
        name = given(wanted, TEMPLATES)[0][0] if template_id is not None else None
        if name is None and (wanted.values or wanted.params):
            # Left alone, a text's {name} would go out as it stands.
            name = "SmsTemplateParas" if wanted.values else "SmsTemplateParamSetArray"
        if name is not None:
            raise Refusal(Code.CONTENT_CONFLICT, param=name, text_field="content", template_field=name)
    return template_id


def _params(wanted: SendRequest, template: Template | None) -> tuple[dict[str, str] | None, list[str] | None]:
    """The parameters by name or by position; where both are given they must say the same."""
    values = [as_text(value) for value in wanted.values or ()]
    for index, value in enumerate(values):
        check_sendable(value, f"SmsTemplateParas[{index}]")
    params: dict[str, str] = {}
    for index, (name, value) in enumerate((each.name, as_text(each.value)) for each in wanted.params or ()):
        where = f"SmsTemplateParamSetArray[{index}]"
        check_sendable(name, f"{where}.name")
        check_sendable(value, f"{where}.value")
        if name in params:
            raise Refusal(Code.INVALID_VALUE, param=f"{where}.name", twin=index)
        params[name] = value
    if not params:
        return None, values or None
    if values:
        names = params if template is None else [variable.name for variable in template.variables]
        if len(values) != len(params) or dict(zip(names, values, strict=False)) != params:
            raise disagreeing("SmsTemplateParas", "SmsTemplateParamSetArray")
    return params, None


def _signature(caller: Caller, wanted: SendRequest, template: Template | None) -> str | None:
    """The bare name: as given, or as registered. A set of numbers needs one, wherever it comes from."""
    signature = agreed(wanted, SIGNATURES)
    if signature is not None:
        check_signature(signature, given(wanted, SIGNATURES)[0][0])
    if wanted.sign_id:
        registered = caller.own.signatures.get(wanted.sign_id)
        if registered is None:
            raise Refusal(Code.UNKNOWN_SIGNATURE, param="SmsSignId")
        if signature not in (None, registered):
            raise disagreeing(given(wanted, SIGNATURES)[0][0], "SmsSignId")
        return registered
    if signature is None and wanted.numbers is not None:
        signed = template is not None and template.signature is not None
        if not signed and _SIGNED.match(wanted.content or "") is None:
            raise Refusal(Code.MISSING_FIELD, param="SignName")
    return signature


_SIGNED = re.compile("【[^【】]+】")


def _line(name: str, text: str | None) -> str | None:
    """A label on one line; an empty one is none."""
    if text and not text.isprintable():
        raise Refusal(Code.INVALID_VALUE, param=name)
    return text or None


def _extend(wanted: SendRequest) -> dict[str, str] | None:
    """The extension codes, which channels that take none pass over."""
    codes = {"up": wanted.up_extend, "sdk": wanted.sdk_extend}
    return {name: code for name, code in codes.items() if code} or None


_TIME = re.compile(r"\d{14}", re.ASCII)


def _send_at(wanted: SendRequest, zone: tzinfo) -> int | None:
    """When to send, in microseconds UTC."""
    for name, text in (("SendDate", wanted.send_date), ("SmsSdkSendTime", wanted.sdk_send_time)):
        if text and not _TIME.fullmatch(text):
            raise Refusal(Code.INVALID_TIME, param=name, form=TIME_FORM)
    text = agreed(wanted, TIMES)
    if text is None:
        return None
    at = _instant(text, zone)
    if at is None:
        raise Refusal(Code.INVALID_TIME, param=given(wanted, TIMES)[0][0], form=TIME_FORM)
    return at


def _instant(text: str, zone: tzinfo) -> int | None:
    """Microseconds UTC of fourteen digits; None where no clock of the zone ever shows that."""
    try:
        local = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone)
        real = local.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return micros(local) if real == local else None


def in_our_words(
    refusal: Refusal, caller: Caller, wanted: SendRequest, *, number: str, now: datetime
) -> Refusal:
    """The refusal by the names that this request's rows have; `number` is that of the recipient."""
    param, facts = refusal.param, dict(refusal.facts)
    if refusal.code is Code.SEND_AT_IN_PAST:
        facts["now"] = f"{now:%Y-%m-%d %H:%M:%S}"  # fourteen digits in a row would be masked like a number
    if param is not None:
        head, _, name = param.partition(".")
        names = {
            "to": number,
            "body": "content" if wanted.content is not None else _first(wanted, TEMPLATES),
            "template_id": _first(wanted, TEMPLATES),
            "signature": _first(wanted, (*SIGNATURES, "SmsSignId")),
            "send_at": _first(wanted, TIMES),
            "reference": "SmsSdkBatchId",
        }
        if head == "params":
            names[param] = _param(refusal.code, name, caller, wanted)
        param = names.get(param, param)
    return Refusal(refusal.code, param=param, **facts)


def _first(wanted: SendRequest, names: tuple[str, ...]) -> str:
    rows = given(wanted, names)
    return rows[0][0] if rows else names[0]


def _param(code: Code, name: str, caller: Caller, wanted: SendRequest) -> str:
    """Where a parameter of the template stands in the request, or would; without a name, all of them."""
    if wanted.params:
        row = "SmsTemplateParamSetArray"
        named = [each.name for each in wanted.params]
        if name in named:
            return f"{row}[{named.index(name)}]"
        return f"{row}.{name}" if name else row
    row = "SmsTemplateParas"
    template = caller.own.templates.get(agreed(wanted, TEMPLATES) or "")
    places = [] if template is None else [variable.name for variable in template.variables]
    if name in places and code is not Code.UNKNOWN_PARAM:
        return f"{row}[{places.index(name)}]"
    return f"{row}[{int(name) - 1}]" if name.isdecimal() else row  # the core counts them from 1
