"""`/v1/guard`: the rules that hold pumped traffic up, shown and changed."""

import json
from typing import get_args, get_type_hints

import pytest

from posthouse.core.guard import Rule, RuleMode, RuleSetting
from posthouse.core.guard_changes import FIELDS
from posthouse.core.message import Mode
from posthouse.core.ports.otp import Checked
from posthouse.services import verify
from posthouse.web.dialects.v1 import guard_wire
from tests.web.house import NOW
from tests.web.office import Office

PATH = "/v1/guard"
HITS = """INSERT INTO guard_counts VALUES
    (2, 'live', 'refused', 'spend', {at}, 3, 0, 0, 0), (2, 'live', 'shadowed', 'spend', {at}, 2, 0, 0, 0),
    (2, 'test', 'refused', 'spend', {at}, 7, 0, 0, 0), (3, 'live', 'refused', 'spend', {at}, 9, 0, 0, 0)"""


async def patch(client, document):
    return await client.call("PATCH", PATH, body=json.dumps(document).encode())


@pytest.fixture
async def client(office: Office):
    return await office.issue("acme")


def test_what_can_be_set_over_http_is_what_the_rules_have():
    hints = get_type_hints(guard_wire.SetRules)
    assert list(hints) == list(Rule)
    for rule in Rule:
        wire = get_args(hints[rule])[0]
        assert set(wire.__struct_fields__) == FIELDS[rule], rule
    assert set(get_args(get_args(guard_wire.RuleMode)[0])) == set(RuleMode)
    assert {*guard_wire.RuleReply.__struct_fields__} == {"refused_24h", "shadowed_24h", *RuleSetting._fields}


async def test_the_usual_guard_is_shown(client):
    response = await client.get(PATH)
    assert response.status == 200
    told = response.json()
    assert told["countries"] is None
    assert told["simulator"] == "shadow"
    assert told["spend"] == {"hour": None, "day": None}
    assert told["breaker"] == {"open": False, "until": None}
    quiet = {"mode": "enforce", "refused_24h": 0, "shadowed_24h": 0}
    rules = told["rules"]
    assert list(rules) == list(Rule)
    assert rules["country"] == rules["blocklist"] == rules["spend"] == quiet
    assert rules["velocity_prefix"] == quiet | {"per_hour": 30, "block_s": 3600}
    assert rules["velocity_range"] == quiet | {"per_hour": 90, "block_s": 3600}
    assert rules["velocity_address"] == quiet | {"per_hour": 60, "block_s": 3600}
    assert rules["velocity_account"] == quiet | {"per_hour": None}
    assert rules["conversion"] == quiet | {"min_sends": 20, "block_s": 43_200}
    assert "premium_rate" in rules["number_type"]["types"]


async def test_what_is_given_is_changed_and_the_rest_stays(client):
    first = await patch(
        client,
        {
            "countries": ["US", "CN"],
            "simulator": "enforce",
            "spend": {"hour": "10.5"},
            "rules": {
                "velocity_prefix": {"mode": "shadow", "per_hour": 50},
                "velocity_account": {"per_hour": 1000},
                "number_type": {"types": ["voip"]},
            },
        },
    )
    assert first.status == 200
    assert first.json() == (await client.get(PATH)).json()
    told = first.json()
    assert (told["countries"], told["simulator"]) == (["CN", "US"], "enforce")
    assert told["spend"] == {"hour": "10.50", "day": None}
    prefix = told["rules"]["velocity_prefix"]
    assert (prefix["mode"], prefix["per_hour"], prefix["block_s"]) == ("shadow", 50, 3600)
    assert told["rules"]["number_type"]["types"] == ["voip"]
    second = (await patch(client, {"countries": None, "spend": {"day": "1", "hour": None}})).json()
    assert (second["countries"], second["spend"]) == (None, {"hour": None, "day": "1.00"})
    assert second["rules"] == told["rules"]
    third = (await patch(client, {"rules": {"velocity_prefix": {"per_hour": None, "block_s": None}}})).json()
    assert third["rules"]["velocity_prefix"]["per_hour"] is None
    assert (await patch(client, {})).json() == third


