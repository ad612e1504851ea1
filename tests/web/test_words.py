"""`/v1/accounts/{name}/words`: what an operator lets no message of an account hold."""

import json

import pytest

from posthouse.core.words import WORDS_MAX
from tests.web.house import TO

PATH = "/v1/accounts/acme/words"


async def put(client, words, path=PATH):
    return await client.call("PUT", path, body=json.dumps({"words": words}).encode())


async def test_a_list_is_set_read_and_replaced_as_a_whole(office):
    assert (await office.operator.get(PATH)).json() == {"account": "acme", "count": 0, "words": []}
    for words in (["稳赚不赔", "Free Money"], ["casino"], []):
        response = await put(office.operator, words)
        assert (response.status, response.json()) == (200, {"account": "acme", "count": len(words)})
        shown = (await office.operator.get(PATH)).json()
        assert shown == {"account": "acme", "count": len(words), "words": words}
    assert (await office.operator.get("/v1/accounts/other/words")).json()["count"] == 0


async def test_a_word_given_twice_counts_once(office):
    assert (await put(office.operator, ["a", "b", "a"])).json()["count"] == 2
    assert (await office.operator.get(PATH)).json()["words"] == ["a", "b"]


async def test_the_longest_list_there_may_be_is_taken_and_one_more_word_refused(office):
    words = [f"{number:05d}" + "词" * 45 for number in range(WORDS_MAX + 1)]
    body = json.dumps({"words": words[:-1]}, ensure_ascii=False).encode()
    response = await office.operator.call("PUT", PATH, body=body)
    assert (response.status, response.json()["count"]) == (200, WORDS_MAX)
    body = json.dumps({"words": words}, ensure_ascii=False).encode()
    refused = await office.operator.call("PUT", PATH, body=body)
    assert (refused.status, refused.json()["param"]) == (400, "words")
    assert f"{WORDS_MAX:,}" in refused.json()["detail"]
    assert (await office.operator.get(PATH)).json()["words"] == words[:-1]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("", "invalid_value"),
        (" ", "invalid_value"),
        ("\u200b", "invalid_value"),
        ("x" * 51, "invalid_value"),
        ("a\nb", "invalid_value"),
        ("a\n", "invalid_value"),
        ("a\u2028b", "invalid_value"),
        ("a\x00b", "invalid_text"),
    ],
)
async def test_what_is_no_word_is_refused_by_its_place_and_the_list_stays(office, word, code):
    await put(office.operator, ["before"])
    refused = await put(office.operator, ["a", "b", word])
    assert (refused.status, refused.json()["code"], refused.json()["param"]) == (400, code, "words[2]")
    assert (await office.operator.get(PATH)).json()["words"] == ["before"]


async def test_a_list_holds_for_the_very_next_message(office):
    client = await office.issue("acme")
    message = {"to": TO, "body": "Win FREE money now"}
    assert (await client.post("/v1/sms/send", message)).status == 202
    await put(office.operator, ["free money"])
    refused = await client.post("/v1/sms/send", message)
    assert (refused.status, refused.json()["code"]) == (400, "sensitive_word")
    await put(office.operator, [])
    assert (await client.post("/v1/sms/send", message)).status == 202
