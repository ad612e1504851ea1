"""Whatever is sent, the answer is a 4xx that names the field and the fix, in both languages."""

import json
from typing import Any

import pytest

from tests.web.house import TO

GOOD: dict[str, Any] = {"to": TO, "body": "hi"}
CALLS = ["/v1/sms/send", "/v1/sms/batch", "/v1/sms/sms_0000000000001/cancel"]

RAW = [
    (b"", "malformed_json", None),
    (b"{", "malformed_json", None),
    (b'{"to": "1",}', "malformed_json", None),
    (b"{'to': 1}", "malformed_json", None),
    (b'{"to": NaN}', "malformed_json", None),
    (b'{"to": Infinity}', "malformed_json", None),
    (b'{} {"to": 1}', "malformed_json", None),
    (b'{"to": "a\nb"}', "malformed_json", None),
    (b'\xef\xbb\xbf{"to": "1"}', "malformed_json", None),
    (b'{"to": "+1", "to": "+2"}', "malformed_json", "to"),
    (b'{"to": "a:b\\\\", "t\\u006f": "c\\":d"}', "malformed_json", "to"),
    (b'{"metadata": {"a": "1", "a": "2"}}', "malformed_json", "a"),
    (b'{"to": "\xff"}', "not_utf8", None),
    (b'{"to": "\xed\xa0\x80"}', "not_utf8", None),
    (b'{"\xff": 1}', "not_utf8", None),
    ('{"to": "短"}'.encode("gbk"), "not_utf8", None),
    ('{"to": "1"}'.encode("utf-16"), "not_utf8", None),
    (b'{"to": "1", "body": "\\ud800"}', "invalid_text", "body"),
    (b'{"to": "1", "body": "\\ude00 x"}', "invalid_text", "body"),
    (b'{"messages": [{}, {"body": "\\ud83dx"}]}', "invalid_text", "messages[1].body"),
    (b'{"\\ud800": 1}', "invalid_text", None),
    (b"[" * 100_000, "too_deep", None),
    (b"[" * 33 + b"]" * 33, "too_deep", None),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep", None),
    (b'{"to": ' + b"[" * 40 + b'"]]]]]]"' + b"]" * 40 + b"}", "too_deep", None),
    (b"[]", "invalid_request", None),
    (b"null", "invalid_request", None),
    (b'"text"', "invalid_request", None),
    (b"1", "invalid_request", None),
    (b'{"to": 1e999}', None, None),
    (b'{"validity_s": ' + b"9" * 5000 + b"}", None, None),
    (b'{"x": 1}', "unknown_field", "x"),
]


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize(("raw", "code", "param"), RAW, ids=range(len(RAW)))
async def test_bytes_that_are_no_request_are_refused(house, client, path, raw, code, param):
    if raw == b"" and path.endswith("cancel"):
        return  # there the body may be left out
    problem = await refused(client, path, raw)
    if code is not None:
        assert (problem["code"], problem["param"]) == (code, param)
    assert not house.store.messages


async def test_a_deep_body_is_refused_before_it_is_decoded_and_brackets_in_texts_do_not_count(client):
    text = "[{" * 60
    assert (await client.post(CALLS[0], GOOD | {"body": text})).status == 202
    assert (await client.post(CALLS[0], GOOD | {"body": '\\"' + text})).status == 202


async def test_colons_in_texts_are_no_twins(client):
    request = GOOD | {"body": 'say "to": "x", \\"to\\": \\', "metadata": {"to": "a:b", "body": ":"}}
    assert (await client.post(CALLS[0], request)).status == 202


@pytest.mark.parametrize("path", CALLS)
async def test_a_body_beyond_the_bound_is_refused_by_its_length_alone(client, path):
    response = await client.post(path, body=b"{}", headers={"content-length": str(100 * 1024 * 1024)})
    assert (response.status, response.json()["code"]) == (413, "body_too_large")


