"""Types of phone numbers, as libphonenumber tells them: what is mobile, and what earns by every call."""

import re
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

KINDS = frozenset(PhoneNumberType.to_string(each).lower() for each in PhoneNumberType.values())
"""`mobile`, `premium_rate`, …; `fixed_line_or_mobile` where a country's numbers do not tell."""


@lru_cache(maxsize=16_384)
def kind_of(e164: str) -> str:
    """The type of any number, in tens of microseconds; `unknown` where none is assigned."""
    found = phonenumbers.number_type(phonenumbers.parse(e164, None))
    return PhoneNumberType.to_string(found).lower()


def kind_within(region: str, digits: str) -> str:
    """The same for a national number, quickly, of a region whose numbers begin with no zero."""
    general, kinds, mobile = _kinds_of(region, len(digits))
    if not general.fullmatch(digits):
        return "unknown"
    found = kinds.fullmatch(digits)
    word = found.lastgroup if found else None
    if word == "fixed_line":
        return "fixed_line_or_mobile" if mobile.fullmatch(digits) else word
    return word or "unknown"


@cache
def _kinds_of(region: str, length: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns for numbers of a length: those that may be any, a group per type, and mobiles.

    They ask what `phonenumbers.number_type` asks, in the same order. Where the patterns of fixed and mobile
    lines are one, both are in the last.
    """
    data = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if data is None or data.general_desc is None:
        return _NEVER, _NEVER, _NEVER

    def pattern(desc: phonenumbers.PhoneNumberDesc | None) -> str | None:
        if desc is None or (desc.possible_length and length not in desc.possible_length):
            return None
        return desc.national_number_pattern or None

    general, mobile = pattern(data.general_desc), pattern(data.mobile)
    fixed = pattern(data.fixed_line)
    if data.same_mobile_and_fixed_line_pattern:
        mobile = fixed
    told = {name: pattern(getattr(data, name)) for name in _TOLD_FIRST} | {
        "fixed_line": fixed,
        "mobile": mobile,
    }
    kinds = "|".join(rf"(?P<{name}>(?:{each})\Z)" for name, each in told.items() if each)
    return (
        re.compile(general) if general else _NEVER,
        re.compile(kinds) if kinds else _NEVER,
        re.compile(mobile) if mobile else _NEVER,
    )


_NEVER = re.compile(r"(?!)")
_TOLD_FIRST = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
