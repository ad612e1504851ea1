"""Phone numbers: what callers write, read into one E.164 form.

Pure rules over the metadata of `phonenumbers` (Google's libphonenumber), without its geocoder and carrier
data. One handset has one form: whatever is accepted reads back as itself, so limits and opt-outs cannot be
walked around by spelling. *Possible* numbers are accepted, that is, of a possible length; `valid` asks for an
assigned range.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from posthouse.core.errors import Code, Refusal
from posthouse.core.number_kinds import kind_of, kind_within
from posthouse.core.text import Culprit, invisible

TEXT_MAX = 64
"""The most characters that are looked at."""


REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""The ISO regions whose numbers are known."""


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number as `parse` makes it.

    `e164` is a plus and at most 15 ASCII digits, the first not zero. `country` is the ISO region (`CN`), or
    `001` where a country code belongs to no country (satellite, international freephone). Where regions share
    a country code it is the region that the digits belong to, else the code's main region: +15555550123 is
    assigned nowhere, hence `US`.
    """

    e164: str
    country: str


class NumberProblem(StrEnum):
    """Why a text is no phone number."""

    EMPTY = "empty"
    """Nothing but white space."""
    INVISIBLE = "invisible"
    """A zero-width, bidirectional, control or otherwise invisible character."""
    NOT_A_NUMBER = "not_a_number"
    """Letters, an extension, a `tel:` in front, or anything else but digits and plain punctuation."""
    TOO_SHORT = "too_short"
    """Too few digits for its country, or enough only for a call within one town."""
    TOO_LONG = "too_long"
    """Too many digits for its country or for E.164, or more than `TEXT_MAX` characters."""
    NOT_POSSIBLE = "not_possible"
    """No such country code, a length between two that exist, or digits that have no one E.164 form."""
    UNASSIGNED = "unassigned"
    """Possible, but in no range that its country has assigned: never from `parse`, see `valid`."""


class BadNumber(ValueError):
    """The text is no phone number; `problem` says why. The text itself is personal, so it is not repeated.

    `culprit` is the invisible character, where the problem is one.
    """

    def __init__(self, problem: NumberProblem, culprit: Culprit | None = None) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.culprit = culprit

    def refusal(self, param: str) -> Refusal:
        """What to tell a caller whose field `param` this was."""
        if self.problem is NumberProblem.INVISIBLE:
            facts = {} if self.culprit is None else self.culprit.facts()
            return Refusal(Code.INVISIBLE_CHARACTERS, param=param, **facts)
        return Refusal(Code.INVALID_NUMBER, param=param, problem=self.problem.value)


def parse(text: str, *, region: str = "CN") -> Number:
    """Read `text` as a phone number.

    After `+`, or after the prefix for international calls of `region` (an ISO region; `00` from China), the
    country code decides. Any other number is one of `region`, nothing else. Decimal digits of every script
    and full-width signs count as their ASCII forms; spaces, hyphens, dots and parentheses may stand between
    digits, white space around them.

    Raises `BadNumber` if this is no possible number, and a plain `ValueError` if there is no such `region`.
    """
    if _CHINA.fullmatch(text):
        return _number(text, "CN")
    if region == "CN" and _CHINA_BARE.fullmatch(text):
        return _number("+86" + text, "CN")
    if _NORTH_AMERICA.fullmatch(text):
        found = _north_american_regions().match(text, 2)
        return _number(text, found.lastgroup if found and found.lastgroup else "US")
    compact = text if _PLAIN.fullmatch(text) else _compact(text)
    return _read(compact, None if compact[0] == "+" else region)


def read_field(text: str, param: str, *, region: str) -> Number:
    """Read a caller's field as `parse` does; what is no number is refused by the field's name."""
    try:
        return parse(text, region=region)
    except BadNumber as error:
        raise error.refusal(param) from None


def valid(number: Number) -> bool:
    """Whether `number` lies in a range that its country has assigned; takes tens of microseconds."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number.e164, None))


def kind(number: Number) -> str:
    """What type of number it is, one of `number_kinds.KINDS`, as libphonenumber tells it.

    `fixed_line_or_mobile` where a country's numbers do not tell, as in North America; `unknown` in no
    assigned range. Takes tens of microseconds, for the common shapes a few.
    """
    e164 = number.e164
    if _CHINA.fullmatch(e164):
        return kind_within("CN", e164[3:])
    if _NORTH_AMERICA.fullmatch(e164):
        return kind_within(number.country, e164[2:])
    return kind_of(e164)


def mask(e164: str) -> str:
    """Hide the middle of a number, for logs and lists: `138****8000`, `+1555****0123`.

    Chinese numbers are shown without their country code, others with it. Of the other digits the first three
    and the last four remain; if there are under ten, fewer, so that at least four are hidden. The stars are
    always four. Never raises, whatever the text.
    """
    code, national = _divide(e164)
    size = len(national)
    head, tail = _SHOWN if size >= _FULL else (max(0, size - 8), max(0, min(4, size - 4)))
    return f"{code}{national[:head]}****{national[size - tail :]}"


_SHOWN = 3, 4
_FULL = 10


def _divide(e164: str) -> tuple[str, str]:
    """The country code as shown, and the digits after it. No country code begins with another (ITU E.164)."""
    if e164.startswith("+86"):
        return "", e164[3:]
    for end in (2, 3, 4):
        code = e164[1:end]
        if e164[:1] == "+" and code.isdecimal() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return e164[:end], e164[end:]
    return "", e164


