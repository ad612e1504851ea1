"""What vendors in mainland China share: local times, national numbers, and the codes of the carriers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from posthouse.core.verdict import Reason

CHINA = timezone(timedelta(hours=8))
"""China has one time, without summer time since 1991."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_MAINLAND = re.compile(r"\+86(1[0-9]{10})")
_CARRIER_CODE = re.compile(r"([A-Z]{2}):?([0-9]{4})")

# The state of a receipt as CMPP, SGIP and SMGP carry it. The words are those of SMPP 3.4; the codes come from
# public copies of the carriers' tables, and only what these agree on is here. MA and MB are left out: to the
# carriers they are broken links, to many gateways in between refusals of their own.
_WORDS: Mapping[str, Reason] = {
    "EXPIRED": Reason.EXPIRED,
    "UNDELIV": Reason.UNREACHABLE,
    "REJECTD": Reason.BLOCKED,
    "MBBLACK": Reason.BLOCKED,
    "DBBLACK": Reason.BLOCKED,
    "NOROUTE": Reason.UNROUTABLE,
}
_CODES: Mapping[str, Reason] = {
    "MK0001": Reason.INVALID_NUMBER,  # no such subscriber
    "MK0005": Reason.UNREACHABLE,  # suspended
    "MK0010": Reason.UNREACHABLE,  # switched off or out of reach until it expired
    "MK0012": Reason.BLOCKED,  # by the carrier of a province, as are 0015 and 0036
    "MK0013": Reason.UNREACHABLE,
    "MK0014": Reason.CONTENT,  # taken for spam
    "MK0015": Reason.BLOCKED,
    "MK0023": Reason.UNREACHABLE,  # switched off
    "MK0036": Reason.BLOCKED,
    "MK0115": Reason.CONTENT,
    "MK1041": Reason.QUOTA,  # too many for one handset
    "IB0008": Reason.VENDOR_TEMPORARY,  # flow control
    "DB0101": Reason.INVALID_NUMBER,
    "DB0102": Reason.UNREACHABLE,
    "DB0142": Reason.QUOTA,  # of a day
    "DB0144": Reason.BLOCKED,
}
_PREFIXES: Mapping[str, Reason] = {
    "MK": Reason.UNREACHABLE,  # between the message centre and the handset
    **dict.fromkeys(("MN", "IA", "IB", "IC", "ID"), Reason.VENDOR_TEMPORARY),  # between gateways
}


def moment(text: object) -> int:
    """A time without a zone, as vendors in China write it (`2015-10-17 08:03:04`, UTC+8): microseconds UTC.

    0 for whatever is no such time.
    """
    try:
        local = datetime.fromisoformat(text) if isinstance(text, str) else _EPOCH
    except ValueError:
        return 0
    aware = local if local.tzinfo else local.replace(tzinfo=CHINA)
    return max(0, (aware - _EPOCH) // _MICROSECOND)


def carrier_reason(code: str) -> Reason:
    """What a carrier's code in a receipt (`MK:0001`, `UNDELIV`) means; `UNKNOWN` for any other."""
    code = code.strip().upper()
    if found := _CARRIER_CODE.fullmatch(code):
        prefix, digits = found.groups()
        return _CODES.get(prefix + digits) or _PREFIXES.get(prefix, Reason.UNKNOWN)
    return _WORDS.get(code, Reason.UNKNOWN)


def mainland(number: str) -> str | None:
    """The 11 digits of a mobile number of mainland China (`+8613800138000`); None for any other."""
    found = _MAINLAND.fullmatch(number)
    return found[1] if found else None
