"""What there is to know of batches."""

from __future__ import annotations

from typing import TypedDict

from posthouse_sdk.records.messages import Price


class RejectedItem(TypedDict):
    """A recipient that was not accepted."""

    index: int
    to: str
    code: str


class BatchReply(TypedDict):
    """A batch that was taken in."""

    batch_id: str
    accepted: int
    rejected: list[RejectedItem]


class BatchStanding(TypedDict):
    """A batch, and what has become of its messages."""

    batch_id: str
    reference: str | None
    count: int
    created_at: str
    price: Price
    states: dict[str, int]
    done: bool


class MovedBatch(TypedDict):
    """A batch that was given another time."""

    batch_id: str
    reference: str | None
    count: int
    created_at: str
    price: Price
    states: dict[str, int]
    done: bool
    moved: int
    send_at: str
    postponed_to: str | None


class CanceledBatch(TypedDict):
    """A batch that was stopped."""

    batch_id: str
    reference: str | None
    count: int
    created_at: str
    price: Price
    states: dict[str, int]
    done: bool
    canceled: int
