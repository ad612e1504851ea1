"""Channels whose codes get lost: who is told from the best, and where routing puts them."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.conversion import ENOUGH, WORSE, Conversion, Share, by_country, outdone
from posthouse.core.message import Mode
from posthouse.core.routing import Ask, Channel, route

ONE, TWO, THREE = (Channel(number, f"sms-{number}", "smpp", cost=number) for number in (1, 2, 3))
SPARE = Channel(4, "spare", "smpp", weight=0)
GOOD, BAD = Conversion(2, 40, 36), Conversion(1, 40, 12)
ASK = Ask(account_id=7, country="CN", mode=Mode.LIVE, conversions=(BAD, GOOD))
WHY = "fewer codes sent over it are used: 12 of 40"


def names(ask, *channels, draw=0):
    return [channel.name for channel in route(ask, channels, draw=draw).candidates]


def whys(ask, *channels):
    return {step.channel: step.why for step in route(ask, channels).steps}


@pytest.mark.parametrize(
    ("figures", "behind"),
    [
        ((), set()),
        ((BAD,), set()),
        ((BAD, GOOD), {1}),
        ((Conversion(1, 40, 32), GOOD), set()),  # a little worse
        ((Conversion(1, ENOUGH - 1, 0), GOOD), set()),  # too few of its own
        ((Conversion(1, ENOUGH, 0), GOOD), {1}),
        ((BAD, Conversion(2, ENOUGH - 1, ENOUGH - 1)), set()),  # too few to be judged by
        ((BAD, Conversion(2, ENOUGH, ENOUGH)), {1}),
        ((BAD, GOOD, Conversion(3, 400, 100)), {1, 3}),
        ((Conversion(1, 40, 0), Conversion(2, 40, 0)), set()),  # nobody is better
    ],
)
def test_only_what_is_certainly_worse_than_the_best_is_outdone(figures, behind):
    assert set(outdone(figures)) == behind


figures = st.lists(
    st.builds(
        lambda number, ended, verified: Conversion(number, ended, min(ended, verified)),
        st.integers(1, 9),
        st.integers(0, 500),
        st.integers(0, 500),
    ),
    max_size=6,
    unique_by=lambda each: each.channel_id,
)


@given(figures)
def test_the_best_is_never_outdone_and_who_is_converts_worse(some):
    behind = outdone(some)
    judged = [each for each in some if each.ended >= ENOUGH]
    assert len(behind) < max(1, len(judged))
    for each in behind.values():
        assert any(each.verified / each.ended < WORSE * other.verified / other.ended for other in judged)


def told(*figures: tuple[int, int, int, int]) -> set[int]:
    """Who is outdone by what accounts tell of one country: account, channel, ended, verified."""
    shares = (Share(account, "CN", Conversion(*of_channel)) for account, *of_channel in figures)
    return set(outdone(by_country(shares)["CN"]))


HONEST = (1, 1, 1000, 800), (1, 2, 1000, 800)


@pytest.mark.parametrize("verified", [0, 1, 40])
@pytest.mark.parametrize("poison", [100, 700, 100_000])
def test_no_single_account_moves_everybodys_traffic(poison, verified):
    others = ((account, channel, 50, 40) for account in (3, 4, 5) for channel in (1, 2))
    for beside in ((), tuple(others)):
        assert told(*HONEST, *beside, (9, 1, poison, verified)) == set()


def test_what_several_accounts_see_counts_though_one_is_left_out():
    assert told((1, 1, 1000, 300), (1, 2, 1000, 800), (2, 1, 40, 12), (2, 2, 40, 32)) == {1}


def test_an_account_that_is_alone_or_nearly_so_is_believed():
    alone = (1, 1, 40, 12), (1, 2, 40, 36)
    assert told(*alone) == {1}
    assert told(*alone, (2, 1, ENOUGH - 1, ENOUGH - 1), (2, 2, 1, 1)) == set()
    assert told(*alone, (2, 1, 3, 1), (2, 2, 1, 1)) == {1}


def test_accounts_that_verify_nothing_are_left_out_and_countries_are_kept_apart():
    shares = [
        Share(1, "CN", Conversion(1, 4, 3)),
        Share(1, "US", Conversion(1, 5, 0)),
        Share(2, "CN", Conversion(1, 9, 0)),
    ]
    assert by_country(shares) == {"CN": (Conversion(1, 4, 3),), "US": (Conversion(1, 5, 0),)}


def test_a_channel_that_converts_worse_goes_behind_its_equals_and_the_decision_says_why():
    for draw in range(10):
        assert names(ASK, ONE, TWO, THREE, draw=draw)[-1] == "sms-1"
    assert whys(ASK, ONE, TWO, THREE)["sms-1"] == f"candidate 3; {WHY}"


def test_it_stays_before_a_last_resort_and_before_those_that_failed():
    assert names(ASK, ONE, TWO, SPARE) == ["sms-2", "sms-1", "spare"]
    failed = replace(ASK, failed_by=frozenset({2}))
    assert names(failed, ONE, TWO) == ["sms-1", "sms-2"]
    assert whys(failed, ONE, TWO)["sms-1"] == f"chosen; {WHY}"


def test_the_others_share_by_weight_as_before():
    channels = (ONE, replace(TWO, weight=3), replace(THREE, cost=TWO.cost))
    assert route(ASK, channels).shares == 4
    firsts = Counter(names(ASK, *channels, draw=draw)[0] for draw in range(400))
    assert firsts == {"sms-2": 300, "sms-3": 100}


def test_channels_that_cannot_carry_it_are_not_what_the_others_are_judged_by():
    assert whys(ASK, ONE, replace(TWO, countries=frozenset({"US"})), THREE)["sms-1"] == "chosen"


def test_who_is_asked_for_or_has_refused_is_asked_for_or_has_refused():
    pinned = replace(ASK, pin="smpp")
    assert [whys(pinned, ONE, TWO)[name] for name in ("sms-1", "sms-2")] == ["chosen", "candidate 2"]
    assert whys(replace(ASK, pin="sms-1"), ONE, TWO)["sms-1"] == "chosen"
    refused = replace(ASK, refused_by=frozenset({1}))
    assert whys(refused, ONE, TWO)["sms-1"] == "it refused this message"
