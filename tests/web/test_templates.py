"""Templates by API: made, checked, edited, listed, deleted, and what a message remembers of them."""

import json

import pytest

from posthouse.core.ids import MESSAGE, read
from posthouse.core.ports.queries import GetMessage
from posthouse.core.ports.templates import TEMPLATES_MAX
from posthouse.core.text import PARTS_MAX
from posthouse.web.dialects.v1 import bindings, signatures, template_import, template_preview, templates
from tests.web.house import TO

CODE = {"name": "Login code", "kind": "otp", "text": "Your code is {code}.", "id": "login"}


@pytest.fixture
async def acme(office):
    return await office.issue("acme")


@pytest.fixture
async def other(office):
    return await office.issue("other")


async def patch(client, template_id, document):
    return await client.call("PATCH", f"/v1/templates/{template_id}", body=json.dumps(document).encode())


async def ids_of(client):
    return [row["template_id"] for row in (await client.get("/v1/templates")).json()["data"]]


def said(response):
    problem = response.json()
    return response.status, problem["code"], problem["param"]


async def test_a_template_is_made_and_shown_whole(acme):
    document = CODE | {"signature": "驿站", "variables": {"code": 10}}
    made = await acme.post("/v1/templates", document)
    assert made.status == 201
    body = made.json()
    assert {name: body[name] for name in ("template_id", "name", "kind", "text", "signature", "version")} == {
        "template_id": "login",
        "name": "Login code",
        "kind": "otp",
        "text": "Your code is {code}.",
        "signature": "驿站",
        "version": 1,
    }
    assert body["variables"] == [{"name": "code", "max_length": 10}]
    assert body["bindings"] == []
    assert (await acme.get("/v1/templates/login")).json() == body


async def test_a_template_without_an_id_gets_one_of_ours(acme):
    document = {name: value for name, value in CODE.items() if name != "id"}
    made = (await acme.post("/v1/templates", document)).json()
    assert made["template_id"].startswith("tpl_")
    assert (await acme.get(f"/v1/templates/{made['template_id']}")).status == 200


async def test_every_account_begins_with_the_template_of_the_document(acme, other):
    for client in (acme, other):
        assert await ids_of(client) == ["1"]
        assert (await client.get("/v1/templates/1")).json()["kind"] == "otp"


async def test_warnings_come_in_the_callers_language(acme):
    document = {"id": "sale", "name": "Sale", "kind": "marketing", "text": "Sale for {name}!"}
    english = await acme.post("/v1/templates", document)
    chinese = await acme.get("/v1/templates/sale", language="zh-CN")
    assert english.headers["content-language"] == "en"
    assert chinese.headers["content-language"] == "zh-CN"
    rules = [warning["rule"] for warning in english.json()["warnings"]]
    assert {"marketing_variable", "no_opt_out"} <= set(rules)
    assert [warning["rule"] for warning in chinese.json()["warnings"]] == rules
    for ours, theirs in zip(english.json()["warnings"], chinese.json()["warnings"], strict=True):
        assert ours["message"] != theirs["message"]


@pytest.mark.parametrize(
    "chosen", ["a", "x" * 64, "login.code", "a b", "验证码", "50%", "a?b#c", "...", "Import", "1.0"]
)
async def test_an_id_is_whatever_can_be_seen_on_one_step_of_a_path(acme, chosen):
    assert (await acme.post("/v1/templates", CODE | {"id": chosen})).status == 201
    assert chosen in await ids_of(acme)


