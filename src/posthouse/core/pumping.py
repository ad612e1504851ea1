"""How pumped traffic is told from people's: how much comes from where, and how little of it is verified.

Numbers are looked at by prefix, since who earns by inflated traffic rents them a thousand or ten thousand at
a time; users by their address, which for IPv6 is the network of one household. Everything is counted by
slices of time, and an hour is made of the slices that reach into it: never less than an hour.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from types import MappingProxyType
from typing import NamedTuple

from posthouse.core.confidence import wilson
from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import DAY_US

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000

GRACE_US = MINUTE_US
"""How long users have before the lack of a check says anything about their prefix."""

USUAL_CONVERSION = 0.4
"""What an account's numbers are taken to convert like at the least, until enough of them were seen."""

SUSPECT = 0.5
"""How far below the others a prefix must convert."""

LEAST_CONVERSION = USUAL_CONVERSION * SUSPECT
"""What people's numbers convert like at the very least, for an account that verifies codes at all."""


FEW = 15
"""So few prove nothing against that, though none of them be verified."""


class Counted(StrEnum):
    """What is counted: codes by their subject, and what rules said, by the rule."""

    PREFIX = "prefix"
    RANGE = "range"
    ADDRESS = "address"
    ACCOUNT = "account"
    REFUSED = "refused"
    SHADOWED = "shadowed"


SLICE_US: Mapping[Counted, int] = MappingProxyType(
    {
        Counted.PREFIX: MINUTE_US,
        Counted.RANGE: MINUTE_US,
        Counted.ADDRESS: MINUTE_US,
        Counted.ACCOUNT: 5 * MINUTE_US,
        Counted.REFUSED: 15 * MINUTE_US,
        Counted.SHADOWED: 15 * MINUTE_US,
    }
)
"""How long a slice of each is; the account's are long, since a day of them is looked at."""

KEPT_US: Mapping[Counted, int] = MappingProxyType(
    {each: (DAY_US if slice_us > MINUTE_US else HOUR_US) + slice_us for each, slice_us in SLICE_US.items()}
)
"""How long each is needed."""


def slice_of(counted: Counted, at: int) -> int:
    """When the slice of a time begins."""
    return at - at % SLICE_US[counted]


def thousand(number: str) -> str:
    """What a number has in common with 999 others."""
    return number[:-3]


def ten_thousand(number: str) -> str:
    """What a number has in common with 9,999 others."""
    return number[:-4]


def within(country: str, range_: str) -> str:
    """A range as it is counted: those of one country side by side, none like a prefix of other numbers."""
    return country + range_


def prefixes(number: str) -> list[str]:
    """Everything that a number in E.164 begins with, itself included."""
    return [number[:end] for end in range(2, len(number) + 1)]


_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")
_BETWEEN = str.maketrans("", "", " -.()")
_TEXT_MAX = 64


def prefix_of(text: str, param: str) -> str:
    """What numbers begin with, as `+23767`, country code included. Refuses all else with INVALID_VALUE."""
    if len(text) <= _TEXT_MAX:
        plain = unicodedata.normalize("NFKC", text).translate(_BETWEEN)
        if _PREFIX.fullmatch(plain):
            return plain
    raise Refusal(Code.INVALID_VALUE, param=param, kind="prefix")


def address_of(text: str, param: str = "ip") -> str:
    """An end user's address as it is counted: IPv4, or the /64 of IPv6; IPv4 written as IPv6 is IPv4.

    What it answers reads back as itself. Refuses anything else with INVALID_VALUE.
    """
    try:
        if ":" not in text:
            return str(IPv4Address(text))
        network = text.endswith(_NETWORK)
        address = IPv6Address(text.removesuffix(_NETWORK))
        if address.scope_id is None:
            mapped = address.ipv4_mapped
            if mapped is None:
                return f"{IPv6Address(int(address) >> _HOST_BITS << _HOST_BITS)}{_NETWORK}"
            if not network:
                return str(mapped)
    except AddressValueError:
        pass
    raise Refusal(Code.INVALID_VALUE, param=param, kind="ip")


_NETWORK, _HOST_BITS = "/64", 64


class Tally(NamedTuple):
    """What was counted of a subject within the hour.

    Attributes:
        sent: codes, resends included.
        begun, verified: verifications whose users had time to look at their phones, and how many did.
    """

    sent: int = 0
    begun: int = 0
    verified: int = 0


def is_conspicuous(own: Tally, min_sends: int) -> bool:
    """Whether a prefix is worth comparing: enough was sent, and it converts worse than is usual."""
    return own.begun >= min_sends and wilson(own.verified, own.begun)[1] < USUAL_CONVERSION


def peopled(ranges: Iterable[Tally]) -> Tally:
    """The sum of those that people may be behind.

    What is pumped is no measure, or who pumps several ranges at once would be measured by himself.
    """
    begun = verified = 0
    for each in ranges:
        if each.begun <= FEW or wilson(each.verified, each.begun)[1] >= LEAST_CONVERSION:
            begun, verified = begun + each.begun, verified + each.verified
    return Tally(begun, begun, verified)


def converts_badly(own: Tally, others: Tally, account: Callable[[], Tally], min_sends: int) -> bool:
    """Whether a prefix has so few codes verified that people cannot be behind it.

    `others`: the peopled ranges of the country, without it; `account`: the account's day in all countries,
    looked up where those say nothing. Bounds of confidence are compared, so that few codes prove little.
    """
    if not is_conspicuous(own, min_sends):
        return False
    if others.begun >= min_sends and others.verified:
        expected = max(wilson(others.verified, others.begun)[0], LEAST_CONVERSION)
    else:
        expected = _expected(own, account(), min_sends)
    return wilson(own.verified, own.begun)[1] < SUSPECT * expected


def _expected(own: Tally, account: Tally, min_sends: int) -> float:
    """By the account's day; 0 where it verified nothing at all, which it does not do by way of people either.

    Countries differ: more than is usual cannot be asked of one for what others do.
    """
    # The account's includes those that had no time yet: so do codes that were sent.
    begun, verified = account.begun - own.sent, account.verified - own.verified
    if begun < min_sends:
        return USUAL_CONVERSION
    if not account.verified:
        return 0.0
    return min(max(wilson(verified, begun)[0], LEAST_CONVERSION), USUAL_CONVERSION)


class Slice(NamedTuple):
    """How much was counted in the slice of time that begins at `begin`."""

    begin: int
    amount: int


def frees_at(slices: Iterable[Slice], *, excess: int, kept_us: int) -> int | None:
    """When a window will have lost `excess`, in microseconds; None: even empty it is too narrow.

    `slices` from the oldest on; each is looked at for `kept_us` from its beginning.
    """
    for begin, amount in slices:
        excess -= amount
        if excess <= 0:
            return begin + kept_us
    return None


def seconds_until(when: int | None, now: int) -> int | None:
    """How long to wait, in whole seconds, at least one; None where there is nothing to wait for."""
    return None if when is None else max(1, -(-(when - now) // 1_000_000))
