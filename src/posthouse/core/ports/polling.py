"""What vendors are asked about because no receipt has come."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.ports.store import Query


class Awaited(NamedTuple):
    """An attempt that a vendor took and told nothing of since; `started_at`: when its call began."""

    channel_id: int
    message_id: int
    attempt: int
    recipient: str
    reference: str
    started_at: int


class Place(NamedTuple):
    """How far the vendors' references were looked through: up to this row, written at this time."""

    row: int = 0
    at: int = 0


class AwaitedPage(NamedTuple):
    """What a look has found, and where the next goes on; `more`: there is more to look at now."""

    awaited: list[Awaited]
    place: Place
    more: bool


@dataclass(frozen=True, slots=True)
class FindAwaited(Query[AwaitedPage]):
    """Look at up to `rows` references from a place on, in the order they were written.

    Answers those of `channels` that were written after `since` and not after `until`, and no receipt was
    heard of; those after `until` are left for another time. Of a restored backup none, while any message of
    it is held: whether this installation takes over, an operator says by releasing them.
    """

    after: Place
    since: int
    until: int
    channels: frozenset[int]
    rows: int