async def test_each_account_has_a_guard_of_its_own(office, client):
    await patch(client, {"countries": []})
    other = await office.issue("other")
    assert (await other.get(PATH)).json()["countries"] is None
    test = await office.issue("acme", Mode.TEST)
    assert (await test.get(PATH)).json()["countries"] == []


async def test_a_test_key_changes_nothing_of_what_holds_for_live_codes(office, client):
    test = await office.issue("acme", Mode.TEST)
    before = (await client.get(PATH)).json()
    for document in ({"rules": {"country": {"mode": "off"}}}, {}):
        refused = await patch(test, document)
        assert (refused.status, refused.json()["code"]) == (403, "forbidden")
        assert "live" in refused.json()["detail"]
    assert (await client.get(PATH)).json() == before
    assert (await test.get(PATH)).status == 200


async def test_new_settings_hold_for_the_next_request(office, client):
    await client.get(PATH)
    await patch(client, {"spend": {"hour": "1"}})
    caller = await office.directory.identify(client.key)
    assert caller.account.guard.spend_hour == 1_000_000


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({"countries": ["XX"]}, "invalid_value", "countries"),
        ({"countries": ["china"]}, "invalid_value", None),
        ({"simulator": "off"}, "invalid_value", "simulator"),
        ({"spend": {"hour": "-1"}}, "invalid_value", "spend.hour"),
        ({"spend": {"day": "a lot"}}, "invalid_value", "spend.day"),
        ({"spend": {"week": "1"}}, "unknown_field", "spend.week"),
        ({"rules": {"velocity": {}}}, "unknown_field", "rules.velocity"),
        ({"rules": {"spend": {"mode": "maybe"}}}, "invalid_value", "rules.spend.mode"),
        ({"rules": {"spend": {"per_hour": 5}}}, "unknown_field", "rules.spend.per_hour"),
        ({"rules": {"velocity_prefix": {"per_hour": 0}}}, "invalid_value", "rules.velocity_prefix.per_hour"),
        ({"rules": {"velocity_prefix": {"block_s": 5}}}, "invalid_value", "rules.velocity_prefix.block_s"),
        ({"rules": {"conversion": {"min_sends": None}}}, "wrong_type", "rules.conversion.min_sends"),
        ({"rules": {"number_type": {"types": ["satellite"]}}}, "invalid_value", "rules.number_type.types"),
        ({"rules": {"velocity_prefix": {"refused_24h": 5}}}, "unknown_field", None),
        ({"breaker": {"open": False}}, "unknown_field", "breaker"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field_and_nothing_changes(client, document, code, param):
    refused = await patch(client, document | {"simulator": document.get("simulator", "enforce")})
    assert (refused.status, refused.json()["code"]) == (400, code)
    assert param is None or refused.json()["param"] == param
    assert (await client.get(PATH)).json()["simulator"] == "shadow"


async def test_what_rules_said_is_shown_by_account_and_mode(office, client):
    office.plant(HITS.format(at=NOW - NOW % 900_000_000))
    spend = (await client.get(PATH)).json()["rules"]["spend"]
    assert (spend["refused_24h"], spend["shadowed_24h"]) == (3, 2)
    test = await office.issue("acme", Mode.TEST)
    assert (await test.get(PATH)).json()["rules"]["spend"]["refused_24h"] == 7
    office.clock.at += 25 * 3_600_000_000
    assert (await client.get(PATH)).json()["rules"]["spend"]["refused_24h"] == 0


async def test_an_open_breaker_is_shown(office, client):
    caller = await office.directory.identify(client.key)
    breaker = office.house.services.verify._breaker(caller.account.id, caller.mode)  # noqa: SLF001 - what a minute of guessing does
    for _ in range(verify.FAILED_MAX):
        breaker.note(Checked(wrong=True, first=True), NOW)
    told = (await client.get(PATH)).json()["breaker"]
    assert told == {"open": True, "until": "2026-11-28T08:01:00.000000Z"}
    office.clock.at += verify.PAUSE_US
    assert (await client.get(PATH)).json()["breaker"] == {"open": False, "until": None}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/guard", "guard:read"),
        ("PATCH", "/v1/guard", "guard:write"),
        ("GET", "/v1/guard/blocks", "guard:read"),
        ("POST", "/v1/guard/blocks", "guard:write"),
        ("DELETE", "/v1/guard/safe/grd_0000000000000", "guard:write"),
    ],
)
async def test_a_key_needs_the_scope(office, method, path, scope):
    client = await office.issue("acme", scopes=frozenset({"messages:write"}))
    body = b'{"prefix": "+1"}' if method == "POST" else b"{}" if method == "PATCH" else b""
    refused = await client.call(method, path, body=body)
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")
    assert f"'{scope}'" in refused.json()["detail"]
    assert (await office.client().call(method, path, body=body)).status == 401


