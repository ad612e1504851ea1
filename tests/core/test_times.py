"""Times: the same wherever they are told or compared."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.errors import Code, Refusal
from posthouse.core.times import SEND_AT_MAX_US, day_of, micros, rfc3339, sending_time

NOW = 1_795_852_800_000_000  # 2026-11-28T08:00:00Z


@given(st.integers(0, 4_000_000_000_000_000))
def test_a_time_reads_back_as_it_was_told(at):
    told = rfc3339(at)
    assert len(told) == len("2026-11-28T08:00:00.000000Z")
    assert micros(datetime.fromisoformat(told)) == at


def test_every_zone_counts_from_the_same_moment():
    there = datetime(2026, 11, 28, 16, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    assert micros(there) == micros(there.astimezone(UTC)) == NOW + 1


def test_a_day_begins_at_midnight_of_its_zone():
    midnight = micros(datetime(2026, 11, 29, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert day_of(midnight - 1, ZoneInfo("Asia/Shanghai")) == 20261128
    assert day_of(midnight, ZoneInfo("Asia/Shanghai")) == 20261129
    assert day_of(midnight, UTC) == 20261128


@pytest.mark.parametrize(
    ("send_at", "code"),
    [(NOW, Code.SEND_AT_IN_PAST), (NOW + SEND_AT_MAX_US + 1, Code.SEND_AT_TOO_FAR)],
)
def test_a_sending_time_lies_ahead_and_not_too_far(send_at, code):
    with pytest.raises(Refusal) as refused:
        sending_time(send_at, NOW)
    assert refused.value.code is code


@pytest.mark.parametrize("send_at", [NOW + 1, NOW + SEND_AT_MAX_US])
def test_a_sending_time_within_the_bounds_is_itself(send_at):
    assert sending_time(send_at, NOW) == send_at
