"""How many of the codes that a channel carries are used: one whose codes get lost is told from the others."""

from collections.abc import Iterable
from typing import NamedTuple

from posthouse.core.confidence import wilson

ENOUGH = 20
"""Verifications that must have ended before a channel is judged, or others by it."""

WORSE = 0.8
"""How far below the best a channel must convert."""


class Conversion(NamedTuple):
    """The codes of one country that a channel carried: verifications that ended, and how many verified."""

    channel_id: int
    ended: int
    verified: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which its rate lies, at 95 % confidence."""
        return wilson(self.verified, self.ended)


def outdone(figures: Iterable[Conversion]) -> dict[int, Conversion]:
    """Those that certainly convert worse than the best of them, by the channel's id.

    Bounds are compared, so that few codes prove little, and at least `ENOUGH` must have ended of each.
    """
    judged = [each for each in figures if each.ended >= ENOUGH]
    if len(judged) <= 1:
        return {}
    best = WORSE * max(each.bounds[0] for each in judged)
    return {each.channel_id: each for each in judged if each.bounds[1] < best}
