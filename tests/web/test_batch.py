"""`POST /v1/sms/batch`."""

import json

import pytest

from posthouse.core.errors import Code, Refusal
from tests.fakes import CIPHER
from tests.web.house import TO

BATCH = "/v1/sms/batch"
BAD = "12"


def numbers(count: int) -> list[str]:
    return [f"+86138{index:08d}" for index in range(count)]


async def test_one_content_goes_to_many(client, house):
    response = await client.post(BATCH, {"to": numbers(3), "body": "hi", "reference": "spring"})
    assert response.status == 202
    reply = response.json()
    assert (reply["accepted"], reply["rejected"]) == (3, [])
    assert reply["batch_id"].startswith("bat_")
    assert [message.recipient for message in house.store.messages.values()] == numbers(3)
    assert {message.reference for message in house.store.messages.values()} == {"spring"}


async def test_messages_take_from_the_batch_what_they_do_not_say(client, house):
    request = {
        "messages": [
            {"to": TO},
            {"to": TO, "body": "own", "purpose": "otp", "reference": "r1"},
            {"to": TO, "template_id": "T", "params": {"a": 1}, "from": "X"},
        ],
        "body": "common",
        "from": "F",
        "purpose": "marketing",
        "reference": "r",
        "signature": "驿站",
    }
    assert (await client.post(BATCH, request)).json()["accepted"] == 3
    stored = list(house.store.messages.values())
    assert [message.body for message in stored] == ["common", None, None]
    assert [message.template_id for message in stored] == [None, None, "T"]
    assert [stored[0].params, stored[2].params] == [None, '{"a":"1"}']
    assert CIPHER.open(stored[1].params or "", stored[1].id) == '"own"'  # a code's text is sealed
    assert [message.sender for message in stored] == ["F", "F", "X"]
    assert [message.lane for message in stored] == [2, 0, 2]
    assert [message.reference for message in stored] == ["r", "r1", "r"]


async def test_messages_may_bring_parameters_for_a_common_template(client, house):
    request = {
        "template_id": "T",
        "messages": [{"to": TO, "params": {"a": "1"}}, {"to": TO, "params": {"a": "2"}}],
    }
    assert (await client.post(BATCH, request)).status == 202
    assert [message.params for message in house.store.messages.values()] == ['{"a":"1"}', '{"a":"2"}']


async def test_one_bad_recipient_stops_all(client, house):
    response = await client.post(BATCH, {"to": [TO, BAD, TO], "body": "hi"})
    assert (response.status, response.json()["code"]) == (400, "batch_refused")
    assert response.json()["rejected"] == [{"index": 1, "to": BAD, "code": "invalid_number"}]
    assert not house.store.messages


async def test_the_rest_can_be_accepted(client, house):
    request = {"to": [TO, BAD, TO], "body": "hi", "on_error": "accept_rest"}
    reply = (await client.post(BATCH, request)).json()
    assert reply["accepted"] == 2
    assert reply["rejected"] == [{"index": 1, "to": BAD, "code": "invalid_number"}]
    assert len(house.store.messages) == 2


async def test_rejecting_all_is_what_happens_unasked_and_can_be_asked_for(client, house):
    request = {"to": [TO, BAD], "body": "hi"}
    unasked = await client.post(BATCH, request)
    asked = await client.post(BATCH, request | {"on_error": "reject_all"})
    assert unasked.json() | {"request_id": ""} == asked.json() | {"request_id": ""}
    assert not house.store.messages


async def test_each_message_left_out_is_told_by_its_place_and_its_own_fault(client, house):
    request = {
        "messages": [
            {"to": BAD, "body": "hi"},
            {"to": TO, "body": "hi"},
            {"to": TO, "body": " "},
            {"to": TO, "body": "a" * 2000},
            {"to": TO},
            {"to": TO, "body": "hi", "vendor": "nobody"},
            {"to": TO, "body": "ho"},
        ],
        "on_error": "accept_rest",
    }
    reply = (await client.post(BATCH, request)).json()
    assert reply["accepted"] == 2
    assert [(each["index"], each["code"]) for each in reply["rejected"]] == [
        (0, "invalid_number"),
        (2, "empty_text"),
        (3, "text_too_long"),
        (4, "content_missing"),
        (5, "unknown_vendor"),
    ]
    assert [message.body for message in house.store.messages.values()] == ["hi", "ho"]


async def test_only_what_is_accepted_is_paid_for_and_counted(client, house):
    before = house.store.available[1]
    to = numbers(600)
    to[7] = to[500] = BAD
    request = {"to": to, "body": "hi", "on_error": "accept_rest"}
    reply = (await client.post(BATCH, request)).json()
    assert (reply["accepted"], [each["index"] for each in reply["rejected"]]) == (598, [7, 500])
    assert before - house.store.available[1] == 598 * 50_000
    batch = (await client.get(f"/v1/batches/{reply['batch_id']}")).json()
    assert (batch["count"], batch["states"]) == (598, {"queued": 598})


async def test_want_of_money_is_no_ones_fault_and_refuses_the_whole_batch(client, house):
    house.store.available[1] = 50_000
    request = {"to": [TO, TO, BAD], "body": "hi", "on_error": "accept_rest"}
    response = await client.post(BATCH, request)
    assert (response.status, response.json()["code"]) == (402, "insufficient_balance")
    assert not house.store.messages


