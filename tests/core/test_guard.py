"""The guard's settings: kept, changed within bounds, and what its objections are told as."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core import phone
from posthouse.core.catalogue import explain
from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import (
    UNCHANGED_GUARD,
    USUAL,
    Guard,
    Objection,
    Rule,
    RuleMode,
    RuleSetting,
    as_json,
    from_json,
    refusal,
)
from posthouse.core.guard_changes import FIELDS, Changes, changed, check
from posthouse.core.message import Mode
from posthouse.core.number_kinds import KINDS
from posthouse.core.ports.guard import Asked

CHANGES = Changes(
    {"countries": frozenset({"CN", "US"}), "simulator": RuleMode.ENFORCE, "spend_hour": 10_000_000},
    {Rule.VELOCITY_PREFIX: {"per_hour": 50, "mode": RuleMode.SHADOW}, Rule.CONVERSION: {"block_s": None}},
)


ASKED = Asked(
    account_id=1,
    mode=Mode.LIVE,
    number="+8613800138000",
    country="CN",
    kind="mobile",
    address=None,
    price=0,
    simulated=False,
    begins=True,
    guard=UNCHANGED_GUARD,
    at=0,
)


def test_unchanged_settings_take_no_place():
    assert as_json(UNCHANGED_GUARD) is None
    assert from_json(None) is UNCHANGED_GUARD
    assert as_json(changed(UNCHANGED_GUARD, Changes())) is None


def test_changed_settings_read_back_and_only_what_differs_is_kept():
    guard = changed(UNCHANGED_GUARD, CHANGES)
    stored = as_json(guard)
    assert stored is not None
    assert from_json(stored) == guard
    assert set(json.loads(stored)["rules"]) == {"velocity_prefix", "conversion"}
    assert guard.rules[Rule.VELOCITY_PREFIX].block_s == USUAL[Rule.VELOCITY_PREFIX].block_s
    assert guard.rules[Rule.SPEND] == USUAL[Rule.SPEND]


@given(
    st.none() | st.frozensets(st.sampled_from(sorted(phone.REGIONS))),
    st.none() | st.integers(0, 10**15),
    st.dictionaries(st.sampled_from(Rule), st.sampled_from(RuleMode)),
    st.frozensets(st.sampled_from(sorted(KINDS))),
)
def test_whatever_is_set_reads_back(countries, spend, modes, types):
    rules = {rule: {"mode": mode} for rule, mode in modes.items()}
    rules[Rule.NUMBER_TYPE] = rules.get(Rule.NUMBER_TYPE, {}) | {"types": types}
    changes = Changes({"countries": countries, "spend_day": spend}, rules)
    check(changes)
    guard = changed(UNCHANGED_GUARD, changes)
    assert from_json(as_json(guard)) == guard


def test_no_countries_at_all_is_another_thing_than_all_of_them():
    nowhere = Guard(countries=frozenset())
    assert from_json(as_json(nowhere)).countries == frozenset()


def test_changes_that_change_nothing_are_none():
    assert not Changes()
    assert not Changes({}, {Rule.SPEND: {}})
    assert CHANGES
    assert Changes({}, {Rule.SPEND: {"mode": RuleMode.OFF}})


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        (Changes({"countries": frozenset({"CN", "XX"})}), "countries"),
        (Changes({"countries": frozenset({"cn"})}), "countries"),
        (Changes({"simulator": RuleMode.OFF}), "simulator"),
        (Changes({"spend_hour": -1}), "spend.hour"),
        (Changes({"spend_day": 10**16}), "spend.day"),
        (Changes({}, {Rule.VELOCITY_RANGE: {"per_hour": 0}}), "rules.velocity_range.per_hour"),
        (Changes({}, {Rule.VELOCITY_RANGE: {"per_hour": 1_000_001}}), "rules.velocity_range.per_hour"),
        (Changes({}, {Rule.CONVERSION: {"block_s": 59}}), "rules.conversion.block_s"),
        (Changes({}, {Rule.CONVERSION: {"min_sends": 0}}), "rules.conversion.min_sends"),
        (Changes({}, {Rule.CONVERSION: {"min_sends": None}}), "rules.conversion.min_sends"),
        (Changes({}, {Rule.NUMBER_TYPE: {"types": frozenset({"satellite"})}}), "rules.number_type.types"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(changes, param):
    with pytest.raises(Refusal) as refused:
        check(changes)
    assert (refused.value.code, refused.value.param) == (Code.INVALID_VALUE, param)


def test_every_rule_has_settings_and_fields_and_no_other_setting_than_its_fields():
    assert set(USUAL) == set(FIELDS) == set(Rule)
    for rule, setting in USUAL.items():
        plain = RuleSetting()._asdict()
        assert {name for name, value in setting._asdict().items() if value != plain[name]} <= FIELDS[rule]


@pytest.mark.parametrize("rule", Rule)
def test_a_rule_has_its_own_fields_and_no_others(rule):
    values = {"per_hour": 5, "block_s": 600, "types": frozenset({"voip"}), "min_sends": 5}
    for name, value in values.items():
        changes = Changes({}, {rule: {name: value}})
        if name in FIELDS[rule]:
            check(changes)
            assert getattr(changed(UNCHANGED_GUARD, changes).rules[rule], name) == value
        else:
            with pytest.raises(Refusal) as refused:
                check(changes)
            assert refused.value.code is Code.UNKNOWN_FIELD


def test_nothing_but_prefixes_and_addresses_can_be_blocked():
    assert {rule for rule in Rule if "block_s" in FIELDS[rule]} == {
        Rule.VELOCITY_PREFIX,
        Rule.VELOCITY_RANGE,
        Rule.VELOCITY_ADDRESS,
        Rule.CONVERSION,
    }


@pytest.mark.parametrize(
    ("objection", "code", "param", "facts"),
    [
        (Objection(Rule.COUNTRY), Code.COUNTRY_NOT_ALLOWED, "to", {"country": "CN"}),
        (Objection(Rule.NUMBER_TYPE), Code.NUMBER_TYPE_NOT_ALLOWED, "to", {}),
        (Objection(Rule.BLOCKLIST, None, blocked=True), Code.GUARD_BLOCKED, "to", {"rule": "blocklist"}),
        (
            Objection(Rule.VELOCITY_PREFIX, 3600, blocked=True),
            Code.GUARD_BLOCKED,
            "to",
            {"rule": "velocity_prefix", "retry_after_s": 3600},
        ),
        (
            Objection(Rule.VELOCITY_ADDRESS, 9, blocked=False, of_address=True),
            Code.GUARD_LIMITED,
            "ip",
            {"rule": "velocity_address", "retry_after_s": 9},
        ),
        (Objection(Rule.BLOCKLIST, 5, blocked=True, of_address=True), Code.GUARD_BLOCKED, "ip", None),
        (Objection(Rule.SPEND, None), Code.GUARD_LIMITED, None, {"rule": "spend"}),
        (Objection(Rule.VELOCITY_ACCOUNT, 60), Code.GUARD_LIMITED, None, None),
    ],
)
def test_an_objection_is_told_by_code_field_and_facts(objection, code, param, facts):
    told = refusal(objection, ASKED)
    assert (told.code, told.param) == (code, param)
    assert facts is None or dict(told.facts) == facts
    for language in ("en", "zh"):
        sentence = explain(told, language).detail
        assert "{" not in sentence
        assert objection.rule in (Rule.COUNTRY, Rule.NUMBER_TYPE) or objection.rule.value in sentence
