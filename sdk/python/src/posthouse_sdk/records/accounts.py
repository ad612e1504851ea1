"""What there is to know of accounts, keys, prices and errors."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from posthouse_sdk.words import AccountStatus, Mode, Reason, Role


class BalanceReply(TypedDict):
    """Prepaid money."""

    available: str
    held: str
    spent: str
    currency: str


class PurposeLimits(TypedDict):
    """The most messages of one purpose that may be accepted for one number."""

    minute: NotRequired[int | None]
    hour: NotRequired[int | None]
    day: NotRequired[int | None]


class LimitsByPurpose(TypedDict):
    """How many messages one number may get, by their purpose; what is absent has no limit."""

    otp: NotRequired[PurposeLimits | None]
    notification: NotRequired[PurposeLimits | None]
    marketing: NotRequired[PurposeLimits | None]


class AccountReply(TypedDict):
    """The account behind the key, and what the key may do."""

    account: str
    status: AccountStatus
    balance: BalanceReply
    total_sent: int
    today_sent: int
    quiet_hours: str | None
    recipient_limits: LimitsByPurpose
    mode: Mode
    role: Role
    scopes: list[str]


class KeyRow(TypedDict):
    """A key, without its secrets: they are not stored."""

    key_id: str
    account: str
    name: str | None
    role: Role
    mode: Mode
    scopes: list[str]
    rate_limit: int | None
    created_at: str
    revoked_at: str | None


class IssuedReply(TypedDict):
    """A new key; its secrets are shown here and never again."""

    key_id: str
    account: str
    name: str | None
    role: Role
    mode: Mode
    scopes: list[str]
    created_at: str
    key: str
    api_key: str
    api_secret: str


class AccountRow(TypedDict):
    """An account as operators see it."""

    account: str
    status: AccountStatus
    balance: BalanceReply
    region: str
    unknown_policy: Literal["leave", "resend"]
    strict_numbers: bool
    rate_limit: int | None
    quiet_hours: str | None
    recipient_limits: LimitsByPurpose
    created_at: str


class CreditReply(TypedDict):
    """What an account has after a credit."""

    account: str
    amount: str
    balance: BalanceReply


class WordsReply(TypedDict):
    """What no message of an account may hold."""

    account: str
    count: int
    words: list[str]


class WordsCount(TypedDict):
    """A list of words that was set."""

    account: str
    count: int


class PricesReply(TypedDict):
    """A price list."""

    account: str | None
    currency: str
    prices: dict[str, str]


class TrialReply(TypedDict):
    """An account on trial with its key, whose secrets are shown here and never again."""

    account: str
    status: AccountStatus
    balance: BalanceReply
    key: str
    api_key: str
    api_secret: str
    base_url: str


class CodeEntry(TypedDict):
    """Why a request was refused."""

    code: str
    status: int
    title: str
    detail: str
    suggested_action: str
    retryable: bool


class ReasonEntry(TypedDict):
    """Why a vendor or carrier refused a message."""

    reason: Reason
    title: str
    meaning: str
    suggested_action: str
    retryable: bool


class CatalogueReply(TypedDict):
    """Codes of refused requests, and reasons of refused messages."""

    codes: list[CodeEntry]
    reasons: list[ReasonEntry]


class Activated(TypedDict):
    """The account that `activate` opened, or found again; its key is in the credentials file."""

    account: str
    status: AccountStatus
    balance: BalanceReply
    base_url: str


def activated(found: AccountReply | TrialReply, base_url: str) -> Activated:
    """Without the key, so that it can be printed."""
    return Activated(
        account=found["account"], status=found["status"], balance=found["balance"], base_url=base_url
    )