@pytest.mark.parametrize(
    "chosen",
    [
        "",
        "x" * 65,
        "a/b",
        "/",
        " a",
        "a ",
        ".",
        "..",
        "import",
        "a\nb",
        "a\x00",
        "a\u200bb",
        "\u3164",
        "\u202ea",
    ],
)
async def test_an_id_that_cannot_stand_in_a_path_is_refused(acme, chosen):
    assert said(await acme.post("/v1/templates", CODE | {"id": chosen})) == (400, "invalid_value", "id")
    assert await ids_of(acme) == ["1"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"name": ""}, "invalid_value", "name"),
        ({"name": "  "}, "invalid_value", "name"),
        ({"name": "x" * 101}, "invalid_value", "name"),
        ({"name": "two\nlines"}, "invalid_value", "name"),
        ({"kind": "spam"}, "invalid_value", "kind"),
        ({"text": ""}, "invalid_value", "text"),
        ({"text": " \n"}, "empty_text", "text"),
        ({"text": "a\x00b"}, "invalid_text", "text"),
        ({"text": "短" * 671}, "text_too_long", "text"),
        ({"text": "x" * 1531}, "invalid_value", "text"),
        ({"text": "Your code is {code"}, "invalid_template", "text"),
        ({"text": "Your code is {}."}, "invalid_template", "text"),
        ({"text": "Your code is {the code}."}, "invalid_template", "text"),
        ({"text": "".join(f"{{v{n}}}" for n in range(51))}, "invalid_template", "text"),
        ({"variables": {"cod": 10}}, "unknown_param", "variables.cod"),
        ({"variables": {"code": 0}}, "invalid_value", "variables.code"),
        ({"variables": {"code": 1001}}, "invalid_value", "variables.code"),
        ({"variables": {"code": "10"}}, "wrong_type", "variables.code"),
        ({"signature": ""}, "invalid_signature", "signature"),
        ({"signature": "【驿站】"}, "invalid_signature", "signature"),
        ({"signature": "x" * 21}, "invalid_signature", "signature"),
        ({"signature": "a\u200bb"}, "invalid_signature", "signature"),
        ({"version": 2}, "unknown_field", "version"),
    ],
)
async def test_what_is_wrong_is_named_when_the_template_is_made_and_when_it_is_edited(
    acme, change, code, param
):
    assert said(await acme.post("/v1/templates", CODE | change)) == (400, code, param)
    await acme.post("/v1/templates", CODE)
    if "kind" not in change:  # which is no field of an edit
        assert said(await patch(acme, "login", change)) == (400, code, param)
    assert (await acme.get("/v1/templates/login")).json()["version"] == 1


async def test_the_place_of_a_fault_is_told(acme):
    problem = (await acme.post("/v1/templates", CODE | {"text": "Your code is {code"})).json()
    assert "position 14" in problem["detail"]


async def test_a_text_is_too_long_only_if_it_is_with_nothing_in_its_places(acme):
    text = "短" * (PARTS_MAX * 67 - 1) + "{a_rather_long_name}"
    assert (await acme.post("/v1/templates", CODE | {"text": text})).status == 201


async def test_a_name_may_hold_a_slash(acme):
    assert (await acme.post("/v1/templates", CODE | {"name": "登录/注册验证码"})).status == 201


async def test_an_id_is_used_once_and_by_one_account_only(acme, other):
    assert (await acme.post("/v1/templates", CODE)).status == 201
    taken = await acme.post("/v1/templates", CODE | {"name": "Another"})
    assert said(taken) == (409, "already_exists", "id")
    assert "The template 'login' already has this 'id'" in taken.json()["detail"]
    assert (await other.post("/v1/templates", CODE)).status == 201
    await acme.call("DELETE", "/v1/templates/login")
    gone = await acme.post("/v1/templates", CODE)
    assert said(gone) == (409, "already_exists", "id")
    assert "'login' was that of a deleted template, and is not used again" in gone.json()["detail"]


