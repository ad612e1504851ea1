"""A few values in one column: times, eight bytes each, in order; ids of channels, with spaces between."""

from collections.abc import Sequence
from struct import pack as _pack
from struct import unpack as _unpack


def pack(times: Sequence[int]) -> bytes:
    """As they are stored."""
    return _pack(f"<{len(times)}q", *times)


def unpack(stored: bytes) -> tuple[int, ...]:
    """The times again."""
    stored = bytes(stored)
    return _unpack(f"<{len(stored) // 8}q", stored)


def channel_ids(stored: str | None) -> frozenset[int]:
    """The ids in a column of a message, which whoever drafts it writes there."""
    return frozenset(map(int, stored.split())) if stored else _NOWHERE


_NOWHERE: frozenset[int] = frozenset()
