"""Vendors' own templates in our words.

Sources, read 2026-11-22:

- Aliyun: `${code}`. A name begins with a letter and is no mere number; values go by name, as a JSON object
  (help.aliyun.com/document_detail/463237.html and 2806243.html; `TemplateParam` of SendSms).
- Tencent: `{1}`, numbered from 1 without a gap; values go by position
  (cloud.tencent.com/document/product/382/39023; `TemplateParamSet` of SendSms).
- Huawei: `${1}` or, of the same effect, `${CHARDIGIT}`; what stands within the braces is for the reader only,
  and each place is a parameter of its own, in order of appearance; older texts have `${TXT_20}`, `${NUM_6}`,
  `${DATE}` and `${TIME}` (support.huaweicloud.com/productdesc-msgsms/sms_faq_0003.html, and the edition of
  2024-11 under /intl/zh-cn/msgsms_faq/; `templateParas` of batchSendSms).
- Twilio: `{{1}}` or `{{code}}`, at most 16 letters, digits and underscores; values go by name, as a JSON
  object (www.twilio.com/docs/content/using-variables-with-content-api; `ContentVariables`). A template
  of Verify takes its values by name too, as `TemplateCustomSubstitutions` (www.twilio.com/docs/verify/api/
  templates); that it is written in the same braces is not proven.

The Chinese vendors put the signature in front within 【】 and allow none in the text; who copies a message
from their console has it there all the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from posthouse.core.errors import Code, Refusal
from posthouse.core.template import NAME_MAX
from posthouse.core.template import names as names_of


class Notation(StrEnum):
    """Who writes templates like that."""

    ALIYUN = "aliyun"
    TENCENT = "tencent"
    HUAWEI = "huawei"
    TWILIO = "twilio"


NAMED = frozenset({Notation.ALIYUN.value})
"""Vendors whose templates name their parameters; the others' number them."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A vendor's template as a logical one.

    Attributes:
        text: ours; braces of the text itself are doubled.
        parameters: as a `Binding` has them: (the vendor's name or number, our variable), in its order.
        signature: the bare name that stood in front of the text within 【】, taken off.
    """

    text: str
    parameters: tuple[tuple[str, str], ...]
    signature: str | None


def translate(text: str, notation: Notation, names: Sequence[str] | None = None) -> Translated:
    """Read a vendor's template.

    `names`: our variables for the places that only have a number, in the order of the numbers; two places
    may share one. Without them the variables are called `1`, `2` and so on.

    Refuses with INVALID_TEMPLATE (`fault` is `foreign`, with `notation` and `position` from 1, where another
    vendor's place or a broken one stands) and with INVALID_VALUE (`names`).
    """
    signed = _SIGNATURE.match(text)
    begin = signed.end() if signed else 0
    pieces, labels = _read(text, begin, notation)
    theirs, numbered = _theirs(labels, notation)
    ours = _ours(numbered, names)
    for place, label in enumerate(theirs):
        pieces[2 * place + 1] = "{" + ours.get(label, label) + "}"
    translated = "".join(pieces)
    names_of(translated)
    return Translated(
        text=translated,
        parameters=tuple((label, ours.get(label, label)) for label in _ordered(theirs, numbered)),
        signature=signed["name"] if signed else None,
    )


@dataclass(frozen=True, slots=True)
class _Label:
    written: str
    position: int


def _read(text: str, begin: int, notation: Notation) -> tuple[list[str], list[_Label]]:
    """What stands between the places (with room for each of them), and what is written in them."""
    pieces: list[str] = []
    labels: list[_Label] = []
    end = begin
    for found in _PLACES[notation].finditer(text, begin):
        if found["label"] is None:
            raise _foreign(notation, found.start() + 1)
        pieces += [_doubled(text[end : found.start()]), ""]
        labels.append(_Label(found["label"], found.start() + 1))
        end = found.end()
    pieces.append(_doubled(text[end:]))
    return pieces, labels


def _theirs(labels: list[_Label], notation: Notation) -> tuple[list[str], list[str]]:
    """What the vendor calls the parameter of each place, and those names that are only numbers, in order."""
    if notation is Notation.HUAWEI:
        numbers = [str(place) for place in range(1, len(labels) + 1)]
        return numbers, numbers
    theirs = [label.written for label in labels]
    numbered = sorted({label for label in theirs if label.isdigit()}, key=int)
    if notation is Notation.TENCENT and numbered and int(numbered[-1]) > len(numbered):
        late = next(label for label in labels if int(label.written) > len(numbered))
        raise _foreign(notation, late.position)
    return theirs, numbered


def _ours(numbered: list[str], names: Sequence[str] | None) -> dict[str, str]:
    if names is None:
        return {}
    if len(names) != len(numbered):
        raise Refusal(Code.INVALID_VALUE, param="names", kind="names")
    for place, name in enumerate(names):
        if not _NAME.fullmatch(name):
            raise Refusal(Code.INVALID_VALUE, param=f"names[{place}]", kind="variable")
    return dict(zip(numbered, names, strict=True))


def _ordered(theirs: list[str], numbered: list[str]) -> list[str]:
    return list(dict.fromkeys([*numbered, *theirs]))


def _doubled(between: str) -> str:
    return between.replace("{", "{{").replace("}", "}}")


def _foreign(notation: Notation, position: int) -> Refusal:
    return Refusal(
        Code.INVALID_TEMPLATE, param="text", fault="foreign", notation=notation.value, position=position
    )


_NAME = re.compile(rf"\w{{1,{NAME_MAX}}}")
_SIGNATURE = re.compile(r"\s*【(?P<name>[^【】{}\r\n]+)】")

# What looks like a place and is none of this vendor's; a brace by itself is text.
_STRANGE = r"\{\{|\{[\w \t]*\}"
_HUAWEI = r"[1-9]\d?|PHONE|CHARDIGIT|DATETIME|MONEY|TEXT|(?:TXT|NUM)_[1-9]\d{0,2}|DATE|TIME"

_PLACES = {
    Notation.ALIYUN: re.compile(
        rf"\$\{{(?P<label>[A-Za-z][A-Za-z0-9_]{{0,{NAME_MAX - 1}}})\}}|\$\{{|{_STRANGE}", re.ASCII
    ),
    Notation.TENCENT: re.compile(rf"\{{(?P<label>[1-9]\d?)\}}|{_STRANGE}", re.ASCII),
    Notation.HUAWEI: re.compile(rf"\$\{{(?P<label>{_HUAWEI})\}}|\$\{{|{_STRANGE}", re.ASCII),
    Notation.TWILIO: re.compile(rf"\{{\{{(?P<label>\w{{1,16}})\}}\}}|{_STRANGE}", re.ASCII),
}
