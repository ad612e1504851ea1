"""How long a text is on the air, where it breaks into parts, and what is wrong with it.

Pure rules. A *part* is one short message of at most 140 octets; a longer text is sent as several parts, each
with a 6-octet header that joins them again, so that a part of many holds less than a single one:

==========  ==================  ===========  =============
encoding    unit                single part  part of many
==========  ==================  ===========  =============
GSM-7       septet              160          153
UCS-2       UTF-16 code unit    70           67
==========  ==================  ===========  =============

Sources: 3GPP TS 23.038 sections 6.2.1 and 6.2.1.1 (default alphabet and its extension table), TS 23.040
section 9.2.3.24.1 (concatenation, 8-bit reference). No national language tables: vendors and handsets support
them unevenly. Mainland China counts every character, Latin ones too, against 70/67, as the documentation of
Tencent, Alibaba, Huawei and Volcengine says.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from posthouse.core.errors import Code, Refusal

PARTS_MAX = 10
"""The most parts one message may have."""

CULPRITS_MAX = 20
"""The most characters a `Measure` names."""

SIGNATURE_MAX = 20
"""Characters of a signature, without its brackets."""


class Encoding(StrEnum):
    """How a text is coded on the air."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Culprit:
    """A character that GSM-7 cannot express, or that cannot be sent at all, and where it first stands.

    `position` counts characters (code points) from 0, as Python indexes `str`; not UTF-16 units.
    """

    char: str
    position: int

    def facts(self) -> dict[str, str | int]:
        """What a refusal may tell of it: its code point and its place, from 1, but nothing around it."""
        return {"codepoint": f"U+{ord(self.char):04X}", "position": self.position + 1}


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of one text.

    `units` are septets in GSM-7 (an extension character takes two) and UTF-16 code units in UCS-2 (most emoji
    take two). `parts` is what is charged, at least 1. `culprits` are the characters that forced UCS-2:
    distinct, in order of appearance, the first 20. They are empty for GSM-7 and for mainland China, where
    nothing could be saved.
    """

    encoding: Encoding
    units: int
    parts: int
    culprits: tuple[Culprit, ...]


class TextProblem(StrEnum):
    """Why a text cannot be sent at all."""

    EMPTY = "empty"
    """Nothing is left without white space and invisible characters."""
    TOO_LONG = "too_long"
    """More than `PARTS_MAX` parts."""
    LONE_SURROGATE = "lone_surrogate"
    """Half of a surrogate pair: no Unicode text, and no encoding on the air has it."""
    CONTROL = "control"
    """A control character other than line feed, carriage return, tab and form feed. Escape would change the
    meaning of the next septet, and a zero may end the text somewhere on its way."""


def measure(text: str, *, country: str) -> Measure:
    """Measure `text` as it will be sent, signature included, to `country` (ISO region such as `CN`).

    Any string has a measure, a faulty one too; `problem` says whether it may be sent.
    """
    size = len(text)
    if country == _MAINLAND:
        if size <= _UCS2_SINGLE and _PLANE_0.fullmatch(text):
            return _SHORT_UCS2[size]
    elif size <= _GSM7_SINGLE and _GSM7_BASIC.fullmatch(text):
        return _SHORT_GSM7[size]
    layout = _layout(text, country)
    wide = layout.widen(text)
    parts = 1 if len(wide) <= layout.single else len(layout.cut(wide))
    named = layout.encoding is Encoding.UCS2 and country != _MAINLAND
    return Measure(layout.encoding, len(wide), parts, _culprits(text) if named else ())


@dataclass(frozen=True, slots=True)
class Room:
    """Units that a part of the text holds, and those that the last part has left."""

    per_part: int
    left: int


def room(text: str, *, country: str) -> Room:
    """How far `text` fills the parts that `measure` counts."""
    layout = _layout(text, country)
    wide = layout.widen(text)
    if len(wide) <= layout.single:
        return Room(layout.single, layout.single - len(wide))
    return Room(layout.multi, layout.multi - len(layout.cut(wide)[-1]))


def split(text: str, *, country: str) -> list[str]:
    """Split `text` into the parts that `measure` counts; joined, they are the text again.

    Neither a surrogate pair nor an escape pair stands across two parts; that can leave a part one unit short.
    """
    layout = _layout(text, country)
    wide = layout.widen(text)
    if len(wide) <= layout.single:
        return [text]
    parts = []
    start = 0
    for piece in layout.cut(wide):
        end = start + len(piece) - len(layout.double.findall(piece))
        parts.append(text[start:end])
        start = end
    return parts


def with_signature(text: str, signature: str | None) -> str:
    """Place `【signature】` in front of `text`, unless exactly that stands there already.

    `signature` is the bare name; None or empty leaves the text as it is.
    """
    if not signature:
        return text
    placed = f"【{signature}】"
    return text if text.startswith(placed) else placed + text


def check_signature(name: str, param: str) -> str:
    """The bare name that will stand within 【】. Refuses any other with INVALID_SIGNATURE."""
    if "【" in name or "】" in name:
        raise Refusal(Code.INVALID_SIGNATURE, param=param, fault="bracketed")
    if not name.strip() or len(name) > SIGNATURE_MAX:
        raise Refusal(Code.INVALID_SIGNATURE, param=param, minimum=1, maximum=SIGNATURE_MAX)
    if name != name.strip():
        raise Refusal(Code.INVALID_SIGNATURE, param=param, fault="blank_ends")
    if not name.isprintable() or any(map(invisible, name)):
        raise Refusal(Code.INVALID_SIGNATURE, param=param, fault="invisible")
    return name


def problem(text: str, *, country: str) -> TextProblem | None:
    """Say what keeps `text`, signature included, from being sent to `country`; None if nothing does."""
    if len(text) > _CHARACTERS_MAX:
        return TextProblem.TOO_LONG
    if not "!" <= text[:1] <= "~" and all(map(_shows_nothing, text)):
        return TextProblem.EMPTY
    if found := _FORBIDDEN.search(text):
        return TextProblem.LONE_SURROGATE if "\ud800" <= found[0] <= "\udfff" else TextProblem.CONTROL
    if len(text) > _CHARACTERS_SAFE and measure(text, country=country).parts > PARTS_MAX:
        return TextProblem.TOO_LONG
    return None


def forbidden(text: str) -> Culprit | None:
    """The first character of `text` that cannot be sent: a control, or half of a surrogate pair."""
    found = _FORBIDDEN.search(text)
    return None if found is None else Culprit(found[0], found.start())


def invisible(char: str) -> bool:
    """Whether the character `char` leaves no mark when printed, white space aside.

    These are controls (Cc), format characters such as zero-width and bidirectional marks and the byte order
    mark (Cf), variation selectors, and what is blank by design (Default_Ignorable_Code_Point in Unicode's
    DerivedCoreProperties; and the empty Braille pattern).
    """
    return unicodedata.category(char) in {"Cc", "Cf"} or _BLANK.fullmatch(char) is not None


@dataclass(frozen=True, slots=True)
class _Layout:
    """One encoding's limits in units, and the characters that take two units.

    Widening puts `mark` before each of those, so that every character of the result is one unit: the escape
    that is really sent, or a stand-in for the first half of a surrogate pair.
    """

    encoding: Encoding
    single: int
    multi: int
    double: re.Pattern[str]
    mark: str

    def widen(self, text: str) -> str:
        return self.double.sub(rf"{self.mark}\g<0>", text)

    def cut(self, wide: str) -> list[str]:
        """Fill parts of many to the brim, but never end one between a mark and its character."""
        pieces = []
        start = 0
        while len(wide) - start > self.multi:
            end = start + self.multi
            if wide[end - 1] == self.mark:
                end -= 1
            pieces.append(wide[start:end])
            start = end
        pieces.append(wide[start:])
        return pieces


def _shows_nothing(char: str) -> bool:
    return char.isspace() or invisible(char)


def _layout(text: str, country: str) -> _Layout:
    return _GSM7 if country != _MAINLAND and _GSM7_ANY.fullmatch(text) else _UCS2


def _culprits(text: str) -> tuple[Culprit, ...]:
    distinct = dict.fromkeys(_GSM7_NOT.findall(text))
    return tuple(Culprit(char, text.index(char)) for char in islice(distinct, CULPRITS_MAX))


_MAINLAND = "CN"

# 3GPP TS 23.038, 6.2.1, in the order of the table; 0x1B, the escape, is no character.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038, 6.2.1.1: sent as escape and one more septet.
_EXTENSION = "\f^{}\\[~]|€"

_GSM7_BASIC = re.compile(f"[{re.escape(_BASIC)}]*")
_GSM7_ANY = re.compile(f"[{re.escape(_BASIC + _EXTENSION)}]*")
_GSM7_NOT = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_PLANE_0 = re.compile("[^\U00010000-\U0010ffff]*")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)

_GSM7_SINGLE = 160
_UCS2_SINGLE = 70
_GSM7 = _Layout(Encoding.GSM7, _GSM7_SINGLE, 153, re.compile(f"[{re.escape(_EXTENSION)}]"), "\x1b")
_UCS2 = _Layout(Encoding.UCS2, _UCS2_SINGLE, 67, re.compile("[\U00010000-\U0010ffff]"), "\ud800")

# No text with more characters fits into PARTS_MAX parts, and none with fewer needs more (33 pairs to a part).
_CHARACTERS_MAX = PARTS_MAX * _GSM7.multi
_CHARACTERS_SAFE = PARTS_MAX * (_UCS2.multi // 2)

# Measures are immutable, so the common ones are made once: looking one up is far cheaper than making it.
_SHORT_GSM7 = tuple(Measure(Encoding.GSM7, units, 1, ()) for units in range(_GSM7_SINGLE + 1))
_SHORT_UCS2 = tuple(Measure(Encoding.UCS2, units, 1, ()) for units in range(_UCS2_SINGLE + 1))
