"""Whose a template is that is none of the account's own: a vendor's, however its channels do."""

from dataclasses import replace

import pytest

from posthouse.core.health import Standing
from posthouse.core.message import Mode
from posthouse.core.routing import Ask, Channel, ChannelState, route
from posthouse.core.rules import Rule, When

SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
TWILIO = Channel(2, "twilio-1", "twilio", cost=1)
TENCENT = Channel(3, "tencent-1", "tencent", cost=30, approval=True)
ALIYUN = Channel(4, "aliyun-1", "aliyun", cost=20, approval=True)
ALL = (ALIYUN, TENCENT, TWILIO, SANDBOX)
ASK = Ask(account_id=7, country="CN", mode=Mode.LIVE, foreign=True)


def names(ask, *channels):
    return [channel.name for channel in route(ask, channels or ALL).candidates]


def ruled(*channels, only=False, when=When()):  # noqa: B008 - frozen
    return replace(ASK, rule=Rule(1, "mainland", 10, when, channels=channels, only=only))


def test_it_is_that_of_the_oldest_channel_that_carries_templates_whatever_the_others_cost():
    assert names(ASK) == ["tencent-1"]
    assert names(ASK, TWILIO, Channel(5, "smpp", "smpp"), SANDBOX) == ["twilio-1"]
    whys = {step.channel: step.why for step in route(ASK, ALL).steps}
    assert whys["aliyun-1"] == whys["twilio-1"] == "the template is tencent's own"


@pytest.mark.parametrize("state", [ChannelState.DRAINING, ChannelState.OFF])
def test_it_stays_so_while_that_channel_takes_nothing_is_down_or_cannot_be_connected(state):
    stopped = replace(TENCENT, state=state)
    assert names(ASK, stopped, ALIYUN) == []
    assert names(ASK, stopped, ALIYUN, Channel(6, "tencent-2", "tencent", approval=True)) == ["tencent-2"]
    down = replace(ASK, standings=(Standing(3, down="5 calls in a row failed"),))
    assert names(down) == names(replace(ASK, unconnected=frozenset({3}))) == ["tencent-1"]


def test_only_channels_of_the_account_and_the_platform_say_so():
    theirs = Channel(0, "theirs", "aliyun", account_id=8, approval=True)
    assert names(ASK, theirs, *ALL) == ["tencent-1"]
    assert names(ASK, replace(theirs, account_id=7), *ALL) == ["theirs", "aliyun-1"]


def test_a_rule_that_names_channels_with_templates_or_is_about_templates_decides_first():
    assert names(ruled("aliyun")) == ["aliyun-1"]
    assert names(ruled("twilio", "aliyun-1", "tencent")) == ["aliyun-1"]
    assert names(ruled("twilio")) == ["tencent-1"]
    assert names(ruled("twilio", only=True)) == ["twilio-1"]
    assert names(ruled("twilio", when=When(templates=frozenset({"HX1"})))) == ["twilio-1"]


def test_who_is_asked_for_or_was_tried_says_whose_it_is():
    assert names(replace(ASK, pin="aliyun")) == names(replace(ASK, pin="aliyun-1")) == ["aliyun-1"]
    assert names(replace(ASK, template_of="aliyun")) == ["aliyun-1"]


def test_test_keys_and_trial_accounts_see_the_simulator_alone():
    assert names(replace(ASK, mode=Mode.TEST)) == names(replace(ASK, trial=True)) == ["sandbox"]
    assert names(ASK, SANDBOX) == ["sandbox"]


def test_channels_of_its_vendor_share_by_weight_whatever_others_weigh():
    heavy = Channel(6, "tencent-2", "tencent", cost=30, weight=3, approval=True)
    cheap = replace(ALIYUN, cost=30, weight=100)
    assert route(ASK, (TENCENT, heavy, cheap)).ends == (1, 4)
