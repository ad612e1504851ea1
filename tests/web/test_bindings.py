"""Bindings by API: which of a vendor's templates a version is, and how its review goes."""

import json

import pytest

from posthouse.core.ports.templates import APPROVALS_MAX, GetOwn

ORDER = {
    "id": "order",
    "name": "Order",
    "kind": "notification",
    "text": "{who}: order {number} comes {day}.",
}
BOUND = {"vendor_template_id": "SMS_1"}


@pytest.fixture
async def acme(office):
    client = await office.issue("acme")
    assert (await client.post("/v1/templates", ORDER)).status == 201
    return client


async def put(client, vendor, document, template_id="order"):
    path = f"/v1/templates/{template_id}/bindings/{vendor}"
    return await client.call("PUT", path, body=json.dumps(document).encode())


async def bindings(client):
    return (await client.get("/v1/templates/order/bindings")).json()


def said(response):
    problem = response.json()
    return response.status, problem["code"], problem["param"]


async def test_a_binding_takes_all_variables_by_name_or_by_position_as_the_vendor_does(acme):
    bound = await put(acme, "aliyun", BOUND)
    assert bound.status == 200
    shown = bound.json()
    assert shown.pop("warnings") == []
    assert shown["parameters"] == {"who": "who", "number": "number", "day": "day"}
    assert (shown["vendor"], shown["vendor_template_id"], shown["version"]) == ("aliyun", "SMS_1", 1)
    assert (shown["state"], shown["reason"]) == ("draft", None)
    assert (await acme.get("/v1/templates/order")).json()["bindings"] == [shown]
    assert (await acme.get("/v1/templates")).json()["data"][1]["bindings"] == [shown]
    assert (await bindings(acme))["data"] == [shown]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["day", "who"], {"1": "day", "2": "who"}),
        (["who", "who"], {"1": "who", "2": "who"}),
        ({"consignee": "who", "no": "number"}, {"consignee": "who", "no": "number"}),
        ([], {}),
        ({}, {}),
        (None, {"1": "who", "2": "number", "3": "day"}),
    ],
)
async def test_parameters_go_by_position_or_by_the_vendors_names(acme, given, kept):
    bound = (await put(acme, "tencent", BOUND | {"parameters": given})).json()
    del bound["warnings"]
    assert bound["parameters"] == kept
    assert list(bound["parameters"]) == list(kept)
    assert (await bindings(acme))["data"] == [bound]


async def test_a_variable_that_the_vendor_will_not_get_is_warned_of(acme):
    bound = (await put(acme, "tencent", BOUND | {"parameters": ["number"]})).json()
    text = ORDER["text"]
    assert [(each["rule"], each["position"]) for each in bound["warnings"]] == [
        ("left_out", text.index("{who}")),
        ("left_out", text.index("{day}")),
    ]
    assert "the vendor's text will lack its value" in bound["warnings"][0]["message"]


async def test_bindings_of_one_version_are_listed(acme):
    await put(acme, "aliyun", BOUND)
    await acme.call("PATCH", "/v1/templates/order", body=b'{"text": "Order {number}."}')
    await put(acme, "tencent", BOUND)
    listed = {}
    for version in (1, 2):
        path = f"/v1/templates/order/bindings?version={version}"
        listed[version] = [each["vendor"] for each in (await acme.get(path)).json()["data"]]
    assert listed == {1: ["aliyun"], 2: ["tencent"]}
    missing = await acme.get("/v1/templates/order/bindings?version=9")
    assert said(missing) == (404, "not_found", "version")
    assert "'order' has no version 9; the newest is 2" in missing.json()["detail"]


async def test_a_binding_that_is_not_there_is_told_as_one(acme):
    gone = await acme.call("DELETE", "/v1/templates/order/bindings/aliyun")
    assert said(gone) == (404, "not_found", None)
    assert "has no binding with this id" in gone.json()["detail"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"parameters": ["who", "whom"]}, "unknown_param", "parameters.whom"),
        ({"parameters": {"consignee": "whom"}}, "unknown_param", "parameters.whom"),
        ({"parameters": "who"}, "wrong_type", "parameters"),
        ({"parameters": ["who"] * 51}, "invalid_value", "parameters"),
        ({"parameters": [1]}, "wrong_type", "parameters[0]"),
        ({"vendor_template_id": ""}, "invalid_value", "vendor_template_id"),
        ({"vendor_template_id": "x" * 101}, "invalid_value", "vendor_template_id"),
        ({"vendor_template_id": "a\nb"}, "invalid_value", "vendor_template_id"),
        ({"state": "fine"}, "invalid_value", "state"),
        ({"reason": "x" * 501}, "invalid_value", "reason"),
        ({"reason": "a\x00b"}, "invalid_text", "reason"),
        ({"version": 0}, "invalid_value", "version"),
        ({"kind": "otp"}, "unknown_field", "kind"),
    ],
)
async def test_what_is_no_binding_is_refused_by_its_field(acme, change, code, param):
    assert said(await put(acme, "aliyun", BOUND | change)) == (400, code, param)
    assert (await bindings(acme))["data"] == []