async def test_a_batch_with_nothing_left_is_refused(client, house):
    response = await client.post(BATCH, {"to": [BAD] * 150, "body": "hi", "on_error": "accept_rest"})
    assert (response.status, response.json()["code"]) == (400, "batch_refused")
    assert len(response.json()["rejected"]) == 100
    assert response.json()["detail"].startswith("None of the 150 recipients can be accepted")
    assert "accept_rest" not in response.json()["suggested_action"]


async def test_a_fault_in_what_all_share_is_named_once(client):
    response = await client.post(BATCH, {"to": numbers(3), "body": " "})
    assert (response.status, response.json()["code"]) == (400, "empty_text")
    assert response.json()["param"] == "body"


async def test_a_long_recipient_is_not_repeated_whole(client):
    request = {"to": [TO, "9" * 5000], "body": "hi", "on_error": "accept_rest"}
    (rejected,) = (await client.post(BATCH, request)).json()["rejected"]
    assert len(rejected["to"]) == 64


async def test_ten_thousand_at_once_are_taken(client, house):
    house.store.available[1] = 10**12
    request = {"messages": [{"to": to, "body": f"order {to}"} for to in numbers(10_000)]}
    response = await client.post(BATCH, request)
    assert (response.status, response.json()["accepted"]) == (202, 10_000)
    assert len(house.store.messages) == 10_000


@pytest.mark.parametrize("name", ["to", "messages"])
async def test_one_more_is_too_large(client, name):
    many = numbers(10_001) if name == "to" else [{"to": TO}] * 10_001
    response = await client.post(BATCH, {name: many, "body": "hi"})
    assert (response.status, response.json()["code"]) == (400, "batch_too_large")
    assert response.json()["param"] == name


@pytest.mark.parametrize(
    ("request_", "code", "param"),
    [
        ({"body": "hi"}, "missing_field", "to"),
        ({"to": [], "body": "hi"}, "batch_empty", "to"),
        ({"messages": [], "body": "hi"}, "batch_empty", "messages"),
        ({"to": [TO], "messages": [{"to": TO}], "body": "hi"}, "content_conflict", "messages"),
        ({"to": TO, "body": "hi"}, "wrong_type", "to"),
        ({"to": [TO, 5], "body": "hi"}, "wrong_type", "to[1]"),
        ({"to": [TO], "body": "hi", "on_error": "x"}, "invalid_value", "on_error"),
        ({"to": [TO], "body": "hi", "callback_url": None}, "unsupported_field", "callback_url"),
        ({"to": [TO], "body": "hi", "mesages": []}, "unknown_field", "mesages"),
        ({"to": [TO]}, "content_missing", "body"),
        ({"to": [TO], "body": "hi", "template_id": "T"}, "content_conflict", "body"),
        ({"messages": [{"body": "hi"}]}, "missing_field", "messages[0].to"),
        ({"messages": [{"to": TO}, {"to": TO, "body": 5}]}, "wrong_type", "messages[1].body"),
        ({"messages": [{"to": TO, "boddy": "x"}]}, "unknown_field", "messages[0].boddy"),
        (
            {"messages": [{"to": TO, "body": "hi", "callback_url": "x"}]},
            "unsupported_field",
            "messages[0].callback_url",
        ),
        (
            {"messages": [{"to": TO, "body": "hi", "send_at": "soon"}]},
            "invalid_time",
            "messages[0].send_at",
        ),
    ],
)
async def test_a_malformed_batch_is_refused_by_field(client, house, request_, code, param):
    response = await client.post(BATCH, request_)
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)
    assert not house.store.messages


async def test_a_batch_is_replayed_by_its_key(client, house):
    request = {"to": numbers(600), "body": "hi", "idempotency_key": "b"}
    first = await client.post(BATCH, request)
    again = await client.post(BATCH, request)
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.store.messages) == 600
    other = await client.post(BATCH, request | {"body": "ho"})
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_batch_and_a_message_may_bear_the_same_key(client):
    assert (await client.post(BATCH, {"to": [TO], "body": "hi", "idempotency_key": "k"})).status == 202
    assert (await client.post("/v1/sms/send", {"to": TO, "body": "hi", "idempotency_key": "k"})).status == 202


async def test_a_batch_beyond_eight_mebibytes_is_turned_away(client):
    body = json.dumps({"to": [TO], "body": "x" * (8 * 1024 * 1024)}).encode()
    response = await client.post(BATCH, body=body)
    assert (response.status, response.json()["code"]) == (413, "body_too_large")


async def test_a_batch_in_chunks_without_funds_is_refused_before_a_chunk_is_stored(client, house):
    house.store.available[1] = 0
    response = await client.post(BATCH, {"to": numbers(600), "body": "hi"})
    assert (response.status, response.json()["code"]) == (402, "insufficient_balance")
    assert house.store.staged == house.store.messages == {}


async def test_chunks_of_a_batch_that_is_refused_in_the_end_are_dropped(client, house, monkeypatch):
    def spent(_command):
        raise Refusal(Code.INSUFFICIENT_BALANCE)

    monkeypatch.setattr(house.store, "_accept", spent)
    response = await client.post(BATCH, {"to": numbers(600), "body": "hi"})
    assert (response.status, response.json()["code"]) == (402, "insufficient_balance")
    assert house.store.staged == house.store.messages == {}