async def test_there_is_a_bound_to_how_many_an_account_has(office, acme):
    assert TEMPLATES_MAX == 1000
    office.plant(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO templates "
        "(id, account_id, template_id, name, kind, version, created_at, updated_at) "
        "SELECT 1000 + i, accounts.id, 'n' || i, 'n', 0, 1, 1, 1 FROM n, accounts WHERE name = 'acme'"
    )
    office.plant(
        "INSERT INTO template_versions (template, version, text, variables, created_at) "
        "SELECT id, 1, 'n', '[]', 1 FROM templates WHERE name = 'n'"
    )
    assert said(await acme.post("/v1/templates", CODE))[:2] == (409, "too_many")


async def test_one_idempotency_key_makes_one_template(acme):
    document = {name: value for name, value in CODE.items() if name != "id"}
    first = await acme.post("/v1/templates", document | {"idempotency_key": "k"})
    again = await acme.post("/v1/templates", document, headers={"idempotency-key": "k"})
    assert first.json() == again.json()
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert len(await ids_of(acme)) == 2
    other = await acme.post("/v1/templates", document | {"name": "x", "idempotency_key": "k"})
    assert said(other)[:2] == (422, "idempotency_key_reused")


async def test_another_text_signature_or_length_makes_a_version_and_another_name_does_not(acme):
    await acme.post("/v1/templates", CODE)
    versions = []
    for change in (
        {"name": "Sign-in"},
        {"text": "{code} is your code."},
        {"text": "{code} is your code."},
        {"signature": "驿站"},
        {"variables": {"code": 8}},
        {"signature": None},
        {},
    ):
        changed = await patch(acme, "login", change)
        assert changed.status == 200
        versions.append(changed.json()["version"])
        assert (await acme.get("/v1/templates/login")).json() == changed.json()
    assert versions == [1, 2, 2, 3, 4, 5, 5]
    assert (await acme.get("/v1/templates/login")).json()["name"] == "Sign-in"


async def test_an_edited_text_keeps_the_lengths_of_the_variables_it_keeps(acme):
    await acme.post("/v1/templates", CODE | {"text": "{a} {b}", "variables": {"a": 5, "b": 6}})
    assert (await patch(acme, "login", {"text": "{b} {c}"})).json()["variables"] == [
        {"name": "b", "max_length": 6},
        {"name": "c", "max_length": 64},
    ]


async def test_versions_are_listed_newest_first_in_pages_and_each_can_be_looked_up(acme):
    await acme.post("/v1/templates", CODE)
    for number in range(2, 6):
        await patch(acme, "login", {"text": f"{number}: {{code}}"})
    listed = []
    query = "limit=2"
    while query:
        page = (await acme.get(f"/v1/templates/login/versions?{query}")).json()
        assert len(page["data"]) <= 2
        listed += [(row["version"], row["text"]) for row in page["data"]]
        query = page["next_cursor"] and f"limit=2&cursor={page['next_cursor']}"
    assert listed == [(n, f"{n}: {{code}}") for n in (5, 4, 3, 2)] + [(1, "Your code is {code}.")]
    assert (await acme.get("/v1/templates/login?version=3")).json()["text"] == "3: {code}"
    assert said(await acme.get("/v1/templates/login?version=6"))[1] == "not_found"
    assert said(await acme.get("/v1/templates/login?version=0")) == (400, "invalid_value", "version")


async def test_templates_are_listed_oldest_first_in_pages(acme):
    for number in range(4):
        await acme.post("/v1/templates", CODE | {"id": f"t{number}"})
    listed = []
    query = "limit=2"
    while query:
        page = (await acme.get(f"/v1/templates?{query}")).json()
        listed += [row["template_id"] for row in page["data"]]
        query = page["next_cursor"] and f"limit=2&cursor={page['next_cursor']}"
    assert listed == ["1", "t0", "t1", "t2", "t3"]
    assert said(await acme.get("/v1/templates?cursor=nonsense")) == (400, "invalid_value", "cursor")


CALLS = [
    ("GET", "", None),
    ("PATCH", "", {"name": "x"}),
    ("DELETE", "", None),
    ("GET", "/versions", None),
    ("POST", "/preview", {}),
    ("GET", "/bindings", None),
    ("PUT", "/bindings/sandbox", {"vendor_template_id": "V1"}),
    ("DELETE", "/bindings/sandbox", None),
]


