"""Limits for one number: sliding windows, against a recount of every one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import (
    DAY_US,
    LIMIT_MAX,
    NO_LIMITS,
    RecipientLimits,
    as_json,
    check_limits,
    from_json,
)
from posthouse.core.message import Lane

SECOND_US = 1_000_000
WINDOWS = {"minute": 60, "hour": 3_600, "day": 86_400}

limits = st.builds(
    RecipientLimits,
    minute=st.none() | st.integers(1, 3),
    hour=st.none() | st.integers(1, 5),
    day=st.none() | st.integers(1, 7),
)
steps_us = st.lists(
    st.integers(0, 90 * SECOND_US) | st.integers(0, 4_000 * SECOND_US) | st.integers(0, 40_000 * SECOND_US),
    max_size=30,
)


def allows(wanted, accepted, now):
    return all(
        limit is None or sum(now - at < WINDOWS[window] * SECOND_US for at in accepted) < limit
        for window, limit in wanted._asdict().items()
    )


def refusal_of(wanted, accepted, now):
    last_day = [at for at in accepted if now - at < DAY_US]
    try:
        wanted.check(last_day, now)
    except Refusal as refusal:
        return refusal
    return None


@given(limits, steps_us)
@example(RecipientLimits(minute=1), [0, 60 * SECOND_US - 1, 1])
def test_no_window_ever_holds_more_than_its_limit_and_no_message_is_refused_without_need(wanted, steps):
    accepted: list[int] = []
    now = 0
    for step in steps:
        now += step
        refusal = refusal_of(wanted, accepted, now)
        assert (refusal is None) is allows(wanted, accepted, now)
        if refusal is None:
            accepted.append(now)


@given(limits, steps_us)
def test_who_waits_as_long_as_told_is_let_through_and_a_second_earlier_is_not(wanted, steps):
    accepted: list[int] = []
    now = 0
    for step in steps:
        now += step
        refusal = refusal_of(wanted, accepted, now)
        if refusal is None:
            accepted.append(now)
            continue
        wait_us = refusal.facts["retry_after_s"] * SECOND_US
        assert refusal_of(wanted, accepted, now + wait_us) is None
        assert refusal_of(wanted, accepted, now + wait_us - SECOND_US) is not None
        window = refusal.facts["window"]
        assert refusal.facts["limit"] == wanted._asdict()[window]
        assert wait_us <= WINDOWS[window] * SECOND_US


def test_the_window_that_is_full_for_longest_is_told():
    with pytest.raises(Refusal) as caught:
        RecipientLimits(minute=1, hour=2, day=2).check([0, SECOND_US], 2 * SECOND_US)
    assert (caught.value.code, caught.value.param) == (Code.RECIPIENT_LIMITED, "to")
    assert caught.value.facts == {"limit": 2, "window": "day", "retry_after_s": 86_398}


def test_a_message_leaves_its_window_after_exactly_its_length():
    one = RecipientLimits(minute=1)
    assert refusal_of(one, [0], 60 * SECOND_US - 1).facts["retry_after_s"] == 1
    assert refusal_of(one, [0], 60 * SECOND_US) is None


def test_without_limits_everything_passes():
    RecipientLimits().check(range(10_000), 10_000)


def test_a_limit_of_none_at_all_never_passes():
    assert refusal_of(RecipientLimits(hour=0), [], 0).facts["retry_after_s"] == 3_600


def test_a_clock_that_was_put_back_lets_nobody_through_twice():
    assert refusal_of(RecipientLimits(minute=1), [3_600 * SECOND_US], 0) is not None


@given(st.dictionaries(st.sampled_from(Lane), limits))
def test_what_is_stored_is_read_back(by_lane):
    given_ones = {lane: each for lane, each in by_lane.items() if any(limit is not None for limit in each)}
    assert from_json(as_json(by_lane)) == given_ones


def test_no_limits_are_stored_as_nothing():
    assert as_json(NO_LIMITS) is None
    assert as_json({Lane.OTP: RecipientLimits()}) is None
    assert from_json(None) == NO_LIMITS
    assert as_json({Lane.MARKETING: RecipientLimits(day=1)}) == '{"marketing":{"day":1}}'


@pytest.mark.parametrize("limit", [0, -1, LIMIT_MAX + 1])
def test_a_limit_out_of_range_is_refused_by_its_purpose_and_window(limit):
    check_limits({Lane.OTP: RecipientLimits(minute=1, day=LIMIT_MAX)})
    with pytest.raises(Refusal) as refused:
        check_limits({Lane.OTP: RecipientLimits(1), Lane.MARKETING: RecipientLimits(day=limit)})
    assert (refused.value.code, refused.value.param) == (Code.INVALID_VALUE, "recipient_limits.marketing.day")
    assert refused.value.facts == {"minimum": 1, "maximum": LIMIT_MAX}
