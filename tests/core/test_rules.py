"""The operator's rules: to which messages they apply, and which of them decides."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from posthouse.core.message import Lane
from posthouse.core.quiet import quiet_hours
from posthouse.core.rules import Rule, Subject, When, as_json, deciding, from_json, minute_of

SUBJECT = Subject(7, Lane.OTP, "CN", "+8613800138000", "login")
NOON = 12 * 60


def rule(name="r", position=10, **when):
    return Rule(1, name, position, When(**when), ("tencent",))


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ({}, True),
        ({"accounts": frozenset({7, 8})}, True),
        ({"accounts": frozenset({8})}, False),
        ({"purposes": frozenset({Lane.OTP})}, True),
        ({"purposes": frozenset({Lane.MARKETING})}, False),
        ({"countries": frozenset({"CN", "HK"})}, True),
        ({"countries": frozenset({"US"})}, False),
        ({"prefixes": ("+1", "+86138")}, True),
        ({"prefixes": ("+8613801",)}, False),
        ({"templates": frozenset({"login"})}, True),
        ({"templates": frozenset({"news"})}, False),
        ({"hours": quiet_hours("09:00-12:01")}, True),
        ({"hours": quiet_hours("09:00-12:00")}, False),
        ({"hours": quiet_hours("23:00-13:00")}, True),
        ({"hours": quiet_hours("13:00-11:00")}, False),
        ({"countries": frozenset({"CN"}), "purposes": frozenset({Lane.MARKETING})}, False),
    ],
)
def test_a_rule_applies_when_all_that_it_says_holds(when, applies):
    assert (deciding([rule(**when)], SUBJECT, NOON) is not None) is applies


def test_the_first_that_applies_decides():
    passed = rule("us", countries=frozenset({"US"}))
    first, second = rule("first"), rule("second")
    assert deciding([passed, first, second], SUBJECT, NOON) is first
    assert deciding([], SUBJECT, NOON) is None


def test_a_text_without_a_template_is_not_meant_by_a_rule_for_templates():
    text = Subject(7, Lane.OTP, "CN", "+8613800138000", None)
    assert deciding([rule(templates=frozenset({"login"}))], text, NOON) is None


def test_hours_go_by_the_zones_clocks():
    at = 1_795_852_800_000_000  # 2026-11-28T08:00:00Z
    assert minute_of(at, UTC) == 8 * 60
    assert minute_of(at, ZoneInfo("Asia/Shanghai")) == 16 * 60


def test_what_is_stored_of_a_rule_is_all_of_it():
    when = When(
        frozenset({7, 1}),
        frozenset({Lane.OTP, Lane.MARKETING}),
        frozenset({"US", "CN"}),
        ("+8613", "+1"),
        frozenset({"登录"}),
        quiet_hours("21:00-08:00"),
    )
    whole = Rule(3, "whole", 20, when, ("tencent", "aliyun-2"), only=True, receipt_within_s=60)
    for each in (whole, Rule(4, "bare", 0)):
        assert from_json(each.id, each.name, each.position, as_json(each)) == each
