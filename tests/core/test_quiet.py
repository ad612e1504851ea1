"""Quiet hours: the next allowed moment, against a walk from minute to minute, where clocks change too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posthouse.core.errors import Code, Refusal
from posthouse.core.quiet import QuietHours, quiet_hours
from posthouse.core.times import micros

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Shanghai",
        "Asia/Kolkata",
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",  # by half an hour
        "Africa/Cairo",  # at midnight
    )
]
CHANGES = {
    # The days around which these zones change their clocks in 2026.
    "America/New_York": [(2026, 3, 8), (2026, 11, 1)],
    "Europe/Berlin": [(2026, 3, 29), (2026, 10, 25)],
    "Australia/Lord_Howe": [(2026, 4, 5), (2026, 10, 4)],
    "Africa/Cairo": [(2026, 4, 24), (2026, 10, 30)],
}
MINUTE_US = 60_000_000


def at(zone, *when, fold=0):
    year, month, day, hour, minute = (*when, 0, 0)[:5]
    return micros(datetime(year, month, day, hour, minute, tzinfo=zone, fold=fold))


def shown(moment, zone):
    return datetime.fromtimestamp(moment // 1_000_000, zone).strftime("%m-%d %H:%M:%S")


def walk(hours, moment, zone):
    """The definition: look at the clock now, then at the beginning of every minute that follows."""

    def quiet(instant):
        clock = datetime.fromtimestamp(instant // 1_000_000, zone)
        minute = clock.hour * 60 + clock.minute
        over_midnight = hours.start > hours.end
        in_evening, in_morning = minute >= hours.start, minute < hours.end
        return (in_evening or in_morning) if over_midnight else (in_evening and in_morning)

    while quiet(moment):
        moment = moment - moment % MINUTE_US + MINUTE_US
    return moment


minutes = st.integers(0, 1439)
spans = st.builds(QuietHours, minutes, minutes).filter(lambda hours: hours.start != hours.end)


@st.composite
def moments(draw):
    zone = draw(st.sampled_from(ZONES))
    days = [*CHANGES.get(zone.key, []), (2026, 6, 15)]
    year, month, date = draw(st.sampled_from(days))
    day = datetime(year, month, date, tzinfo=UTC)
    return zone, micros(day + timedelta(microseconds=draw(st.integers(-(10**11), 2 * 10**11))))


@given(spans, moments())
@example(
    QuietHours(60, 150), (ZoneInfo("America/New_York"), at(ZoneInfo("America/New_York"), 2026, 3, 8, 1, 30))
)
def test_it_is_the_first_moment_that_a_walk_by_minutes_would_find(hours, moment):
    zone, now = moment
    assert hours.over(now, zone) == walk(hours, now, zone)


@given(spans, moments())
def test_a_moment_that_is_allowed_stays_as_it_is_to_the_microsecond(hours, moment):
    zone, now = moment
    allowed = hours.over(now, zone)
    assert allowed >= now
    assert hours.over(allowed, zone) == allowed


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2026, 6, 1, 20, 59, 59, 999_999), None),
        ((2026, 6, 1, 21, 0), (2026, 6, 2, 8, 0)),
        ((2026, 6, 1, 21, 0, 0, 1), (2026, 6, 2, 8, 0)),
        ((2026, 6, 1, 23, 59, 59), (2026, 6, 2, 8, 0)),
        ((2026, 6, 2, 0, 0), (2026, 6, 2, 8, 0)),
        ((2026, 6, 2, 7, 59, 59, 999_999), (2026, 6, 2, 8, 0)),
        ((2026, 6, 2, 8, 0), None),
        ((2026, 12, 31, 22, 0), (2027, 1, 1, 8, 0)),
    ],
)
def test_hours_over_midnight_end_in_the_morning(now, then):
    zone = ZoneInfo("Asia/Shanghai")
    assert quiet_hours("21:00-08:00").over(at(zone, *now), zone) == at(zone, *(then or now))


def test_hours_within_a_day_end_on_that_day():
    zone = ZoneInfo("Asia/Shanghai")
    noon = quiet_hours("12:00-14:00")
    assert noon.over(at(zone, 2026, 6, 1, 13, 59), zone) == at(zone, 2026, 6, 1, 14, 0)
    assert noon.over(at(zone, 2026, 6, 1, 14, 0), zone) == at(zone, 2026, 6, 1, 14, 0)
    assert noon.over(at(zone, 2026, 6, 1, 11, 59), zone) == at(zone, 2026, 6, 1, 11, 59)


def test_hours_may_end_at_midnight():
    assert quiet_hours("21:00-00:00").over(at(UTC, 2026, 6, 1, 22, 0), UTC) == at(UTC, 2026, 6, 2)


@pytest.mark.parametrize(
    ("hours", "now", "then"),
    [
        # Clocks go from 01:59:59 to 03:00: the night is an hour shorter.
        ("21:00-08:00", (2026, 3, 7, 22, 0), "03-08 08:00:00"),
        # 02:30 never comes: the quiet hours end with the leap.
        ("21:00-02:30", (2026, 3, 7, 22, 0), "03-08 03:00:00"),
        # 02:00 is where the leap begins.
        ("21:00-02:00", (2026, 3, 7, 22, 0), "03-08 03:00:00"),
        # Clocks go back from 02:00 to 01:00: the night is an hour longer.
        ("21:00-08:00", (2026, 10, 31, 22, 0), "11-01 08:00:00"),
        ("21:00-02:30", (2026, 10, 31, 22, 0), "11-01 02:30:00"),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(hours, now, then):
    zone = ZoneInfo("America/New_York")
    assert shown(quiet_hours(hours).over(at(zone, *now), zone), zone) == then


def test_an_hour_that_comes_twice_is_quiet_twice():
    zone = ZoneInfo("America/New_York")
    night = quiet_hours("21:00-01:30")
    first, second = at(zone, 2026, 11, 1, 1, 10), at(zone, 2026, 11, 1, 1, 10, fold=1)
    assert night.over(first, zone) == at(zone, 2026, 11, 1, 1, 30)
    assert night.over(second, zone) == at(zone, 2026, 11, 1, 1, 30, fold=1)


@given(spans)
def test_what_is_written_is_read_back(hours):
    assert quiet_hours(str(hours)) == hours


@pytest.mark.parametrize(
    "written",
    ["", "21:00", "21:00-21:00", "24:00-08:00", "21:60-08:00", "9:00-10:00", "21:00 - 08:00", "21:00-08:00\n",
     "２１:00-08:00", "21:00-0８:00"],
)  # fmt: skip
def test_anything_else_is_refused(written):
    with pytest.raises(Refusal) as caught:
        quiet_hours(written)
    assert (caught.value.code, caught.value.param) == (Code.INVALID_VALUE, "quiet_hours")
    assert caught.value.facts == {"kind": "hours"}
