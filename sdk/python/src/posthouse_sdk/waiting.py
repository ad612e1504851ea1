"""How patiently a message is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from posthouse_sdk.words import FINAL, MessageState

_FIRST_S = 0.05
_GROWTH = 1.6
_LONGEST_S = 2.0

REACHED: Mapping[str, frozenset[MessageState]] = {"final": FINAL, "sent": FINAL | {"sent"}}
"""Where waiting until this ends."""


def pauses() -> Iterator[float]:
    """Seconds between two looks: short at first, since most messages are quick, then longer."""
    pause = _FIRST_S
    while True:
        yield pause
        pause = min(pause * _GROWTH, _LONGEST_S)
