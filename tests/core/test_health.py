"""Breakers and windows: when a channel is left alone, and when it is tried again."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.health import (
    OPEN_MAX_S,
    PROBE_S,
    Breaker,
    BreakerState,
    Record,
    Window,
    has_failed,
)
from posthouse.core.verdict import Accepted, Deferred, NotSent, Reason, Refused, Unknown

OK = Accepted("r")
DOWN = NotSent("refused")


class Story:
    """Calls over one channel, as dispatch makes them: what the breaker stops goes elsewhere."""

    def __init__(self) -> None:
        self.breaker = Breaker()
        self.now_s = 100.0
        self.failed = self.sent = self.elsewhere = 0

    def call(self, *, fails: bool) -> bool:
        """One message; whether the channel was tried."""
        if self.breaker.state is not BreakerState.CLOSED:
            if not self.breaker.due(self.now_s):
                self.elsewhere += 1
                return False
            self.breaker.probe(self.now_s)
        self.sent += 1
        self.failed += fails
        self.breaker.answered(self.now_s, began_s=self.now_s, failed=fails)
        return True

    @property
    def closed(self) -> bool:
        return self.breaker.state is BreakerState.CLOSED


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 9), st.integers(0, 9)), max_size=60))
def test_a_window_counts_what_lies_within_its_span(story):
    window, now_s, kept = Window(60.0, slices=12), 0.0, list[tuple[float, int, int]]()
    for passed_s, count, bad in story:
        now_s += passed_s
        window.add(now_s, count, bad)
        kept.append((now_s, count, bad))
        total, _ = window.sums(now_s)
        surely = sum(count for at_s, count, _ in kept if at_s > now_s - 55)
        perhaps = sum(count for at_s, count, _ in kept if at_s > now_s - 60.001)
        assert surely <= total <= perhaps


def test_five_failures_in_a_row_open_it_and_one_success_among_them_does_not():
    story = Story()
    for fails in (True,) * 4 + (False,) * 14 + (True,) * 4:
        story.call(fails=fails)
    assert story.breaker.why == ""
    story.call(fails=True)
    assert not story.closed
    assert story.breaker.why == "5 calls in a row failed"


def test_five_failures_that_are_two_fifths_of_ten_seconds_open_it():
    story = Story()
    for turn in range(12):
        story.call(fails=turn % 2 == 0)
        story.now_s += 0.5
        if not story.closed:
            break
    assert story.breaker.why == "5 of 9 calls failed within 10 s"
    rare = Story()
    for turn in range(100):
        rare.call(fails=turn % 4 == 0)
        rare.now_s += 0.1
    assert rare.closed


def test_it_is_tried_after_a_second_then_after_two_four_and_never_more_than_eight():
    story, tried_at = Story(), list[float]()
    while len(tried_at) < 12:
        if story.call(fails=True):
            tried_at.append(story.now_s)
        story.now_s += 0.01
    waits = [round(b - a) for a, b in pairwise(tried_at[4:])]
    assert waits == [1, 2, 4, 8, 8, 8, 8]


def test_one_call_alone_finds_out():
    story = Story()
    for _ in range(5):
        story.call(fails=True)
    story.now_s += 1
    story.breaker.probe(story.now_s)
    assert not story.breaker.due(story.now_s + PROBE_S - 0.1)
    assert story.breaker.due(story.now_s + PROBE_S), "a probe that was lost on its way"


def test_a_probe_that_was_not_made_is_made_up_for_at_once_and_costs_no_patience():
    story = Story()
    for _ in range(5):
        story.call(fails=True)
    story.breaker.spare(story.now_s)
    assert story.breaker.rest_s(story.now_s) == 1, "only a probe can be spared"
    story.now_s += 1
    story.breaker.probe(story.now_s)
    story.breaker.spare(story.now_s)
    assert story.breaker.due(story.now_s)
    story.call(fails=True)
    assert story.breaker.rest_s(story.now_s) == 2
    story.now_s += 2
    story.call(fails=False)
    story.breaker.spare(story.now_s)
    assert story.closed


def test_what_began_before_says_nothing_of_now():
    breaker = Breaker()
    for _ in range(5):
        breaker.answered(8.0, began_s=0.0, failed=True)
    breaker.probe(9.0)
    states = [breaker.state]
    breaker.answered(9.5, began_s=1.5, failed=True)
    states.append(breaker.state)
    breaker.answered(9.6, began_s=9.0, failed=False)
    states.append(breaker.state)
    for _ in range(20):
        breaker.answered(10.0, began_s=2.0, failed=True)
    states.append(breaker.state)
    closed, probing = BreakerState.CLOSED, BreakerState.PROBING
    assert states == [probing, probing, closed, closed]


def test_openings_are_forgotten_after_half_a_minute_without_trouble():
    def next_rest_s(sound_s: float) -> float:
        story = Story()
        for _ in range(5):
            story.call(fails=True)
        story.now_s += 1
        story.call(fails=False)
        assert story.closed
        story.now_s += sound_s
        for _ in range(5):
            story.call(fails=True)
        return story.breaker.rest_s(story.now_s)

    assert next_rest_s(5) == 2
    assert next_rest_s(31) == 1


@pytest.mark.parametrize("per_s", [5, 20, 100])
def test_a_vendor_that_fails_half_of_its_calls_costs_few_calls_in_vain(per_s):
    story, draw = Story(), random.Random(4711)
    for _ in range(180 * per_s):
        story.call(fails=draw.random() < 0.5)
        story.now_s += 1 / per_s
    assert story.failed / (story.sent - story.failed + story.elsewhere) <= 0.10


def test_a_vendor_that_comes_back_is_used_again_within_ten_seconds():
    for outage_s in (2, 17, 300):
        story = Story()
        until_s = story.now_s + outage_s
        while story.now_s < until_s:
            story.call(fails=True)
            story.now_s += 0.05
        while not story.closed:
            story.call(fails=False)
            story.now_s += 0.05
        assert story.now_s - until_s <= OPEN_MAX_S + 0.1


@pytest.mark.parametrize(
    ("verdicts", "failed"),
    [
        ([OK], False),
        ([DOWN], True),
        ([Unknown("reset")], True),
        ([Refused(Reason.BALANCE)], True),
        ([Refused(Reason.AUTH)], True),
        ([Refused(Reason.FORBIDDEN)], False),
        ([Deferred(Reason.VENDOR_TEMPORARY)], True),
        ([Deferred(Reason.RATE_LIMITED)], False),
        ([Refused(Reason.INVALID_NUMBER)], False),
        ([Refused(Reason.CONTENT)], False),
        ([OK, DOWN], False),
        ([OK, DOWN, DOWN], True),
    ],
)
def test_a_call_fails_when_most_of_its_verdicts_speak_against_the_channel(verdicts, failed):
    assert has_failed(verdicts) is failed


def test_a_channel_that_is_back_is_judged_by_what_it_does_from_there_on():
    record = Record()
    for _ in range(40):
        record.answered(100.0, seconds=0, failed=True)
    assert record.standing(2, 100.0).failed == 40
    record.breaker.probe(101.0)
    record.answered(101.0, seconds=0, failed=False)
    record.answered(101.0, seconds=8, failed=True)  # one from before
    standing = record.standing(2, 101.0)
    assert (standing.down, standing.calls, standing.failed) == ("", 0, 0)


def test_receipts_and_their_delays_count_for_ten_minutes():
    record = Record()
    record.heard(100.0, delivered=12, undelivered=3, lags_s=[1.0] * 5 + [9.0] * 7)
    standing = record.standing(2, 100.0)
    assert (standing.delivered, standing.undelivered, standing.receipt_p50_s) == (12, 3, 9.0)
    later = record.standing(2, 701.0)
    assert (later.delivered, later.undelivered, later.receipt_p50_s) == (0, 0, None)