async def test_a_body_that_grows_beyond_the_bound_is_refused_when_it_does(client):
    pieces = [b'{"to": "'] + [b"x" * 65_536] * 1000
    response = await client.call("POST", CALLS[0], pieces=pieces)
    assert (response.status, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-encoding": "gzip"},
        {"content-encoding": "br"},
    ],
)
@pytest.mark.parametrize("path", CALLS)
async def test_other_media_types_and_compressed_bodies_are_refused(client, path, headers):
    response = await client.post(path, GOOD, headers=headers)
    assert (response.status, response.json()["code"]) == (415, "unsupported_media_type")


def each(name: str, code: str, *values: Any) -> list[tuple[dict[str, Any], str, str | None]]:
    """One case a value of a field in an otherwise good request."""
    return [(GOOD | {name: value}, code, name) for value in values]


NO_TEXTS: tuple[Any, ...] = (True, None, {}, [], 12.5, 1e3)
FIELDS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"body": "hi"}, "missing_field", "to"),
    ({"to": TO}, "content_missing", "body"),
    (GOOD | {"template_id": "T"}, "content_conflict", "body"),
    (GOOD | {"callback_url": "https://example.com"}, "unsupported_field", "callback_url"),
    (GOOD | {"callback_url": None}, "unsupported_field", "callback_url"),
    ({"to": 5, "body": 5, "callback_url": {}}, "unsupported_field", "callback_url"),
    (GOOD | {"boddy": "x"}, "unknown_field", "boddy"),
    (GOOD | {"x` - at `$.to": 1}, "unknown_field", None),
    (GOOD | {"from_": "x"}, "unknown_field", "from_"),
    *each("to", "wrong_type", 5, None, True, ["+1"], {}, 1.5),
    *each("body", "wrong_type", 5, True, [], {}),
    *[
        case
        for name in ("from", "vendor", "signature", "send_at", "reference", "template_id", "purpose")
        for case in each(name, "wrong_type", 5, ["x"])
    ],
    (GOOD | {"idempotency_key": 5}, "wrong_type", "idempotency_key"),
    (GOOD | {"validity_s": "60"}, "wrong_type", "validity_s"),
    (GOOD | {"validity_s": 1.5}, "wrong_type", "validity_s"),
    (GOOD | {"validity_s": True}, "wrong_type", "validity_s"),
    (GOOD | {"params": []}, "wrong_type", "params"),
    (GOOD | {"metadata": "x"}, "wrong_type", "metadata"),
    *[
        (GOOD | {"to": value}, "invalid_number", "to")
        for value in ("", " ", "12", "abc", "+", "+1" * 40, "9" * 100_000, "'; drop table messages; --")
    ],
    *[
        (GOOD | {"to": value}, "invisible_characters", "to")
        for value in ("+1555\u200b5550123", "\u202e+15555550123", "+1555\u00ad5550123", "\ufeff13800138000")
    ],
    *[(GOOD | {"body": value}, "empty_text", "body") for value in ("", "  \n", "\u200b\u2060")],
    (GOOD | {"body": "x" * 1531}, "text_too_long", "body"),
    (GOOD | {"body": "短" * 671}, "text_too_long", "body"),
    (GOOD | {"body": "x" * 900_000}, "text_too_long", "body"),
    (GOOD | {"body": "a\x00b"}, "invalid_text", "body"),
    (GOOD | {"body": "a\x1bb"}, "invalid_text", "body"),
    (GOOD | {"vendor": "nobody"}, "unknown_vendor", "vendor"),
    (GOOD | {"vendor": ""}, "unknown_vendor", "vendor"),
    (GOOD | {"vendor": "tencent"}, "vendor_not_configured", "vendor"),
    (GOOD | {"vendor": "smpp"}, "vendor_not_configured", "vendor"),
    (GOOD | {"send_at": "2020-01-01T00:00:00Z"}, "send_at_in_past", "send_at"),
    (GOOD | {"send_at": "0001-01-01T00:00:00+23:59"}, "send_at_in_past", "send_at"),
    (GOOD | {"send_at": "2028-01-01T00:00:00Z"}, "send_at_too_far", "send_at"),
    (GOOD | {"send_at": "9999-12-31T23:59:59-23:59"}, "send_at_too_far", "send_at"),
    *[
        (GOOD | {"send_at": value}, "invalid_time", "send_at")
        for value in (
            "",
            "tomorrow",
            "2026-12-01",
            "2026-12-01T08:00:00",
            "2026-02-30T08:00:00Z",
            "2026-12-01T25:00:00Z",
            "2026-12-01T08:00:60Z",
            "2026-12-01T08:00:00+24:00",
            "２０２６-12-01T08:00:00Z",
            "20261201T080000Z",
            "1795852800",
            "2026-W49-1T08:00:00Z",
        )
    ],
    *[(GOOD | {"validity_s": value}, "invalid_validity", "validity_s") for value in (0, -1, 259_201, 10**30)],
    *[(GOOD | {"purpose": value}, "invalid_purpose", "purpose") for value in ("", "OTP", "spam")],
    *[
        (GOOD | {"from": value}, "invalid_sender", "from")
        for value in ("", " ", "x" * 21, "a\nb", "a\u202eb")
    ],
    *[
        (GOOD | {"signature": value}, "invalid_signature", "signature")
        for value in ("", " ", "x" * 21, "【驿站】", "a】b", "a\nb", "a\u200bb")
    ],
    (GOOD | {"reference": "x" * 256}, "invalid_value", "reference"),
    (GOOD | {"reference": "a\x00"}, "invalid_value", "reference"),
    (GOOD | {"params": {"a": "b"}}, "content_conflict", "params"),
    *[
        ({"to": TO, "template_id": "T", "params": {"fine": "x", "a": value}}, "wrong_type", "params.a")
        for value in NO_TEXTS
    ],
    ({"to": TO, "template_id": "T", "params": {"a": "x\x00"}}, "invalid_text", "params.a"),
    ({"to": TO, "template_id": "T", "params": {"a\x1b": "x"}}, "invalid_text", "params.a?"),
    ({"to": TO, "template_id": "T", "params": {"": "x"}}, "invalid_value", "params"),
    ({"to": TO, "template_id": "T", "params": {"b": "", "a": "x" * 1001}}, "invalid_value", "params.a"),
    ({"to": TO, "template_id": "T", "params": {"a" * 65: "x"}}, "invalid_value", "params." + "a" * 64),
    ({"to": TO, "template_id": "T", "params": {str(n): "x" for n in range(51)}}, "invalid_value", "params"),
    ({"to": TO, "template_id": ""}, "invalid_value", "template_id"),
    *[
        (GOOD | {"metadata": {"b": "fine", **bad}}, "invalid_metadata", "metadata.a")
        for bad in ({"a": 1}, {"a": None}, {"a": {"b": "c"}}, {"a": "x" * 501})
    ],
    *[
        (GOOD | {"metadata": {"a": text}}, "invalid_metadata", "metadata.a")
        for text in ("x\x00", "x\ny", "\x85")
    ],
    (GOOD | {"metadata": {"a\n": "x"}}, "invalid_metadata", "metadata.a?"),
    (GOOD | {"metadata": {"x" * 41: "x"}}, "invalid_metadata", "metadata." + "x" * 41),
    *each("metadata", "invalid_metadata", {"": "x"}, {str(n): "x" for n in range(17)}),
]


