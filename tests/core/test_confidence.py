"""What a rate proves, held against others' figures and against what a bound must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.confidence import wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_bounds_are_those_of_the_literature(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=0.00006)


def test_without_trials_everything_is_possible():
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 100_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_rate_lies_within_and_more_trials_narrow_the_bounds(counted):
    successes, trials = counted
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    lower, higher = wilson(4 * successes, 4 * trials)
    assert higher - lower < high - low


@given(st.integers(0, 500), st.integers(1, 500))
def test_failures_are_successes_seen_from_the_other_side(successes, failures):
    low, high = wilson(successes, successes + failures)
    other_low, other_high = wilson(failures, successes + failures)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low))