@pytest.mark.parametrize(("method", "rest", "document"), CALLS)
async def test_unknown_malformed_foreign_and_deleted_templates_are_404_alike(
    acme, other, method, rest, document
):
    await other.post("/v1/templates", CODE | {"id": "theirs"})
    await acme.post("/v1/templates", CODE | {"id": "gone"})
    await acme.call("DELETE", "/v1/templates/gone")
    body = b"" if document is None else json.dumps(document).encode()
    told = set()
    for template_id in ("theirs", "gone", "nobody", "x" * 300, "\x00", "' OR 1=1 --", "tpl_0000000000000"):
        response = await acme.call(method, f"/v1/templates/{template_id}{rest}", body=body)
        assert said(response)[:2] == (404, "not_found"), template_id
        told.add(response.json()["detail"])
    assert len(told) == 1
    assert (await other.get("/v1/templates/theirs")).json()["version"] == 1


@pytest.mark.parametrize(("method", "rest", "document"), [("POST", "s", CODE), *CALLS])
async def test_a_key_needs_the_scope(office, method, rest, document):
    reads = method == "GET" or rest == "/preview"
    scope = "templates:read" if reads else "templates:write"
    lacking = "templates:write" if reads else "templates:read"
    client = await office.issue("acme", scopes=frozenset({lacking, "messages:write"}))
    path = "/v1/templates" if rest == "s" else f"/v1/templates/1{rest}"
    body = b"" if document is None else json.dumps(document).encode()
    response = await client.call(method, path, body=body)
    assert said(response)[:2] == (403, "forbidden")
    assert f"'{scope}'" in response.json()["detail"]


async def send(client, **more):
    request = {"to": TO, "template_id": "login", "params": {"code": "1234"}, **more}
    return await client.post("/v1/sms/send", request)


async def stored(office, response):
    message_id = read(MESSAGE, response.json()["sms_id"])
    assert message_id is not None
    message = await office.store.read(GetMessage(None, message_id))
    assert message is not None
    return message


async def test_the_very_next_message_is_sent_by_the_edit(office, acme):
    await acme.post("/v1/templates", CODE)
    first = await send(acme)
    assert first.status == 202
    await patch(acme, "login", {"text": "Code: {code} ({minutes} min)"})
    lacking = await send(acme)
    assert said(lacking) == (400, "missing_param", "params.minutes")
    second = await send(acme, params={"code": "1234", "minutes": "5"})
    assert second.status == 202
    assert [(await stored(office, each)).template_version for each in (first, second)] == [1, 2]


async def test_a_deleted_template_sends_nothing_from_then_on(acme):
    await acme.post("/v1/templates", CODE)
    assert (await send(acme)).status == 202
    gone = await acme.call("DELETE", "/v1/templates/login")
    assert (gone.status, gone.json()["template_id"]) == (200, "login")
    assert said(await send(acme)) == (400, "template_deleted", "template_id")
    assert await ids_of(acme) == ["1"]


async def test_the_examples_of_the_reference_are_accepted_one_after_another(office, acme):
    """A template made, edited, previewed and bound; a signature registered and approved."""
    calls = (templates, template_preview, bindings, template_import, signatures)
    shown = [route for each in calls for route in each.routes(office.house.services) if route.example]
    assert len(shown) == 7
    for route in shown:
        example = dict(route.example)
        if route.name == "signatures.create":
            example["id"] = "post"
        chosen = "post" if route.path.startswith("/v1/signatures") else "login-code"
        path = route.path.replace("{id}", chosen).replace("{vendor}", "aliyun")
        response = await acme.call(route.method, path, body=json.dumps(example).encode())
        assert response.status == route.status, (route.name, response.json())
