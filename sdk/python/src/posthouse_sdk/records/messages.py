"""What there is to know of messages."""

from __future__ import annotations

from typing import TypedDict

from posthouse_sdk.words import Encoding, Keyword, MessageState, Outcome, Purpose, Reason


class Price(TypedDict):
    """An amount of money."""

    amount: str
    currency: str


_SmsRecordFrom = TypedDict("_SmsRecordFrom", {"from": str | None})


class SmsRecord(_SmsRecordFrom):
    """A message as its sender sees it."""

    sms_id: str
    to: str
    state: MessageState
    vendor: str | None
    segments: int
    encoding: Encoding
    created_at: str
    send_at: str | None
    expires_at: str
    updated_at: str
    purpose: Purpose
    signature: str | None
    template_id: str | None
    reference: str | None
    metadata: dict[str, str] | None
    batch_id: str | None
    price: Price
    simulated: bool
    reason: Reason | None
    attempts: int
    template_version: int | None
    postponed_from: str | None


class Attempt(TypedDict):
    """One vendor call."""

    number: int
    channel: str
    vendor: str
    outcome: Outcome
    reason: Reason | None
    vendor_code: str | None
    vendor_text: str | None
    started_at: str
    answered_at: str | None
    settled_at: str | None
    exchange: dict[str, object] | None


class Event(TypedDict):
    """One change, numbered from 1."""

    sequence: int
    kind: str
    at: str
    data: dict[str, object] | None


class TraceReply(TypedDict):
    """Everything that ever happened to a message."""

    message: SmsRecord
    attempts: list[Attempt]
    events: list[Event]


class Characters(TypedDict):
    """How the text, signature included, fills its segments: in septets of GSM-7, or UTF-16 units of UCS-2."""

    used: int
    per_segment: int
    left: int


class CulpritCharacter(TypedDict):
    """A character that GSM-7 has not, so that the whole text takes more than twice the room."""

    character: str
    codepoint: str
    name: str
    positions: list[int]
    suggestion: str | None


class Candidate(TypedDict):
    """A channel, and why it would or would not carry the message."""

    channel: str
    vendor: str
    chosen: bool
    why: str


class EstimateReply(TypedDict):
    """What a message would be; nothing was sent, stored or held."""

    to: str
    country: str
    segments: int
    encoding: Encoding
    characters: Characters | None
    culprits: list[CulpritCharacter]
    segments_if_replaced: int | None
    price: Price
    price_per_segment: Price
    affordable: bool
    vendor: str | None
    simulated: bool
    candidates: list[Candidate]
    send_at: str | None
    postponed_from: str | None
    expires_at: str


_SandboxMessageFrom = TypedDict("_SandboxMessageFrom", {"from": str | None})


class SandboxMessage(_SandboxMessageFrom):
    """What a simulated handset shows."""

    sms_id: str
    to: str
    text: str
    received_at: str


class SandboxReply(TypedDict):
    """What the simulated handsets got, newest first."""

    data: list[SandboxMessage]


_InboxTextFrom = TypedDict("_InboxTextFrom", {"from": str})


class InboxText(_InboxTextFrom):
    """A text that a handset sent; `to` is what it was sent to, `sms_id` the message that it answers.

    `sent_at` is None where the vendor tells no time.
    """

    id: str
    to: str | None
    text: str
    keyword: Keyword | None
    channel: str
    sms_id: str | None
    sent_at: str | None
    received_at: str