async def test_a_vendor_is_a_kind_or_a_channel_that_the_account_may_use(office, acme):
    office.plant("UPDATE channels SET name = 'our own'")
    for vendor in ("sandbox", "our own", "aliyun", "huawei", "tencent", "twilio"):
        assert (await put(acme, vendor, BOUND)).status == 200, vendor
    unknown = await put(acme, "nobody", BOUND)
    assert said(unknown) == (400, "unknown_vendor", "vendor")
    assert "no vendor and no channel called 'nobody'" in unknown.json()["detail"]
    assert "leave the vendor out" not in unknown.json()["suggested_action"]
    office.plant("UPDATE channels SET account_id = (SELECT id FROM accounts WHERE name = 'other')")
    assert said(await put(acme, "our own", BOUND)) == (400, "unknown_vendor", "vendor")


async def test_a_review_goes_through_its_states_with_its_history(acme, office):
    steps = [
        ("draft", None),
        ("pending", None),
        ("rejected", "含有链接"),
        ("pending", None),
        ("approved", None),
    ]
    for state, reason in steps:
        office.clock.at += 1_000_000
        assert (await put(acme, "aliyun", BOUND | {"state": state, "reason": reason})).json()[
            "state"
        ] == state
    shown = await bindings(acme)
    assert [(step["state"], step["reason"]) for step in shown["history"]] == steps[::-1]
    assert {(step["vendor"], step["version"]) for step in shown["history"]} == {("aliyun", 1)}
    assert [binding["state"] for binding in shown["data"]] == ["approved"]


async def test_the_same_once_more_is_no_step(acme, office):
    first = await put(acme, "aliyun", BOUND | {"state": "approved"})
    office.clock.at += 1_000_000
    again = await put(acme, "aliyun", BOUND | {"state": "approved"})
    assert first.json() == again.json()
    assert len((await bindings(acme))["history"]) == 1


async def test_an_edited_template_has_no_binding_and_the_old_version_keeps_its_own(acme):
    await put(acme, "aliyun", BOUND | {"state": "approved"})
    edited = await acme.call("PATCH", "/v1/templates/order", body=b'{"text": "Order {number}."}')
    assert edited.json()["bindings"] == []
    assert (await acme.get("/v1/templates/order?version=1")).json()["bindings"][0]["state"] == "approved"
    assert said(await put(acme, "aliyun", BOUND | {"parameters": ["who"]}))[1] == "unknown_param"
    assert (await put(acme, "aliyun", BOUND | {"parameters": ["who"], "version": 1})).status == 200
    assert (await put(acme, "aliyun", BOUND)).json()["version"] == 2
    assert [binding["version"] for binding in (await bindings(acme))["data"]] == [2, 1]
    assert said(await put(acme, "aliyun", BOUND | {"version": 3}))[:2] == (404, "not_found")


async def test_only_what_is_approved_is_sent(acme, office):
    await put(acme, "tencent", BOUND | {"state": "pending"})
    await put(acme, "aliyun", BOUND | {"state": "approved", "parameters": {"no": "number"}})
    account = await office.administer.account("acme")
    own = await office.store.read(GetOwn(account.id))
    [(vendor, binding)] = own.templates["order"].bindings.items()
    assert (vendor, binding.template_id, binding.parameters) == ("aliyun", "SMS_1", (("no", "number"),))


async def test_a_binding_can_be_forgotten_and_its_history_stays(acme):
    await put(acme, "aliyun", BOUND)
    gone = await acme.call("DELETE", "/v1/templates/order/bindings/aliyun")
    assert (gone.status, gone.json()["vendor_template_id"]) == (200, "SMS_1")
    shown = await bindings(acme)
    assert (shown["data"], len(shown["history"])) == ([], 1)
    again = await acme.call("DELETE", "/v1/templates/order/bindings/aliyun")
    assert said(again)[:2] == (404, "not_found")


async def test_the_binding_of_an_older_version_is_forgotten_by_its_number(acme):
    await put(acme, "aliyun", BOUND)
    await acme.call("PATCH", "/v1/templates/order", body=b'{"text": "Order {number}."}')
    assert (await acme.call("DELETE", "/v1/templates/order/bindings/aliyun")).status == 404
    assert (await acme.call("DELETE", "/v1/templates/order/bindings/aliyun?version=1")).status == 200


async def test_there_is_a_bound_to_the_bindings_of_a_template(acme):
    for number in range(2, APPROVALS_MAX + 2):
        assert (await put(acme, "aliyun", BOUND)).status == 200
        await acme.call("PATCH", "/v1/templates/order", body=json.dumps({"text": f"{number}"}).encode())
    assert said(await put(acme, "aliyun", BOUND))[:2] == (409, "too_many")