async def test_a_code_that_a_rule_holds_up_is_refused_told_and_counted(office, client):
    to = "+8613800138000"
    await patch(client, {"simulator": "enforce", "rules": {"velocity_address": {"per_hour": 1}}})
    assert (await client.post("/v1/guard/blocks", {"prefix": "+861380014", "ttl_s": 600})).status == 201
    blocked = await client.post("/v1/sms/otp", {"to": "+8613800148000"})
    assert (blocked.status, blocked.json()["code"], blocked.json()["param"]) == (403, "guard_blocked", "to")
    assert "'blocklist' for another 600 s" in blocked.json()["detail"]
    asked = {"to": to, "ip": "::ffff:203.0.113.7"}
    assert (await client.post("/v1/sms/otp", asked)).status == 200
    tripped = await client.post("/v1/sms/otp", {"to": "+8615000150000", "ip": "203.0.113.7"})
    assert (tripped.status, tripped.json()["code"], tripped.json()["param"]) == (403, "guard_blocked", "ip")
    bad = await client.post("/v1/sms/otp", {"to": "+8615000150000", "ip": "203.0.113"})
    assert (bad.status, bad.json()["code"], bad.json()["param"]) == (400, "invalid_value", "ip")
    await patch(client, {"spend": {"hour": "0"}, "countries": ["CN"]})
    capped = await client.post("/v1/sms/otp", {"to": "+8615000150000"})
    assert (capped.status, capped.json()["code"], capped.json()["param"]) == (429, "guard_limited", None)
    abroad = await client.post("/v1/sms/otp", {"to": "+12025550123"})
    assert (abroad.status, abroad.json()["code"]) == (403, "country_not_allowed")
    rules = (await client.get(PATH)).json()["rules"]
    said = {name: rule["refused_24h"] for name, rule in rules.items() if rule["refused_24h"]}
    assert said == {"blocklist": 1, "velocity_address": 1, "spend": 1, "country": 1}
    [entry] = [each for each in (await client.get("/v1/guard/blocks")).json()["data"] if each["rule"]]
    assert (entry["address"], entry["rule"], entry["mode"]) == ("203.0.113.7", "velocity_address", "live")


async def test_a_code_that_waits_for_the_hour_is_told_how_long(office, client):
    rules = {"velocity_prefix": {"per_hour": 1, "block_s": None}}
    await patch(client, {"simulator": "enforce", "rules": rules})
    assert (await client.post("/v1/sms/otp", {"to": "+8613800138000"})).status == 200
    limited = await client.post("/v1/sms/otp", {"to": "+8613800138001"})
    assert (limited.status, limited.json()["code"]) == (429, "guard_limited")
    assert limited.headers["retry-after"] == "3660"
    office.clock.at += 3660 * 1_000_000
    assert (await client.post("/v1/sms/otp", {"to": "+8613800138001"})).status == 200
