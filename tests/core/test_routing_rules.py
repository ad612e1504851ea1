"""In which order rules, health, cost and weight choose among channels, and what is said of it."""

from collections import Counter
from dataclasses import replace

import pytest

from posthouse.core.health import Standing
from posthouse.core.message import Mode
from posthouse.core.routing import Ask, Channel, route
from posthouse.core.rules import Rule

TENCENT = Channel(2, "tencent-1", "tencent", cost=30)
ALIYUN = Channel(3, "aliyun-1", "aliyun", cost=20)
TWILIO = Channel(4, "twilio-1", "twilio", cost=90)
SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
ALL = (TENCENT, ALIYUN, TWILIO)
ASK = Ask(account_id=7, country="CN", mode=Mode.LIVE)
DOWN = "5 calls in a row failed"


def ruled(*channels, only=False):
    return replace(ASK, rule=Rule(1, "mainland", 10, channels=channels, only=only))


def names(ask, *channels, draw=0):
    return [channel.name for channel in route(ask, channels or ALL, draw=draw).candidates]


def whys(ask, *channels):
    return {step.channel: step.why for step in route(ask, channels or ALL).steps}


def test_a_rules_channels_come_first_in_its_order_and_the_others_follow_by_cost():
    assert names(ruled("twilio-1")) == ["twilio-1", "aliyun-1", "tencent-1"]
    assert names(ruled("twilio", "tencent-1")) == ["twilio-1", "tencent-1", "aliyun-1"]
    assert route(ruled("twilio-1"), ALL).rule == "mainland"
    assert route(ASK, ALL).rule is None


def test_with_only_the_others_are_left_out_and_told_why():
    ask = ruled("tencent", only=True)
    assert names(ask) == ["tencent-1"]
    assert whys(ask)["aliyun-1"] == "rule mainland allows other channels only"
    assert names(ruled("smpp", only=True)) == []


def test_a_rule_orders_what_a_sender_asks_for_and_takes_nothing_of_it_away():
    second = Channel(5, "twilio-2", "twilio", cost=1)
    pinned = replace(ruled("twilio-1", only=True), pin="twilio")
    assert names(pinned, TWILIO, second) == ["twilio-1", "twilio-2"]
    assert names(replace(ruled("tencent", only=True), pin="twilio-1")) == ["twilio-1"]


def test_rules_say_nothing_about_what_goes_to_the_simulator():
    test = replace(ruled("tencent", only=True), mode=Mode.TEST)
    assert names(test, SANDBOX, TENCENT) == ["sandbox"]
    assert route(test, (SANDBOX, TENCENT)).rule is None


def test_channels_of_one_vendor_in_a_rule_share_by_weight():
    one, two = Channel(5, "smpp-1", "smpp", weight=3), Channel(6, "smpp-2", "smpp")
    firsts = Counter(names(ruled("smpp"), one, two, ALIYUN, draw=draw)[0] for draw in range(400))
    assert firsts == {"smpp-1": 300, "smpp-2": 100}


def test_a_channel_that_is_down_goes_last_whatever_the_rule_says_and_stays_a_candidate():
    ask = replace(ruled("tencent"), standings=(Standing(2, DOWN),))
    assert names(ask) == ["aliyun-1", "twilio-1", "tencent-1"]
    assert whys(ask)["tencent-1"] == f"candidate 3; it is left alone for a while: {DOWN}"


def test_when_all_are_down_all_are_candidates_in_their_order():
    ask = replace(ASK, standings=tuple(Standing(each.id, DOWN) for each in ALL))
    assert names(ask) == ["aliyun-1", "tencent-1", "twilio-1"]


def test_a_channel_that_failed_this_message_goes_before_one_that_is_down():
    ask = replace(ASK, failed_by=frozenset({3}), standings=(Standing(2, DOWN),))
    assert names(ask) == ["twilio-1", "aliyun-1", "tencent-1"]


@pytest.mark.parametrize(
    ("bad", "good", "why"),
    [
        ({"calls": 100, "failed": 50}, {"calls": 100}, "fewer of its calls succeed: 50 of 100"),
        (
            {"delivered": 20, "undelivered": 80},
            {"delivered": 99, "undelivered": 1},
            "fewer of its messages arrive: 20 of 100",
        ),
        ({"receipt_p50_s": 9.0}, {"receipt_p50_s": 2.0}, "its receipts take 9.0 s, others' 2.0 s"),
    ],
)
def test_what_certainly_does_worse_goes_behind_what_costs_more(bad, good, why):
    ask = replace(ASK, standings=(Standing(3, **bad), Standing(2, **good)))
    assert names(ask) == ["tencent-1", "twilio-1", "aliyun-1"]
    assert whys(ask)["aliyun-1"] == f"candidate 3; {why}"


@pytest.mark.parametrize(
    "alike",
    [{"calls": 100, "failed": 50}, {"delivered": 20, "undelivered": 80}, {"receipt_p50_s": 60.0}],
)
def test_where_all_do_alike_the_cheapest_stays_first(alike):
    ask = replace(ASK, standings=tuple(Standing(each.id, **alike) for each in ALL))
    assert names(ask) == ["aliyun-1", "tencent-1", "twilio-1"]
    assert whys(ask)["aliyun-1"] == "chosen"


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ({"calls": 10, "failed": 5}, {"calls": 100}),
        ({"calls": 100, "failed": 50}, {"calls": 10}),
        ({"receipt_p50_s": 4.0}, {"receipt_p50_s": 0.1}),
        ({"calls": 100, "failed": 3}, {"calls": 100}),
    ],
)
def test_little_proves_little(bad, good):
    ask = replace(ASK, standings=(Standing(3, **bad), Standing(2, **good)))
    assert names(ask)[0] == "aliyun-1"


def test_a_rule_decides_before_health_does():
    ask = replace(ruled("aliyun"), standings=(Standing(3, calls=100, failed=50), Standing(2, calls=100)))
    assert names(ask)[0] == "aliyun-1"
