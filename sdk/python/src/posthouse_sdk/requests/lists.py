"""What the lists can be narrowed to."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from posthouse_sdk.words import ChannelState, Keyword, MessageState, Purpose, VerificationState


class Pages(TypedDict, total=False):
    """How a list is cut."""

    limit: int | None
    """Items a page; the iteration goes on over all pages."""
    cursor: str | None
    """Where to go on: the `next_cursor` of a page."""


class MessageFilter(Pages, total=False):
    """Which messages."""

    state: MessageState | None
    """Only those that stand so now."""
    to: str | None
    """Only those to this number."""
    since: str | datetime | None
    """Only those accepted at this time or later."""
    until: str | datetime | None
    """Only those accepted before this time."""
    batch_id: str | None
    """Only those of this batch."""
    reference: str | None
    """Only those under this label of yours."""
    purpose: Purpose | None
    """Only those of this lane."""


class BatchFilter(Pages, total=False):
    """Which batches."""

    reference: str | None
    """Only those under this label of yours."""


class VerificationFilter(Pages, total=False):
    """Which verifications."""

    state: VerificationState | None
    """Only those that stand so now."""
    to: str | None
    """Only those of this number."""
    purpose: str | None
    """Only those under this label of yours."""


class SuppressionFilter(Pages, total=False):
    """Which entries of the suppression list."""

    to: str | None
    """Only those of this number."""


class KeyFilter(Pages, total=False):
    """Which keys."""

    account: str | None
    """Only this account's. Operators only."""


class InboxFilter(Pages, total=False):
    """Which texts of the inbox."""

    from_: str | None
    """Only those of this handset."""
    to: str | None
    """Only those sent to this number or extension code, exactly as the vendor wrote it."""
    keyword: Keyword | None
    """Only those that ask for this."""
    channel: str | None
    """Only those that this channel handed over."""
    since: str | datetime | None
    """Only those received at this time or later."""
    until: str | datetime | None
    """Only those received before this time."""
    unclaimed: bool | None
    """Nobody's texts, instead of the account's. Operators only."""


class ChannelFilter(Pages, total=False):
    """Which channels."""

    account: str | None
    """Only this account's. Operators only."""
    vendor: str | None
    """Only those to this vendor."""
    state: ChannelState | None
    """Only those that stand so now."""
