"""What there is to know of channels, vendors and routes."""

from __future__ import annotations

from typing import Literal, TypedDict

from posthouse_sdk.records.messages import Price
from posthouse_sdk.words import ChannelState, Purpose, Reason


class SettingRow(TypedDict):
    """One thing that a channel of a kind is told."""

    name: str
    about: str
    required: bool
    secret: bool
    default: str
    choices: list[str]


class VendorRow(TypedDict):
    """A vendor kind: what a channel can be made of."""

    vendor: str
    title: str
    proven: Literal["sdk", "docs", "live", "own"]
    recipients_max: int
    receipts: Literal["push", "pull", "both", "none"]
    query: bool
    inbound: bool
    approval: bool
    senders: bool
    idempotent: bool
    simulated: bool
    balance: bool
    countries: list[str]
    rate_per_s: int
    settings: list[SettingRow]


class ChannelRow(TypedDict):
    """A channel without its credentials. Its callback address is a secret too: who knows it is believed."""

    name: str
    vendor: str
    account: str | None
    state: ChannelState
    simulated: bool
    settings: dict[str, str]
    credentials: list[str]
    broken: str | None
    countries: list[str]
    cost: str
    costs: dict[str, str]
    rate_per_s: int
    concurrency: int
    weight: int
    callback_from: list[str]
    callback_path: str | None
    callback_url: str | None
    created_at: str
    changed_at: str


class MoneyLeft(TypedDict):
    """What a vendor account has left, as the vendor writes it; the unit is a currency, or `messages`."""

    amount: str
    unit: str


class CheckReply(TypedDict):
    """What a vendor says of a channel's credentials; one that cannot be asked is `ok`, and not `asked`."""

    channel: str
    ok: bool
    asked: bool
    reason: Reason | None
    code: str | None
    text: str | None
    detail: str | None
    balance: MoneyLeft | None


class HealthReply(TypedDict):
    """How a channel does, as the server that answers sees it since it was started.

    Calls are those of the last minute, receipts those of the last ten; `success_low` is the share that
    succeeds, at least, at 95 % confidence.
    """

    channel: str
    state: Literal["closed", "open", "probing"]
    calls: int
    failed: int
    success_low: float
    receipt_p50_s: float | None
    delivered: int
    undelivered: int
    opened_at: str | None
    why: str


class RouteRow(TypedDict):
    """A route: which messages it is for, and where they go. An empty list leaves nothing out."""

    name: str
    position: int
    accounts: list[str]
    purposes: list[str]
    countries: list[str]
    prefixes: list[str]
    templates: list[str]
    hours: str | None
    channels: list[str]
    only: bool
    receipt_within_s: int | None


class Way(TypedDict):
    """A channel that could carry a message, and what a segment costs there."""

    channel: str
    vendor: str
    cost: Price
    why: str


class LeftOut(TypedDict):
    """A channel that could not, and why."""

    channel: str
    why: str


class ExplainReply(TypedDict):
    """Which way a message would go now; nothing was sent, stored or held."""

    to: str
    country: str
    account: str
    purpose: Purpose
    segments: int
    rule: str | None
    channel: str | None
    vendor: str | None
    cost: Price | None
    candidates: list[Way]
    considered: list[LeftOut]
