"""How pumped traffic is told from people's: prefixes, addresses, windows, and bounds of confidence."""

import ipaddress
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.confidence import wilson
from posthouse.core.errors import Code, Refusal
from posthouse.core.pumping import (
    FEW,
    HOUR_US,
    LEAST_CONVERSION,
    MINUTE_US,
    SLICE_US,
    Counted,
    Slice,
    Tally,
    address_of,
    converts_badly,
    frees_at,
    peopled,
    prefix_of,
    prefixes,
    seconds_until,
    slice_of,
    ten_thousand,
    thousand,
    within,
)

# -------------------------------------------------------------------------------------------------- prefixes


def test_a_number_has_a_prefix_with_999_others_and_one_with_9999():
    assert thousand("+8613800138000") == "+8613800138"
    assert ten_thousand("+8613800138000") == "+861380013"


def test_no_prefix_is_counted_like_the_range_of_a_longer_number():
    assert within("DE", ten_thousand("+49301234567")) != thousand("+4930123456")
    assert len(within("001", "+" + "9" * 15)) <= 50  # as wide as its column


def test_a_number_begins_with_each_of_its_prefixes_and_with_itself():
    assert prefixes("+49301") == ["+4", "+49", "+493", "+4930", "+49301"]
    assert len(prefixes("+123456789012345")) == 15


@pytest.mark.parametrize("text", ["+23767", "+237 67", " +237-67", "(+237) 67", "＋２３７６７", "+237.67"])
def test_a_prefix_is_read_however_it_is_punctuated(text):
    assert prefix_of(text, "prefix") == "+23767"


@pytest.mark.parametrize(
    "text",
    ["", "+", "23767", "0023767", "+023767", "+2376x", "+1234567890123456", "+" + "1" * 100, "+٢٣٧", "+1\n"],
)
def test_what_is_no_prefix_is_refused_by_its_field(text):
    with pytest.raises(Refusal) as refused:
        prefix_of(text, "prefixes[3]")
    assert (refused.value.code, refused.value.param) == (Code.INVALID_VALUE, "prefixes[3]")


# ------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:cb00:7107", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
    ],
)
def test_an_address_is_counted_by_household(text, counted):
    assert address_of(text) == counted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "203.0.113",
        "203.0.113.007",
        "203.0.113.7:443",
        "203.0.113.7/24",
        "203.0.113.7 ",
        "２０３.0.113.7",
        "2001:db8::/48",
        "::ffff:203.0.113.7/64",
        "fe80::1%eth0",
        "[2001:db8::1]",
        "localhost",
        "3405803783",
    ],
)
def test_what_is_no_address_is_refused_by_its_field(text):
    with pytest.raises(Refusal) as refused:
        address_of(text)
    assert (refused.value.code, refused.value.param) == (Code.INVALID_VALUE, "ip")


@given(st.ip_addresses())
def test_what_is_counted_reads_back_as_itself_and_holds_the_address(address):
    counted = address_of(str(address))
    assert address_of(counted) == counted
    mapped = getattr(address, "ipv4_mapped", None)
    assert (mapped or address) in ipaddress.ip_network(counted)
    assert len(counted) <= 50  # as wide as its column


# --------------------------------------------------------------------------------------------------- windows


@given(st.sampled_from(Counted), st.integers(0, 2 * 10**15))
def test_a_time_is_within_its_slice(counted, at):
    begin = slice_of(counted, at)
    assert begin <= at < begin + SLICE_US[counted]
    assert slice_of(counted, begin) == begin


def test_a_window_has_room_when_enough_of_its_oldest_slices_have_left_it():
    slices = [Slice(0, 3), Slice(60, 5), Slice(120, 2)]
    assert frees_at(slices, excess=1, kept_us=1000) == 1000
    assert frees_at(slices, excess=3, kept_us=1000) == 1000
    assert frees_at(slices, excess=4, kept_us=1000) == 1060
    assert frees_at(slices, excess=10, kept_us=1000) == 1120
    assert frees_at(slices, excess=11, kept_us=1000) is None


def test_who_waits_is_told_whole_seconds_and_at_least_one():
    assert seconds_until(1_000_001, 0) == 2
    assert seconds_until(1_000_000, 0) == 1
    assert seconds_until(0, 5) == 1
    assert seconds_until(None, 5) is None


@given(
    st.lists(st.tuples(st.integers(0, 3 * HOUR_US), st.integers(1, 5)), min_size=1, max_size=40),
    st.integers(1, 20),
)
def test_no_hour_ever_has_more_than_its_bound_and_the_wait_that_is_told_is_enough(asked, limit):
    kept_us = HOUR_US + MINUTE_US
    counts: dict[int, int] = {}
    sent: list[int] = []
    for at in sorted(at for at, times in asked for _ in range(times)):
        slices = [Slice(*each) for each in sorted(counts.items()) if each[0] > at - kept_us]
        excess = sum(each.amount for each in slices) + 1 - limit
        if excess > 0:
            until = frees_at(slices, excess=excess, kept_us=kept_us)
            assert until is not None
            left = [each.amount for each in slices if each.begin > until - kept_us]
            assert sum(left) < limit
            continue
        begin = slice_of(Counted.PREFIX, at)
        counts[begin] = counts.get(begin, 0) + 1
        sent.append(at)
        assert sum(at - HOUR_US <= each <= at for each in sent) <= limit


