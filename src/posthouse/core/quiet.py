"""Quiet hours: a time of the day in which an account's marketing messages wait."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.times import micros

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class QuietHours(NamedTuple):
    """From `start` until before `end`, in minutes of the day; over midnight where `end` is the smaller."""

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in self)

    def over(self, at: int, zone: tzinfo) -> int:
        """The first moment (microseconds UTC), from `at` on, that is not quiet on this zone's clocks."""
        local = datetime.fromtimestamp(at // 1_000_000, zone)
        minute = local.hour * 60 + local.minute
        start, end = self
        quiet = start <= minute < end if start < end else minute >= start or minute < end
        if not quiet:
            return at
        day = local if minute < end else local + timedelta(days=1)
        # By the wall clock; fold and gap of a clock change move it by that hour, never into the past.
        until = micros(day.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0))
        return max(until, at)


def quiet_hours(written: str) -> QuietHours:
    """As `21:00-08:00`. Refuses with INVALID_VALUE."""
    found = _FORM.fullmatch(written)
    if found is None or found[1] + found[2] == found[3] + found[4]:
        raise Refusal(Code.INVALID_VALUE, param="quiet_hours", kind="hours")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    return QuietHours(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
