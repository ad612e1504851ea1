"""What the calls about messages take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Required, TypedDict

from posthouse_sdk.words import Purpose


class SendRequest(TypedDict, total=False):
    """One message to one recipient."""

    body: str | None
    """The text. Either this or template_id."""
    template_id: str | None
    """The template to send instead of a text; one we do not know is the vendor's own."""
    params: Mapping[str, str | int] | None
    """The template's parameters; numbers with decimals are written as texts."""
    from_: str | None
    """The sender: a number, short code or sender id set up on a channel."""
    vendor: str | None
    """A vendor or channel to use instead of our choice."""
    signature: str | None
    """Placed in front of the text within 【】, which it must not hold itself."""
    send_at: str | datetime | None
    """When to send, RFC 3339 with a zone, at most 90 days ahead; else at once."""
    validity_s: int | None
    """How long to try, from send_at or now; by default 600 s for otp, else a day."""
    purpose: Purpose | None
    """Also its lane; notification when absent."""
    reference: str | None
    """A label of your own, to find it by."""
    metadata: Mapping[str, str] | None
    """Kept with the message and given back; no control characters."""
    to: Required[str]
    """The recipient: E.164, or a number of the account's default region."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


_BatchItemFrom = TypedDict("_BatchItemFrom", {"from": str | None}, total=False)


class BatchItem(_BatchItemFrom, total=False):
    """One message of a batch; what it leaves out comes from the batch."""

    body: str | None
    """The text. Either this or template_id."""
    template_id: str | None
    """The template to send instead of a text; one we do not know is the vendor's own."""
    params: Mapping[str, str | int] | None
    """The template's parameters; numbers with decimals are written as texts."""
    vendor: str | None
    """A vendor or channel to use instead of our choice."""
    signature: str | None
    """Placed in front of the text within 【】, which it must not hold itself."""
    send_at: str | datetime | None
    """When to send, RFC 3339 with a zone, at most 90 days ahead; else at once."""
    validity_s: int | None
    """How long to try, from send_at or now; by default 600 s for otp, else a day."""
    purpose: Purpose | None
    """Also its lane; notification when absent."""
    reference: str | None
    """A label of your own, to find it by."""
    metadata: Mapping[str, str] | None
    """Kept with the message and given back; no control characters."""
    to: Required[str]
    """The recipient: E.164, or a number of the account's default region."""


class BatchRequest(TypedDict, total=False):
    """Many messages: one content to many recipients (`to`), or each its own (`messages`)."""

    body: str | None
    """The text. Either this or template_id."""
    template_id: str | None
    """The template to send instead of a text; one we do not know is the vendor's own."""
    params: Mapping[str, str | int] | None
    """The template's parameters; numbers with decimals are written as texts."""
    from_: str | None
    """The sender: a number, short code or sender id set up on a channel."""
    vendor: str | None
    """A vendor or channel to use instead of our choice."""
    signature: str | None
    """Placed in front of the text within 【】, which it must not hold itself."""
    send_at: str | datetime | None
    """When to send, RFC 3339 with a zone, at most 90 days ahead; else at once."""
    validity_s: int | None
    """How long to try, from send_at or now; by default 600 s for otp, else a day."""
    purpose: Purpose | None
    """Also its lane; notification when absent."""
    reference: str | None
    """A label of your own, to find it by."""
    metadata: Mapping[str, str] | None
    """Kept with the message and given back; no control characters."""
    to: Sequence[str] | None
    """Recipients of one content. Either this or messages."""
    messages: Sequence[BatchItem] | None
    """Messages with contents of their own. Either this or to."""
    on_error: Literal["accept_rest", "reject_all"]
    """Whether one recipient that cannot be accepted stops the whole batch."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class RescheduleRequest(TypedDict, total=False):
    """When to send it instead."""

    send_at: Required[str | datetime]
    """The new time, RFC 3339 with a zone, at most 90 days ahead."""
    validity_s: int | None
    """How long to try from then; as long as before."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class MoveRequest(TypedDict, total=False):
    """When to send what still waits for its time."""

    send_at: Required[str | datetime]
    """The new time, RFC 3339 with a zone, at most 90 days ahead."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class CancelRequest(TypedDict, total=False):
    """Nothing needs to be said; canceling twice is the same as once."""

    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""