# -------------------------------------------------------------------------------- the common shapes, quickly
#
# tests/core/test_phone.py proves them equal to `_read`. Chinese mobile numbers begin with 13 to 19; 179 is
# left out, because carrier prefixes such as 17951 begin with it, and those `_read` strips.

_CHINA = re.compile(r"\+861(?!79)[3-9][0-9]{9}")
_CHINA_BARE = re.compile(r"1(?!79)[3-9][0-9]{9}")
_NORTH_AMERICA = re.compile(r"\+1[2-9][0-9]{9}")

# Filling the slots directly takes half the time of a frozen dataclass's own `__init__`.
_new = object.__new__
_set_e164 = Number.__dict__["e164"].__set__
_set_country = Number.__dict__["country"].__set__


def _number(e164: str, country: str) -> Number:
    number = _new(Number)
    _set_e164(number, e164)
    _set_country(number, country)
    return number


@cache
def _north_american_regions() -> re.Pattern[str]:
    """One pattern with a group per region of country code 1, for ten national digits.

    It asks what `phonenumbers.region_code_for_number` asks, in the same order: does the number begin with
    the region's leading digits or, if it has none, is the number of any kind known there? One by one that
    takes 10 to 60 µs.
    """
    regions = []
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        data = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if data is None or data.general_desc is None:
            continue
        if data.leading_digits is not None:
            regions.append(f"(?P<{region}>{data.leading_digits})")
            continue
        kinds = [kind for name in _KINDS if (kind := getattr(data, name)) and _TEN in kind.possible_length]
        known = "|".join(kind.national_number_pattern for kind in kinds)
        general = data.general_desc.national_number_pattern
        regions.append(rf"(?P<{region}>(?=(?:{general})\Z)(?:{known})\Z)")
    return re.compile("|".join(regions))


_TEN = 10
_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)

# -------------------------------------------------------------------------------------------- everything else

_DIGITS_MAX = 15  # ITU-T E.164, 6.1: the international number, country code included

_PLAIN = re.compile(rf"\+?[0-9]{{1,{TEXT_MAX - 1}}}")
_GROUP = r"(?:[0-9]|\([0-9][0-9 .-]*\))"
_SHAPE = re.compile(rf" *(?:\+|\(\+[0-9][0-9 ]*\))? *{_GROUP}(?:[ .-]*{_GROUP})* *")
_PUNCTUATION = re.compile("[^+0-9]")
_AROUND = " \t\r\n"
_ASCII = frozenset("+0123456789 -.()")
_ALIKE = {
    "\uff0b": "+",
    "\uff0e": ".",
    "\uff08": "(",
    "\uff09": ")",
    # Hyphens, dashes, the minus sign; Japanese keyboards offer the long-vowel mark.
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d", "-"),
}

_UNREADABLE = {
    NumberParseException.INVALID_COUNTRY_CODE: NumberProblem.NOT_POSSIBLE,
    NumberParseException.NOT_A_NUMBER: NumberProblem.TOO_SHORT,  # of digits it says so when they are too few
    NumberParseException.TOO_SHORT_AFTER_IDD: NumberProblem.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: NumberProblem.TOO_SHORT,
    NumberParseException.TOO_LONG: NumberProblem.TOO_LONG,
}
_LENGTHS = {
    ValidationResult.TOO_SHORT: NumberProblem.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: NumberProblem.TOO_SHORT,  # no number to be reached from outside
    ValidationResult.TOO_LONG: NumberProblem.TOO_LONG,
}


def _compact(text: str) -> str:
    """Only what is dialled: digits in ASCII, after a plus if there is one."""
    if len(text) > TEXT_MAX:
        raise BadNumber(NumberProblem.TOO_LONG)
    before = len(text) - len(text.lstrip(_AROUND))
    plain = "".join(
        char if char in _ASCII else _fold(char, position)
        for position, char in enumerate(text.strip(_AROUND), before)
    )
    if not plain.strip():
        raise BadNumber(NumberProblem.EMPTY)
    if not _SHAPE.fullmatch(plain):
        raise BadNumber(NumberProblem.NOT_A_NUMBER)
    return _PUNCTUATION.sub("", plain)


def _fold(char: str, position: int) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char in _ALIKE:
        return _ALIKE[char]
    if unicodedata.category(char) == "Zs":
        return " "
    if invisible(char):
        raise BadNumber(NumberProblem.INVISIBLE, Culprit(char, position))
    raise BadNumber(NumberProblem.NOT_A_NUMBER)


@lru_cache(maxsize=16_384)
def _read(compact: str, region: str | None) -> Number:
    """Let `phonenumbers` read digits: international ones with a plus and no `region`, others in `region`."""
    try:
        found = phonenumbers.parse(compact, region)
    except NumberParseException as error:
        if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"no such region: {region!r}") from None
        raise BadNumber(_UNREADABLE[error.error_type]) from None
    length = phonenumbers.is_possible_number_with_reason(found)
    if length != ValidationResult.IS_POSSIBLE:
        raise BadNumber(_LENGTHS.get(length, NumberProblem.NOT_POSSIBLE))
    e164 = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    if len(e164) > 1 + _DIGITS_MAX:
        raise BadNumber(NumberProblem.TOO_LONG)
    if e164 != compact:
        # Some readings do not stand: +860013800138000 gives +86013800138000, and that gives +8613800138000.
        number = _read(e164, None)
        if number.e164 != e164:
            raise BadNumber(NumberProblem.NOT_POSSIBLE)
        return number
    country = phonenumbers.region_code_for_number(found)
    return Number(e164, country or phonenumbers.region_code_for_country_code(found.country_code or 0))