@pytest.mark.parametrize(("request_", "code", "param"), FIELDS, ids=range(len(FIELDS)))
async def test_a_bad_field_is_named(client, house, request_, code, param):
    problem = await refused(client, CALLS[0], json.dumps(request_).encode())
    assert problem["code"] == code
    if param is not None:
        assert problem["param"] == param
    assert not house.store.messages


async def test_a_misspelt_field_is_told_what_it_may_have_meant(client):
    problem = (await client.post(CALLS[0], {"to": TO, "bdoy": "hi"})).json()
    assert "'body'" in problem["detail"]


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"to": "+1555\u200b5550123"}, "the invisible character U+200B at position 6."),
        ({"to": " \t\u202e13800138000"}, "the invisible character U+202E at position 3."),
        ({"body": "a\x07b"}, "'body' holds U+0007 at position 2, which cannot be sent."),
        ({"body": "a\ud83db"}, "'body' holds U+D83D at position 2, which cannot be sent."),
        ({"body": "x" * 1531}, "needs 11 parts; a message may have at most 10."),
        ({"body": "x" * 100_000}, "needs more than the 10 parts a message may have."),
        ({"send_at": "2020-01-01T00:00:00Z"}, "the server's clock says 2026-11-28T08:00:00Z."),
        ({"send_at": "2028-01-01T00:00:00Z"}, "at most 90 days ahead."),
        ({"params": {"a": 1.5}}, "must be a string or an integer; write other numbers as a string."),
        ({"params": {"a": "", "ab" * 33: ""}}, "must be at most 64 characters long."),
        ({"params": {"": "x"}}, "'params' must be an object whose names are not empty."),
        ({"params": {str(n): "x" for n in range(51)}}, "'params' may hold at most 50 entries."),
        ({"template_id": ""}, "'template_id' must be filled in; it is empty."),
        ({"metadata": {"a": "x\ny"}}, "'metadata.a' holds the control character U+000A."),
    ],
)
async def test_a_refusal_says_just_what_and_where(client, request_, sentence):
    problem = await refused(client, CALLS[0], json.dumps(GOOD | request_).encode())
    assert sentence in problem["detail"]


