"""Vendors' templates taken over by API, each once."""

import json

import pytest

from posthouse.core.ports.store import Unavailable

FOREIGN = {
    "vendor": "tencent",
    "vendor_template_id": "1400001",
    "text": "【驿站】您的验证码是{1}，{2}分钟内有效。",
    "names": ["code", "minutes"],
    "name": "登录验证码",
    "kind": "otp",
    "id": "login",
}


@pytest.fixture
async def acme(office):
    return await office.issue("acme")


async def take_over(client, **change):
    document = {name: value for name, value in (FOREIGN | change).items() if value is not None}
    return await client.post("/v1/templates/import", document)


async def templates(client):
    return (await client.get("/v1/templates")).json()["data"][1:]


def said(response):
    problem = response.json()
    return response.status, problem["code"], problem["param"]


async def test_a_vendors_template_becomes_ours_with_its_binding(acme):
    made = await take_over(acme, state="approved")
    assert made.status == 201
    shown = made.json()
    assert (shown["text"], shown["signature"]) == ("您的验证码是{code}，{minutes}分钟内有效。", "驿站")
    [binding] = shown["bindings"]
    assert (binding["vendor"], binding["vendor_template_id"], binding["state"]) == (
        "tencent",
        "1400001",
        "approved",
    )
    assert binding["parameters"] == {"1": "code", "2": "minutes"}
    assert (await acme.get("/v1/templates/login")).json() == shown


@pytest.mark.parametrize(
    ("vendor", "text", "parameters"),
    [
        ("aliyun", "您的验证码是${code}", {"code": "code"}),
        ("huawei", "您的验证码是${1}", {"1": "1"}),
        ("tencent", "您的验证码是{1}", {"1": "1"}),
        ("twilio", "Your code is {{1}}", {"1": "1"}),
    ],
)
async def test_each_vendor_is_read_in_its_own_notation(acme, vendor, text, parameters):
    shown = (await take_over(acme, vendor=vendor, text=text, names=None)).json()
    assert shown["bindings"][0]["parameters"] == parameters
    assert shown["bindings"][0]["state"] == "draft"
    assert [variable["name"] for variable in shown["variables"]] == list(parameters.values())


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"vendor": "sandbox"}, "invalid_value", "vendor"),
        ({"text": "您的验证码是${code}", "names": None}, "invalid_template", "text"),
        ({"text": ""}, "invalid_value", "text"),
        ({"text": f"【{'驿' * 21}】您的验证码是{{1}}", "names": None}, "invalid_signature", "text"),
        ({"vendor_template_id": "a\nb"}, "invalid_value", "vendor_template_id"),
        ({"id": "import"}, "invalid_value", "id"),
        ({"name": ""}, "invalid_value", "name"),
        ({"kind": "spam"}, "invalid_value", "kind"),
        ({"state": "fine"}, "invalid_value", "state"),
    ],
)
async def test_what_cannot_be_taken_over_is_refused_by_its_field(acme, change, code, param):
    assert said(await take_over(acme, **change)) == (400, code, param)
    assert await templates(acme) == []


async def test_one_idempotency_key_takes_it_over_once(acme):
    first = await take_over(acme, id=None, idempotency_key="k")
    again = await take_over(acme, id=None, idempotency_key="k")
    assert first.json() == again.json()
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    [only] = await templates(acme)
    assert len(only["bindings"]) == 1
    assert said(await take_over(acme, idempotency_key="k"))[:2] == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "change", [{}, {"id": None}, {"id": "another"}, {"name": "其他", "text": "{1}和{2}"}]
)
async def test_a_vendors_template_is_taken_over_once_and_ours_is_named(acme, change):
    await take_over(acme)
    refused = await take_over(acme, **change)
    assert said(refused) == (409, "already_exists", "vendor_template_id")
    assert "The template 'login' already has this 'vendor_template_id'" in refused.json()["detail"]
    assert len(await templates(acme)) == 1


async def test_another_of_the_vendors_and_the_same_number_of_another_vendor_are_others(acme):
    await take_over(acme)
    assert said(await take_over(acme, vendor_template_id="2")) == (409, "already_exists", "id")
    assert (await take_over(acme, vendor_template_id="2", id=None)).status == 201
    huawei = await take_over(acme, vendor="huawei", text="${1}和${2}", id=None)
    assert huawei.status == 201
    await acme.call("DELETE", "/v1/templates/login")
    assert (await take_over(acme, id=None)).status == 201


async def test_an_import_that_fails_leaves_nothing(office, acme, monkeypatch):
    async def unavailable(command):
        raise Unavailable

    monkeypatch.setattr(office.store, "write", unavailable)
    assert (await take_over(acme, idempotency_key="k")).status == 503
    monkeypatch.undo()
    assert await templates(acme) == []
    assert (await take_over(acme, idempotency_key="k")).status == 201


async def test_a_repetition_brings_back_no_binding_that_was_forgotten_since(acme):
    await take_over(acme, idempotency_key="k")
    await acme.call("DELETE", "/v1/templates/login/bindings/tencent")
    assert (await take_over(acme, idempotency_key="k")).status == 201
    assert (await templates(acme))[0]["bindings"] == []


async def test_a_repetition_is_answered_when_the_template_is_gone_since(acme):
    first = await take_over(acme, idempotency_key="k")
    await acme.call("DELETE", "/v1/templates/login")
    again = await take_over(acme, idempotency_key="k")
    assert (again.status, again.json()) == (201, first.json())
    assert await templates(acme) == []


async def test_a_key_needs_the_scope(office):
    client = await office.issue("acme", scopes=frozenset({"templates:read"}))
    assert said(await take_over(client))[:2] == (403, "forbidden")


async def test_the_path_of_imports_is_no_template(acme):
    for method, body in (("GET", b""), ("DELETE", b""), ("PATCH", json.dumps({"name": "x"}).encode())):
        response = await acme.call(method, "/v1/templates/import", body=body)
        assert response.status == 405
