"""How much a rate proves that was seen in so many trials."""

from math import sqrt

_Z = 1.959964  # 95 %


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The bounds of a rate at 95 % confidence (Wilson's score interval), both from 0 to 1."""
    if trials <= 0:
        return 0.0, 1.0
    successes = min(max(successes, 0), trials)
    rate, square = successes / trials, _Z * _Z
    middle = rate + square / (2 * trials)
    margin = _Z * sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    whole = 1 + square / trials
    # What rounding would leave of nothing is nothing.
    low = (middle - margin) / whole if successes else 0.0
    high = (middle + margin) / whole if successes < trials else 1.0
    return low, high
