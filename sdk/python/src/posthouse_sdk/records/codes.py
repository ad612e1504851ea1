"""What there is to know of one-time passwords and their verifications."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from posthouse_sdk.words import Mode, RuleMode, VerificationState


class OtpReply(TypedDict):
    """A code on its way; the code itself is told to nobody but the handset."""

    request_id: str
    expires_at: str
    state: VerificationState
    sms_id: str | None
    to: str
    purpose: str
    resend_at: str


class VerifyReply(TypedDict):
    """Whether the code was right; of a wrong one nothing more is said."""

    valid: bool
    request_id: NotRequired[str | None]
    verified_at: NotRequired[str | None]


class VerificationRecord(TypedDict):
    """A verification, from the first code asked for to its end."""

    request_id: str
    to: str
    purpose: str
    state: VerificationState
    test_number: bool
    mode: Mode
    length: int
    sends: int
    checks_left: int
    country: str
    sms_ids: list[str]
    created_at: str
    expires_at: str
    verified_at: str | None


class TestNumber(TypedDict):
    """A number whose code is fixed, and to which nothing is sent."""

    id: str
    to: str
    mode: Mode
    created_at: str
    expires_at: str


class GuardSpend(TypedDict):
    """How much money one-time passwords may cost an account; None: no cap."""

    hour: str | None
    day: str | None


class GuardRule(TypedDict):
    """One rule of the guard, and how often it spoke in the last day."""

    mode: RuleMode
    per_hour: NotRequired[int | None]
    block_s: NotRequired[int | None]
    types: NotRequired[list[str]]
    min_sends: NotRequired[int | None]
    refused_24h: int
    shadowed_24h: int


class GuardBreaker(TypedDict):
    """Whether checks are paused, and until when."""

    open: bool
    until: str | None


class GuardReply(TypedDict):
    """The account's guard against pumped traffic."""

    countries: list[str] | None
    simulator: Literal["shadow", "enforce"]
    spend: GuardSpend
    rules: dict[str, GuardRule]
    breaker: GuardBreaker


class GuardEntry(TypedDict):
    """A prefix or an address that is blocked, or that is safe from being so."""

    id: str
    prefix: str | None
    address: str | None
    rule: str | None
    platform: bool
    mode: Mode | None
    created_at: str
    expires_at: str | None


class GuardPrefixes(TypedDict):
    """The platform's list of prefixes that no code goes to."""

    count: int
    prefixes: list[str]


class GuardPrefixesCount(TypedDict):
    """How long that list is now."""

    count: int
