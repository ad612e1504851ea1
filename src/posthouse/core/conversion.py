"""How many of the codes that a channel carries are used: one whose codes get lost is told from the others."""

from collections.abc import Iterable, Mapping
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


class Share(NamedTuple):
    """What one account has to say of a channel in a country."""

    account_id: int
    country: str
    figures: Conversion


def by_country(shares: Iterable[Share]) -> Mapping[str, tuple[Conversion, ...]]:
    """The figures of all accounts together, of which no single one can speak ill of a channel.

    Accounts that verified nothing at all say nothing. Of each channel the account is left out without which
    it does best, as long as `ENOUGH` remains to judge it by.
    """
    every = list(shares)
    verifying = {each.account_id for each in every if each.figures.verified}
    gathered: dict[str, dict[int, list[Conversion]]] = {}
    for account_id, country, figures in every:
        if account_id in verifying:
            gathered.setdefault(country, {}).setdefault(figures.channel_id, []).append(figures)
    return {
        country: tuple(_together(gathered[country][channel_id]) for channel_id in sorted(gathered[country]))
        for country in gathered
    }


def _together(figures: list[Conversion]) -> Conversion:
    """Of one channel, one from each account."""
    channel_id = figures[0].channel_id
    ended, verified = sum(each.ended for each in figures), sum(each.verified for each in figures)
    without = [Conversion(channel_id, ended - each.ended, verified - each.verified) for each in figures]
    enough = (each for each in without if each.ended >= ENOUGH)
    return max(
        [Conversion(channel_id, ended, verified), *enough], key=lambda each: each.verified / each.ended
    )


def outdone(figures: Iterable[Conversion]) -> dict[int, Conversion]:
    """Those that certainly convert worse than the best of them, by the channel's id.

    Bounds are compared, so that few codes prove little, and at least `ENOUGH` must have ended of each.
    """
    judged = [each for each in figures if each.ended >= ENOUGH]
    if len(judged) <= 1:
        return {}
    best = WORSE * max(each.bounds[0] for each in judged)
    return {each.channel_id: each for each in judged if each.bounds[1] < best}
