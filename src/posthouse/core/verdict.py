"""What a vendor said: one verdict per recipient of one call, and one reason vocabulary for all vendors.

A verdict is about one *attempt*. What becomes of the *message* is decided in `core/message.py`.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took the message.

    `reference` is the vendor's own id, by which receipts will find the attempt; `parts` is the
    vendor's part count, where it tells one.
    """

    reference: str
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor certainly did not take it and the same call would be refused again."""

    reason: Reason
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The vendor certainly did not take it, but the same channel may later; `after_s` in seconds."""

    reason: Reason
    after_s: float = 1.0
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The call failed before any byte left (or an authoritative query found nothing): fail over freely."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes left and no usable answer came: the vendor may or may not have it. Never resent on a guess."""

    detail: str


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
        recipient: E.164; with the reference it names one recipient of a coalesced call.
        fate: what happened on the handset's side.
        reason: why not, when undelivered.
        code: the vendor's raw code.
        at: when the vendor says it happened, microseconds UTC.
    """

    reference: str
    recipient: str
    fate: Fate
    reason: Reason | None = None
    code: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that a handset sent to us in answer to a message (inbound)."""

    reference: str
    sender: str
    text: str
    at: int
