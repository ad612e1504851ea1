"""The catalogue of codes and reasons, as callers read it."""

import pytest

from posthouse.core.catalogue import CATALOGUE, REASONS
from posthouse.core.errors import Code
from posthouse.web.dialects.v1.errors import STATUS

NOBODY = {"authorization": ""}


async def test_it_lists_every_code_with_its_status_and_every_reason_to_anybody(client):
    answer = await client.get("/v1/errors", headers=NOBODY)
    assert answer.status == 200
    catalogue = answer.json()
    assert {entry["code"]: entry["status"] for entry in catalogue["codes"]} == STATUS
    assert [entry["reason"] for entry in catalogue["reasons"]] == list(REASONS)
    assert catalogue["codes"][0] == {
        "code": "malformed_json",
        "status": 400,
        "title": "Malformed JSON",
        "detail": "The request body is not valid JSON.",
        "suggested_action": CATALOGUE[Code.MALFORMED_JSON].action.en,
        "retryable": False,
    }
    assert catalogue["reasons"][0] == {
        "reason": "auth",
        "title": "Vendor credentials refused",
        "meaning": "The vendor refused the channel's credentials and did not look at the message.",
        "suggested_action": REASONS["auth"].action.en,
        "retryable": False,
    }


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "en", "en"),
        ("", "zh-CN", "zh-CN"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=en", "zh-CN", "en"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/errors", "/v1/errors/empty_text"])
async def test_the_language_is_the_one_asked_for_and_else_the_callers(
    client, path, query, accepted, language
):
    answer = await client.get(f"{path}{query}", language=accepted)
    assert answer.headers["content-language"] == language
    titles = {entry["code"]: entry["title"] for entry in answer.json()["codes"]}
    assert titles["empty_text"] == ("Empty text" if language == "en" else "短信内容为空")


@pytest.mark.parametrize("language", ["fr", "null", "", "EN"])
async def test_a_language_we_do_not_speak_is_refused_with_those_we_do(client, language):
    answer = await client.get(f"/v1/errors?lang={language}")
    assert (answer.status, answer.json()["param"]) == (400, "lang")
    assert "en, zh" in answer.json()["detail"]


async def test_the_type_of_a_problem_leads_to_its_entry(client):
    problem = (await client.post("/v1/sms/send", {"to": "12", "body": "hi"})).json()
    entry = (await client.get(problem["type"], headers=NOBODY)).json()
    assert [code["code"] for code in entry["codes"]] == [problem["code"]]
    assert entry["codes"][0]["status"] == problem["status"]


@pytest.mark.parametrize("code", Code)
async def test_every_code_and_reason_has_an_address(client, code):
    assert [entry["code"] for entry in (await client.get(f"/v1/errors/{code}")).json()["codes"]] == [code]


@pytest.mark.parametrize("reason", REASONS)
async def test_every_reason_has_an_address(client, reason):
    entry = (await client.get(f"/v1/errors/{reason}")).json()
    assert [found["reason"] for found in entry["reasons"]] == [reason]
    assert [found["code"] for found in entry["codes"]] == ([reason] if reason in list(Code) else [])


@pytest.mark.parametrize("name", ["nobody", "EMPTY_TEXT", "empty_text%20", "%00", "x" * 5000])
async def test_a_name_nobody_has_is_not_found(client, name):
    answer = await client.get(f"/v1/errors/{name}")
    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert len(answer.body) < 1000
