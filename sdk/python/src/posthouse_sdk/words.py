"""The closed vocabularies of the API, as literal types."""

from typing import Literal

MessageState = Literal[
    "scheduled",
    "queued",
    "sending",
    "unknown",
    "sent",
    "delivered",
    "undelivered",
    "expired",
    "failed",
    "canceled",
    "unconfirmed",
]
"""Where a message stands."""

VerificationState = Literal["pending", "verified", "expired", "canceled", "locked"]
"""Where a verification stands."""

ReviewState = Literal["draft", "pending", "approved", "rejected"]
"""How a vendor's review of a template or a signature stands."""

AccountStatus = Literal["pending", "approved", "rejected", "trial"]
"""How far an account is trusted."""

Purpose = Literal["otp", "notification", "marketing"]
"""The lane of a message."""

TemplateKind = Literal["otp", "notification", "marketing"]
"""What a template is for."""

Encoding = Literal["gsm7", "ucs2"]
"""How a text is encoded on the air."""

Mode = Literal["live", "test"]
"""Whether a key sends for real."""

Role = Literal["operator", "account"]
"""What a key may see: the whole platform, or its own account."""

Reason = Literal[
    "auth",
    "forbidden",
    "balance",
    "rate_limited",
    "quota",
    "invalid_number",
    "invalid_sender",
    "template",
    "content",
    "blocked",
    "invalid_request",
    "unroutable",
    "unreachable",
    "expired",
    "vendor_temporary",
    "unknown",
]
"""Why a vendor or a carrier refused."""

Outcome = Literal[
    "started", "accepted", "refused", "deferred", "not_sent", "unknown", "delivered", "undelivered"
]
"""What became of one vendor call."""

ChannelState = Literal["active", "draining"]
"""Whether a channel is given messages, or only finishes what it has."""

Keyword = Literal["stop", "start", "help"]
"""What a handset's text asks for, where it is nothing but a keyword."""

RuleMode = Literal["enforce", "shadow", "off"]
"""What a rule of the guard does when it speaks: refuses, only counts, or nothing."""

FINAL: frozenset[MessageState] = frozenset(
    {"delivered", "undelivered", "expired", "failed", "canceled", "unconfirmed"}
)
"""The states after which nothing more is tried."""
