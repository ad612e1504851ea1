"""Commands and queries about channels: configured connections to vendors.

A channel belongs to the platform (`account_id` None) or is an account's own. Its settings hold no secrets;
its credentials are sealed by `core/vault.py`. Every change raises the directory's version.
"""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command, Query
from posthouse.core.routing import Channel


class ChannelRecord(NamedTuple):
    """A channel with all that routing does not look at.

    Attributes:
        settings: by name, those that are no secrets.
        credentials: sealed JSON of those that are.
        callback_from: networks that its callbacks may come from, as `203.0.113.0/24`; empty for any.
        generation: of its callback address; each has another.
        created_at, changed_at: microseconds UTC.
    """

    channel: Channel
    settings: dict[str, str]
    credentials: bytes
    callback_from: tuple[str, ...] = ()
    generation: int = 1
    created_at: int = 0
    changed_at: int = 0


@dataclass(frozen=True, slots=True)
class AddChannel(Command[bytes | None]):
    """Configure a connection to a vendor; the id of `record.channel` does not count.

    Answers the stored reply where the idempotency key was used before. Refuses with ALREADY_EXISTS (its owner
    has one of this name) and IDEMPOTENCY_KEY_REUSED.
    """

    record: ChannelRecord
    at: int
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class SaveChannel(Command[bool]):
    """Write a channel anew as it was read and changed; owner, vendor and name stay.

    Answers False, and writes nothing, where somebody else has changed it since: it is known by
    `record.changed_at`, so `at` must be another time. Refuses with NOT_FOUND.
    """

    record: ChannelRecord
    at: int


@dataclass(frozen=True, slots=True)
class RemoveChannel(Command[None]):
    """Forget a channel: its name is free again, its credentials are wiped. Refuses with NOT_FOUND.

    What was sent over it still names it. Messages that it has go on waiting for receipts, which cannot come
    any more: drain it first.
    """

    channel_id: int
    at: int


@dataclass(frozen=True, slots=True)
class ListChannels(Query[list[Channel]]):
    """Every channel there is, oldest first."""


@dataclass(frozen=True, slots=True)
class ListChannelRecords(Query[list[ChannelRecord]]):
    """Every channel with its settings, oldest first; only those with this name, where it is given."""

    name: str | None = None
