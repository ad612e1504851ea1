"""Previews by API: the text, its size, and how long it can become."""

import pytest

CODE = {"name": "Code", "kind": "otp", "id": "c", "text": "Your code is {code}.", "variables": {"code": 10}}


@pytest.fixture
async def acme(office):
    client = await office.issue("acme")
    assert (await client.post("/v1/templates", CODE)).status == 201
    return client


async def preview(client, document, template_id="c"):
    return await client.post(f"/v1/templates/{template_id}/preview", document)


def said(response):
    problem = response.json()
    return response.status, problem["code"], problem["param"]


async def test_a_preview_shows_the_text_and_its_size_at_most(acme):
    shown = (await preview(acme, {"params": {"code": "1234"}, "country": "US"})).json()
    assert (shown["text"], shown["country"]) == ("Your code is 1234.", "US")
    assert (shown["segments"], shown["encoding"], shown["units"]) == (1, "gsm7", 18)
    worst = shown["worst_case"]
    assert (worst["segments"], worst["encoding"], worst["units"]) == (1, "gsm7", 24)
    assert (shown["culprits"], worst["culprits"]) == ([], [])


@pytest.mark.parametrize("document", [{}, None])
async def test_without_parameters_there_is_no_text_but_the_worst_case(acme, document):
    shown = (await preview(acme, document)).json()
    assert (shown["text"], shown["segments"], shown["encoding"], shown["units"]) == (None,) * 4
    assert shown["worst_case"]["units"] == 24
    assert shown["country"] == "CN"


async def test_a_template_without_variables_needs_no_parameters(acme):
    await acme.post("/v1/templates", CODE | {"id": "plain", "text": "Closed {{today}}.", "variables": {}})
    assert (await preview(acme, {}, "plain")).json()["text"] == "Closed {today}."


async def test_what_a_value_adds_and_what_the_text_brings_itself_are_told_apart(acme):
    await acme.post("/v1/templates", CODE | {"id": "curly", "text": "It\u2019s {code}."})
    shown = (await preview(acme, {"params": {"code": "１"}, "country": "US"}, "curly")).json()
    assert [culprit["character"] for culprit in shown["culprits"]] == ["\u2019", "１"]
    assert [culprit["character"] for culprit in shown["worst_case"]["culprits"]] == ["\u2019"]
    assert shown["worst_case"]["culprits"][0]["positions"] == [2]
    assert shown["worst_case"]["encoding"] == "ucs2"


async def test_the_longest_values_decide_the_worst_case(acme):
    await acme.post("/v1/templates", CODE | {"id": "long", "variables": {"code": 300}})
    worst = (await preview(acme, {"country": "US"}, "long")).json()["worst_case"]
    assert (worst["segments"], worst["segments_unicode"]) == (3, 5)


async def test_the_recipient_decides_where_it_is_counted(acme):
    to_china = (await preview(acme, {"params": {"code": "1"}, "to": "13800138000"})).json()
    abroad = (await preview(acme, {"params": {"code": "1"}, "to": "+15555550123"})).json()
    assert (to_china["country"], to_china["encoding"]) == ("CN", "ucs2")
    assert (abroad["country"], abroad["encoding"]) == ("US", "gsm7")


async def test_another_signature_is_tried_on_without_an_edit(acme):
    shown = (await preview(acme, {"params": {"code": "1"}, "signature": "驿站"})).json()
    assert (shown["text"], shown["signature"]) == ("【驿站】Your code is 1.", "驿站")
    assert (await acme.get("/v1/templates/c")).json()["signature"] is None


async def test_an_older_version_can_be_looked_at(acme):
    await acme.call("PATCH", "/v1/templates/c", body=b'{"text": "{code}!"}')
    newest = (await preview(acme, {"params": {"code": "1"}})).json()
    older = (await preview(acme, {"params": {"code": "1"}, "version": 1})).json()
    assert [(each["version"], each["text"]) for each in (newest, older)] == [
        (2, "1!"),
        (1, "Your code is 1."),
    ]


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({"params": {}}, "missing_param", "params.code"),
        ({"params": {"cod": "1"}}, "missing_param", "params.code"),
        ({"params": {"code": "1", "more": "2"}}, "unknown_param", "params.more"),
        ({"params": {"code": "x" * 11}}, "invalid_param", "params.code"),
        ({"params": {"code": "【驿】"}}, "invalid_param", "params.code"),
        ({"params": {"code": "1\n2"}}, "invalid_param", "params.code"),
        ({"params": {"code": "1\x00"}}, "invalid_text", "params.code"),
        ({"params": {"code": 1.5}}, "wrong_type", "params.code"),
        ({"to": "12"}, "invalid_number", "to"),
        ({"to": "+1555\u200b5550123"}, "invisible_characters", "to"),
        ({"country": "XX"}, "invalid_value", "country"),
        ({"to": "13800138000", "country": "CN"}, "content_conflict", "country"),
        ({"signature": "【驿站】"}, "invalid_signature", "signature"),
        ({"version": 2}, "not_found", "version"),
        ({"text": "x"}, "unknown_field", "text"),
    ],
)
async def test_what_cannot_be_shown_is_refused_by_its_name(acme, document, code, param):
    assert said(await preview(acme, document))[1:] == (code, param)


async def test_numbers_may_be_given_as_numbers(acme):
    assert (await preview(acme, {"params": {"code": 1234}})).json()["text"] == "Your code is 1234."


async def test_a_template_whose_longest_values_would_be_refused_is_warned_of(acme):
    text, lengths = "{a} {b}", {"a": 400, "b": 400}
    long = {"id": "long", "name": "Long", "kind": "notification", "text": text, "variables": lengths}
    made = (await acme.post("/v1/templates", long)).json()
    told = (await preview(acme, {"country": "US"}, "long")).json()
    for warnings in (made["warnings"], told["warnings"]):
        assert [each["position"] for each in warnings if each["rule"] == "too_many_parts"] == [None]
    assert told["worst_case"]["segments_unicode"] > 10


async def test_warnings_are_of_what_would_be_sent(acme):
    await acme.post("/v1/templates", CODE | {"id": "signed", "text": "【驿站】Code: {code}"})
    plain = (await preview(acme, {}, "signed")).json()["warnings"]
    doubled = (await preview(acme, {"signature": "邮局"}, "signed")).json()["warnings"]
    assert "several_signatures" not in {warning["rule"] for warning in plain}
    assert "several_signatures" in {warning["rule"] for warning in doubled}
