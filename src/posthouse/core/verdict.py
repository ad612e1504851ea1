"""What a vendor said: one verdict per recipient of one call, and one reason vocabulary for all vendors.

A verdict is about one *attempt*. What becomes of the *message* is decided in `core/message.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why a vendor or a carrier refused; every vendor code maps to one of these."""

    AUTH = "auth"
    FORBIDDEN = "forbidden"
    BALANCE = "balance"
    RATE_LIMITED = "rate_limited"
    QUOTA = "quota"
    INVALID_NUMBER = "invalid_number"
    INVALID_SENDER = "invalid_sender"
    TEMPLATE = "template"
    CONTENT = "content"
    BLOCKED = "blocked"
    INVALID_REQUEST = "invalid_request"
    UNROUTABLE = "unroutable"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    VENDOR_TEMPORARY = "vendor_temporary"
    UNKNOWN = "unknown"


ANOTHER_CHANNEL_MAY_TAKE_IT = frozenset(
    {
        Reason.BALANCE,
        Reason.AUTH,
        Reason.FORBIDDEN,
        Reason.INVALID_SENDER,
        Reason.TEMPLATE,
        Reason.VENDOR_TEMPORARY,
        Reason.RATE_LIMITED,
        Reason.UNROUTABLE,
        Reason.UNKNOWN,
    }
)
"""Refusals that say something about the channel, not about the message: worth a failover."""

ROUTE_LOCAL = ANOTHER_CHANNEL_MAY_TAKE_IT - {Reason.UNKNOWN}
"""Why a carrier did not bring it over this route, where another still may. Unknown reasons prove nothing."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took the message.

    `reference` is the vendor's own id, by which receipts will find the attempt; `parts` is the
    vendor's part count, where it tells one. `others`: the references of the parts after the first, where
    each part has one of its own. `exchange`, here and in every other verdict: the call it comes from, without
    its secrets, as JSON.
    """

    reference: str
    parts: int | None = None
    others: tuple[str, ...] = ()
    exchange: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor certainly did not take it and the same call would be refused again."""

    reason: Reason
    code: str = ""
    text: str = ""
    exchange: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """The vendor certainly did not take it, but the same channel may later; `after_s` in seconds."""

    reason: Reason
    after_s: float = 1.0
    code: str = ""
    text: str = ""
    exchange: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotSent:
    """The call failed before any byte left (or an authoritative query found nothing): fail over freely."""

    detail: str
    exchange: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes left and no usable answer came: the vendor may or may not have it. Never resent on a guess."""

    detail: str
    exchange: str | None = field(default=None, compare=False)


Verdict = Accepted | Refused | Deferred | NotSent | Unknown


class Fate(StrEnum):
    """What a receipt says of one part of one attempt."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A vendor's word about something it took earlier.

    Attributes:
        reference: the vendor's id, as in `Accepted`.
        recipient: E.164; with the reference it names one recipient of a coalesced call. Without a `+` it is
            the number's last digits, as far as the vendor tells them: all of them, or none at all.
        fate: what happened on the handset's side.
        reason: why not, when undelivered.
        code: the vendor's raw code.
        at: when the vendor says it happened, microseconds UTC.
        part, parts: which of how many parts it is about; all must be delivered before the message is.
        key: our own reference of the attempt, where the vendor echoes it: it finds an attempt whose answer,
            and with it the vendor's reference, was lost.
    """

    reference: str
    recipient: str
    fate: Fate
    reason: Reason | None = None
    code: str = ""
    at: int = 0
    part: int = 1
    parts: int = 1
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that a handset sent to us (inbound).

    Attributes:
        reference: the message it answers, or else what tells it from others of the same handset.
        sender: E.164.
        at: when the vendor says it came, microseconds UTC; 0 where it tells no time.
        to: which of our numbers or extension codes it was sent to, where the vendor says so.
    """

    reference: str
    sender: str
    text: str
    at: int
    to: str | None = None
