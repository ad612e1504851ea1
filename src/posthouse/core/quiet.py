"""Quiet hours: a time of the day in which an account's marketing messages wait."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from posthouse.core.errors import Code, Refusal

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAY_MIN = 1_440
_SECOND_US = 1_000_000


class QuietHours(NamedTuple):
    """From `start` until before `end`, in minutes of the day; over midnight where `end` is the smaller."""

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in self)

    def over(self, at: int, zone: tzinfo) -> int:
        """The first moment (microseconds UTC), from `at` on, that is not quiet on this zone's clocks.

        Clocks that are put forward may pass over the end of the quiet hours, and those put back may begin
        them anew: what counts is what the clock shows.
        """
        while self._holds(local := _local(at, zone)):
            left_min = (self.end - _minute(local)) % _DAY_MIN
            until = at - at % _SECOND_US + (left_min * 60 - local.second) * _SECOND_US
            at = _until_clocks_change(at, until, zone)
        return at

    def _holds(self, local: datetime) -> bool:
        minute = _minute(local)
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


def quiet_hours(written: str) -> QuietHours:
    """As `21:00-08:00`. Refuses with INVALID_VALUE."""
    found = _FORM.fullmatch(written)
    if found is None or found[1] + found[2] == found[3] + found[4]:
        raise Refusal(Code.INVALID_VALUE, param="quiet_hours", kind="hours")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    return QuietHours(from_hour * 60 + from_minute, to_hour * 60 + to_minute)


def _local(at: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at // _SECOND_US, zone)


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _until_clocks_change(at: int, until: int, zone: tzinfo) -> int:
    """The first moment after `at` from which clocks are set otherwise, or `until` if that comes first."""

    def offset(second: int) -> timedelta | None:
        return datetime.fromtimestamp(second, zone).utcoffset()

    before, after = at // _SECOND_US, until // _SECOND_US
    now = offset(before)
    if offset(after) == now:
        return until
    while after - before > 1:
        middle = (before + after) // 2
        if offset(middle) == now:
            before = middle
        else:
            after = middle
    return after * _SECOND_US