# ------------------------------------------------------------------------------------------------ conversion


@pytest.mark.parametrize(
    # R: binom::binom.confint(x, n, methods = "wilson"); E. B. Wilson, JASA 22 (1927).
    ("successes", "trials", "low", "high"),
    [
        (0, 20, 0.0, 0.161125),
        (1, 20, 0.008881, 0.236131),
        (10, 20, 0.299298, 0.700702),
        (20, 20, 0.838875, 1.0),
        (40, 100, 0.309401, 0.497996),
        (0, 0, 0.0, 1.0),
    ],
)
def test_bounds_are_those_of_wilson(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 10_000), st.data())
def test_a_rate_lies_within_its_bounds_and_they_within_0_and_1(trials, data):
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1


def test_the_bounds_hold_nineteen_times_out_of_twenty():
    rng = random.Random(7)
    held = 0
    for _ in range(4000):
        low, high = wilson(sum(rng.random() < 0.3 for _ in range(60)), 60)
        held += low <= 0.3 <= high
    assert 0.93 <= held / 4000 <= 0.97


MIN_SENDS, NOTHING = 20, Tally()


def of(begun: int, verified: int = 0) -> Tally:
    return Tally(begun, begun, verified)


def badly(own: Tally, ranges: Iterable[Tally] = (), elsewhere: Tally = NOTHING, day: bool = False) -> bool:
    """Judged beside other ranges of its country, what the account did elsewhere, and one verified before."""
    ranges = tuple(ranges)
    begun, verified = (sum(each[place] for each in (own, *ranges, elsewhere)) for place in (1, 2))
    return converts_badly(own, peopled(ranges), lambda: of(begun, verified + day), MIN_SENDS)


@pytest.mark.parametrize(
    ("own", "others", "judged_badly"),
    [
        (of(19), of(0), False),
        (of(20), of(0), True),
        (of(20, 1), of(0), False),
        (of(60, 4), of(0), True),
        (of(20), of(19), True),
        (of(20), of(200, 160), True),
        (of(20), of(20), False),
        (of(500), of(500), False),
        (of(20, 3), of(1000, 900), True),
        (of(20, 8), of(1000, 900), False),
        (of(100, 40), of(1000, 500), False),
    ],
)
def test_a_prefix_is_judged_against_the_others_of_its_country(own, others, judged_badly):
    assert badly(own, [others]) is judged_badly


@given(st.integers(20, 500), st.floats(0.3, 0.95), st.integers(20, 2000))
def test_a_prefix_that_converts_like_the_others_is_never_blocked(begun, rate, others):
    assert not badly(of(begun, round(begun * rate)), [of(others, round(others * rate))])


@given(st.integers(20, 400), st.lists(st.integers(0, 400), max_size=20), st.integers(20, 400))
def test_who_verifies_nothing_anywhere_is_never_judged(begun, others, elsewhere):
    assert not badly(of(begun), map(of, others), of(elsewhere))


@pytest.mark.parametrize("pumped", [1, 2, 5, 20, 100])
@pytest.mark.parametrize("honest", [(25, 20), (100, 80), (400, 160)])
def test_pumping_many_ranges_at_once_hides_none_of_them(pumped, honest):
    begun, verified = honest
    people = [of(5, verified * 5 // begun)] * (begun // 5)
    ranges = [*people, *[of(28)] * (pumped - 1)]
    assert badly(of(28), ranges)
    # In a country without people it is seen a little later.
    assert badly(of(36), [of(36)] * (pumped - 1), of(begun, verified))


def test_few_codes_prove_nothing_and_more_do_if_hardly_one_is_verified():
    assert peopled([of(FEW), of(3, 1)]) == of(FEW + 3, 1)
    assert peopled([of(FEW + 1), of(40, 3), of(40, 12)]) == of(40, 12)
    assert wilson(0, FEW)[1] >= LEAST_CONVERSION > wilson(0, FEW + 1)[1]


def test_one_code_verified_in_a_day_is_enough_to_be_judged_by():
    pumped = [of(36)] * 19
    assert not badly(of(36), pumped)
    assert badly(of(36), pumped, day=True)
    assert not badly(of(36), pumped, of(0), day=False)


def test_one_that_verifies_now_and_then_hides_neither_itself_nor_others():
    assert badly(of(30, 1), [of(30, 1)] * 9 + [of(10, 8)] * 10)


def test_a_country_is_not_held_to_what_others_do():
    assert not badly(of(30, 4), [], of(1000, 950))
    assert badly(of(30), [], of(1000, 950))


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.8, 0.95])
def test_of_people_hardly_anybody_is_taken_for_a_pump_however_long_one_looks(rate):
    rng, blocked, count = random.Random(int(rate * 100)), 0, 3000
    ranges = [of(size, sum(rng.random() < rate for _ in range(size))) for size in range(1, 60)]
    others = peopled(ranges)
    for _ in range(count):
        verified = 0
        for begun in range(1, 121):
            verified += rng.random() < rate
            if converts_badly(of(begun, verified), others, lambda: others, MIN_SENDS):
                blocked += 1
                break
    assert blocked <= count // 1000
