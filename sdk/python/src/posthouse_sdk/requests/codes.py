"""What the calls about one-time passwords and the guard take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from posthouse_sdk.words import RuleMode


class OtpRequest(TypedDict, total=False):
    """A code to send."""

    to: Required[str]
    """The recipient: E.164, or a number of the account's default region."""
    template_id: str | None
    """A template of your own of kind otp with `{code}`; `{minutes}` is filled in too."""
    params: Mapping[str, str | int] | None
    """The template's other variables."""
    purpose: str | None
    """A label of your own, such as login; codes of one purpose do not pass for another."""
    length: int | None
    """How many digits, 4 to 10; 6 when absent."""
    ttl_s: int | None
    """How long the code lives, 60 to 600 seconds; 300 when absent."""
    signature: str | None
    """Placed in front of the text within 【】, which it must not hold itself."""
    from_: str | None
    """The sender: a number, short code or sender id set up on a channel."""
    vendor: str | None
    """A vendor or channel to use instead of our choice."""
    ip: str | None
    """The end user's address, for the guard."""
    domain: str | None
    """For Web OTP: the last line becomes `@domain #code`."""
    app_hash: str | None
    """For Android's SMS Retriever: 11 characters, the last line."""
    amount: str | None
    """What the code is bound to; the check must name the same."""
    payee: str | None
    """Whom the code is bound to; the check must name the same."""
    another_channel: bool | None
    """Whether a resend should go another way."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class VerifyRequest(TypedDict, total=False):
    """A code to check."""

    to: Required[str]
    """Who typed it: the number the code was sent to."""
    code: Required[str]
    """What was typed."""
    purpose: str | None
    """The label under which it was asked for."""
    request_id: str | None
    """Which verification; the newest of the purpose when absent."""
    amount: str | None
    """What the code was bound to."""
    payee: str | None
    """Whom the code was bound to."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class TestNumberRequest(TypedDict, total=False):
    """A number to fix the code of."""

    to: Required[str]
    """The number; nothing will be sent to it."""
    code: Required[str]
    """Its code, 4 to 10 digits."""
    ttl_s: int | None
    """How long, at most 90 days; 30 days when absent."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class GuardSpendChanges(TypedDict, total=False):
    """How much money one-time passwords may cost; None: no cap."""

    hour: str | None
    day: str | None


class GuardRuleChanges(TypedDict, total=False):
    """What to change of a rule."""

    mode: RuleMode
    per_hour: int | None
    block_s: int | None
    types: Sequence[str]
    min_sends: int | None


class GuardChanges(TypedDict, total=False):
    """What to change of the guard; what is absent stays."""

    countries: Sequence[str] | None
    """Where codes may go, as ISO 3166 codes of two letters; None: anywhere."""
    simulator: Literal["shadow", "enforce"]
    """Whether simulated sends are refused too, or only judged."""
    spend: GuardSpendChanges
    """Caps for an hour and a day."""
    rules: Mapping[str, GuardRuleChanges]
    """Rules by name."""


class GuardEntryRequest(TypedDict, total=False):
    """A prefix or an address to block or to keep safe: one of the two."""

    prefix: str | None
    """Numbers that begin so, such as +2376."""
    address: str | None
    """An address of end users, IPv4 or IPv6."""
    ttl_s: int | None
    """How long; for good when absent."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""
