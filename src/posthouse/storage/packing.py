"""A few times in one column: eight bytes each, in order."""

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
