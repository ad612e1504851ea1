"""What the calls about accounts and keys take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required, TypedDict

from posthouse_sdk.records.accounts import LimitsByPurpose
from posthouse_sdk.words import Mode, Role


class KeyRequest(TypedDict, total=False):
    """A key to issue: with no more rights than the key that asks for it."""

    name: str | None
    """What it is for, to tell it from others."""
    mode: Mode | None
    """With test everything goes to the simulator."""
    scopes: Sequence[str] | None
    """What it may do; when absent, all that is usual and the asking key may."""
    account: str | None
    """Whose it will be; one's own account when absent. Operators only."""
    role: Role | None
    """An operator's key also rules the platform's resources. Operators only."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class AccountRequest(TypedDict, total=False):
    """An account to open."""

    name: Required[str]
    """The account's name: one line without a slash."""
    balance: str
    """In currency units, with at most six decimals."""
    status: Literal["approved", "pending", "rejected"]
    """How far the account may go: only an approved one sends for real."""
    region: str
    """Where bare numbers are read: an ISO 3166 code of two letters."""
    unknown_policy: Literal["leave", "resend"]
    """What becomes of a notification whose fate cannot be learnt: it is left, or sent again."""
    strict_numbers: bool
    """Whether numbers that no country has assigned are refused."""
    rate_limit: int | None
    """Calls a second each key of the account may make; null: the usual 5,000."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class AccountChanges(TypedDict, total=False):
    """What to change of an account; what is absent stays."""

    status: Literal["approved", "pending", "rejected"]
    """How far the account may go: only an approved one sends for real."""
    region: str
    """Where bare numbers are read: an ISO 3166 code of two letters."""
    unknown_policy: Literal["leave", "resend"]
    """What becomes of a notification whose fate cannot be learnt: it is left, or sent again."""
    strict_numbers: bool
    """Whether numbers that no country has assigned are refused."""
    rate_limit: int | None
    """Calls a second each key of the account may make; null: the usual 5,000."""
    quiet_hours: str | None
    """From when until when messages for marketing wait, on the clocks of the server's zone; over midnight
    where the end is the earlier. null: no quiet hours.
    """
    recipient_limits: LimitsByPurpose | None
    """How many messages one number may get, by purpose. What is given replaces all there were: what is
    absent has no limit. null or {}: no limits.
    """


class CreditRequest(TypedDict, total=False):
    """Money to add."""

    amount: Required[str]
    """In currency units, with at most six decimals."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""