async def test_values_are_never_quoted(client):
    secret = "hunter2-hunter2"
    for request in ({"purpose": secret}, {"send_at": secret}, {"to": secret}, {"validity_s": secret}):
        response = await client.post(CALLS[0], GOOD | request)
        assert response.status == 400
        assert secret not in response.body.decode()


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("to=12", "invalid_number", "to"),
        ("to=%E2%80%8B13800138000", "invisible_characters", "to"),
        ("limit=0", "invalid_value", "limit"),
        ("limit=101", "invalid_value", "limit"),
        ("limit=many", "wrong_type", "limit"),
        ("limit=null", "wrong_type", "limit"),
        ("limit=" + "9" * 5000, None, None),
        ("limit=1&limit=2", "invalid_value", "limit"),
        ("number=1", "unknown_field", "number"),
        ("to=%ff", "invalid_request", None),
        ("&".join(f"a{n}=1" for n in range(100)), "invalid_request", None),
    ],
)
async def test_a_bad_query_is_refused(client, query, code, param):
    response = await client.get(f"/v1/sandbox/messages?{query}")
    assert 400 <= response.status < 500
    if code is not None:
        assert (response.json()["code"], response.json()["param"]) == (code, param)


@pytest.mark.parametrize("path", ["/v1/account", "/v1/sms/sms_0000000000001", "/openapi.json", "/livez"])
async def test_a_query_nobody_reads_is_refused(client, path):
    response = await client.get(f"{path}?x=1")
    assert (response.status, response.json()["code"]) == (400, "unknown_field")


async def refused(client, path, raw):
    """The English problem, after checking that the Chinese one says the same in Chinese."""
    problems = {}
    for language in ("en", "zh-CN"):
        response = await client.call("POST", path, body=raw, language=language)
        assert 400 <= response.status < 500
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["content-language"] == language
        problems[language] = response.json()
    english, chinese = problems["en"], problems["zh-CN"]
    assert english["code"] == chinese["code"]
    for part in ("title", "detail", "suggested_action"):
        assert english[part]
        assert english[part] != chinese[part]
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese[part])
    return english
