"""`POST /v1/sms/send` and what can be done with the message afterwards."""

import json

import pytest

from posthouse.core.message import Mode, State
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.core.routing import Channel
from tests.web.house import TO

SEND = "/v1/sms/send"


async def test_a_message_is_answered_with_its_record(client, house):
    response = await client.post(SEND, {"to": TO, "body": "Your order has shipped."})
    assert response.status == 202
    record = response.json()
    assert record["sms_id"].startswith("sms_")
    assert record["to"] == TO
    assert record["state"] == "queued"
    assert record["vendor"] is None
    assert (record["segments"], record["encoding"]) == (1, "gsm7")
    assert record["created_at"] == "2026-11-28T08:00:00.000000Z"
    assert record["expires_at"] == "2026-11-29T08:00:00.000000Z"
    assert record["price"] == {"amount": "0.05", "currency": "CNY"}
    assert record["purpose"] == "notification"
    assert record["simulated"] is True  # there is no other channel here
    assert len(house.store.messages) == 1
    assert house.wakeups.count == 1


async def test_every_field_of_the_request_comes_back_in_the_record(client, house):
    request = {
        "to": "138 0013 8000",
        "body": "您的验证码是 1234",
        "from": "1069 01",
        "vendor": "sandbox",
        "signature": "驿站",
        "send_at": "2026-11-28T17:00:00.5+08:00",
        "validity_s": 300,
        "purpose": "otp",
        "reference": "order-4711",
        "metadata": {"订单": "4711"},
    }
    record = (await client.post(SEND, request)).json()
    assert record["to"] == "+8613800138000"
    assert record["from"] == "1069 01"
    assert record["signature"] == "驿站"
    assert record["state"] == "scheduled"
    assert record["send_at"] == "2026-11-28T09:00:00.500000Z"
    assert record["expires_at"] == "2026-11-28T09:05:00.500000Z"
    assert record["purpose"] == "otp"
    assert record["reference"] == "order-4711"
    assert record["metadata"] == {"订单": "4711"}
    assert (await client.get(f"/v1/sms/{record['sms_id']}")).json() == record
    (message,) = house.store.messages.values()
    assert message.pin == "sandbox"


async def test_parameters_of_a_template_are_kept_as_text(client, house):
    params = {"code": "0042", "minutes": 5, "amount": "12.50"}
    response = await client.post(SEND, {"to": TO, "template_id": "SMS_1", "params": params})
    assert response.status == 202
    (message,) = house.store.messages.values()
    assert json.loads(message.params) == {"code": "0042", "minutes": "5", "amount": "12.50"}


async def test_only_a_test_key_simulates_once_there_is_a_real_channel(house):
    house.store.channels.append(Channel(2, "main", "tencent"))
    house.store.version += 1
    await house.services.directory.refresh()
    record = (await house.client().post(SEND, {"to": TO, "body": "hi"})).json()
    assert record["simulated"] is False
    record = (await house.client(mode=Mode.TEST).post(SEND, {"to": TO, "body": "hi"})).json()
    assert record["simulated"] is True


async def test_null_is_as_good_as_absent(client):
    request = {
        "to": TO,
        "body": "hi",
        "from": None,
        "template_id": None,
        "vendor": None,
        "idempotency_key": None,
    }
    assert (await client.post(SEND, request)).status == 202


@pytest.mark.parametrize("content_type", ["", "application/json; charset=utf-8", "application/vnd.x+json"])
async def test_json_goes_by_several_names(client, content_type):
    response = await client.post(SEND, {"to": TO, "body": "hi"}, headers={"content-type": content_type})
    assert response.status == 202


async def test_a_body_may_come_in_pieces(client):
    pieces = [b'{"to": "+15555550123", ', b'"body"', b': "hi"}', b""]
    assert (await client.call("POST", SEND, pieces=pieces)).status == 202


async def test_a_client_that_leaves_before_its_body_is_whole_gets_nothing(house, client):
    async def leave() -> dict[str, object]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": SEND, "query_string": b"", "root_path": ""}
    headers = [(b"authorization", f"Bearer {client.key}".encode())]
    sent: list[object] = []
    await house.app({**scope, "headers": headers}, leave, sent.append)
    assert sent == []


async def test_a_repeated_key_gets_the_first_reply_again(client, house):
    request = {"to": TO, "body": "hi", "idempotency_key": "a"}
    first = await client.post(SEND, request)
    house.clock.at += 1_000_000
    again = await client.post(SEND, request)
    assert again.status == first.status == 202
    assert again.body == first.body
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.store.messages) == 1


async def test_the_key_may_stand_in_the_header_the_body_or_both(client, house):
    header = {"idempotency-key": "a"}
    first = await client.post(SEND, {"to": TO, "body": "hi"}, headers=header)
    in_body = await client.post(SEND, {"body": "hi", "to": TO, "from": None, "idempotency_key": "a"})
    in_both = await client.post(SEND, {"to": TO, "body": "hi", "idempotency_key": "a"}, headers=header)
    assert first.body == in_body.body == in_both.body
    assert len(house.store.messages) == 1


async def test_two_different_keys_in_one_request_are_refused(client, house):
    request = {"to": TO, "body": "hi", "idempotency_key": "a"}
    response = await client.post(SEND, request, headers={"idempotency-key": "b"})
    assert (response.status, response.json()["code"]) == (400, "idempotency_key_conflict")
    assert not house.store.messages


async def test_a_used_key_with_another_request_is_refused(client, house):
    await client.post(SEND, {"to": TO, "body": "hi", "idempotency_key": "a"})
    response = await client.post(SEND, {"to": TO, "body": "ho", "idempotency_key": "a"})
    assert (response.status, response.json()["code"]) == (422, "idempotency_key_reused")
    assert len(house.store.messages) == 1


@pytest.mark.parametrize("key", ["x" * 256, "a\nb", "a\u200bb"])
async def test_an_unusable_key_is_refused(client, key):
    response = await client.post(SEND, {"to": TO, "body": "hi", "idempotency_key": key})
    assert (response.status, response.json()["code"]) == (400, "idempotency_key_invalid")
    assert response.json()["param"] == "idempotency_key"


async def test_an_empty_key_is_refused(client):
    response = await client.post(SEND, {"to": TO, "body": "hi", "idempotency_key": ""})
    assert (response.status, response.json()["code"]) == (400, "idempotency_key_invalid")


async def test_a_key_is_still_good_when_the_request_no_longer_is(client, house):
    request = {"to": TO, "body": "hi", "send_at": "2026-11-28T09:00:00Z", "idempotency_key": "a"}
    first = await client.post(SEND, request)
    house.clock.at += 7_200_000_000
    again = await client.post(SEND, request)
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(SEND, request | {"body": "ho"})
    assert other.json()["code"] == "idempotency_key_reused"
    fresh = await client.post(SEND, request | {"idempotency_key": "b"})
    assert fresh.json()["code"] == "send_at_in_past"


async def test_keys_of_two_accounts_do_not_meet(house):
    request = {"to": TO, "body": "hi", "idempotency_key": "a"}
    first = await house.client(1).post(SEND, request)
    other = await house.client(2).post(SEND, request | {"body": "ho"})
    assert (first.status, other.status) == (202, 202)


async def test_a_refused_request_leaves_its_key_free(client):
    request = {"to": TO, "body": "", "idempotency_key": "a"}
    assert (await client.post(SEND, request)).status == 400
    assert (await client.post(SEND, request | {"body": "hi"})).status == 202


async def test_an_empty_balance_is_told_and_nothing_stored(client, house):
    house.store.available[1] = 10
    response = await client.post(SEND, {"to": TO, "body": "hi"})
    assert (response.status, response.json()["code"]) == (402, "insufficient_balance")
    assert not house.store.messages


@pytest.mark.parametrize(("failure", "code"), [(Unavailable(), "unavailable"), (Overloaded(), "overloaded")])
async def test_a_store_that_cannot_is_a_503_that_says_when_to_come_back(client, house, failure, code):
    assert (await client.get("/v1/account")).status == 200
    house.store.failure = failure
    response = await client.post(SEND, {"to": TO, "body": "hi"})
    assert (response.status, response.json()["code"]) == (503, code)
    assert response.headers["retry-after"] == "1"
    assert response.json()["retryable"] is True


async def test_a_defect_of_ours_is_a_500_that_quotes_nothing(client, house, capsys):
    assert (await client.get("/v1/account")).status == 200
    house.store.failure = ValueError("a text to +15555550123")
    response = await client.post(SEND, {"to": TO, "body": "hi"})
    assert (response.status, response.json()["code"]) == (500, "internal")
    logged = "".join(capsys.readouterr())
    assert response.headers["x-request-id"] in logged
    assert "ValueError" in logged
    for words in (logged, response.body.decode()):
        assert TO not in words


async def test_a_message_can_be_looked_up_by_its_owner(client, house):
    sent = (await client.post(SEND, {"to": TO, "body": "hi"})).json()
    house.store.states[next(iter(house.store.messages))] = State.DELIVERED.value
    found = (await client.get(f"/v1/sms/{sent['sms_id']}")).json()
    assert found["state"] == "delivered"


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("GET", "/trace"), ("POST", "/cancel")])
async def test_malformed_unknown_and_foreign_ids_look_alike(house, method, tail):
    mine, theirs = house.client(1), house.client(2)
    sent = (await mine.post(SEND, {"to": TO, "body": "hi"})).json()["sms_id"]
    problems = []
    for sms_id in (
        sent,
        "sms_0000000000000",
        "sms_zzzzzzzzzzzzz",
        "nonsense",
        "1",
        "sms_",
        "bat_" + sent[4:],
    ):
        response = await theirs.call(method, f"/v1/sms/{sms_id}{tail}")
        assert response.status == 404
        document = response.json()
        document.pop("request_id")
        problems.append(document)
    assert all(document == problems[0] for document in problems)
    assert (await mine.call(method, f"/v1/sms/{sent}{tail}")).status == 200


async def test_a_waiting_message_can_be_canceled_however_often(client):
    sent = (await client.post(SEND, {"to": TO, "body": "hi"})).json()["sms_id"]
    first = await client.post(f"/v1/sms/{sent}/cancel")
    assert (first.status, first.json()["state"]) == (200, "canceled")
    again = await client.post(f"/v1/sms/{sent}/cancel", {}, headers={"idempotency-key": "a"})
    assert (again.status, again.json()["state"]) == (200, "canceled")


async def test_a_cancel_is_replayed_by_its_key_and_the_key_belongs_to_one_message(client):
    one, other = [(await client.post(SEND, {"to": TO, "body": "hi"})).json()["sms_id"] for _ in range(2)]
    keyed = {"idempotency-key": "stop"}
    first = await client.post(f"/v1/sms/{one}/cancel", {}, headers=keyed)
    again = await client.post(f"/v1/sms/{one}/cancel", {}, headers=keyed)
    assert (again.status, again.body) == (first.status, first.body)
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    reused = await client.post(f"/v1/sms/{other}/cancel", {}, headers=keyed)
    assert (reused.status, reused.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_message_under_way_cannot_be_canceled(client, house):
    sent = (await client.post(SEND, {"to": TO, "body": "hi"})).json()["sms_id"]
    house.store.states[next(iter(house.store.messages))] = State.SENDING.value
    response = await client.post(f"/v1/sms/{sent}/cancel")
    assert (response.status, response.json()["code"]) == (409, "not_cancelable")


async def test_a_trace_tells_attempts_and_events(client):
    sent = (await client.post(SEND, {"to": TO, "body": "hi"})).json()
    trace = (await client.get(f"/v1/sms/{sent['sms_id']}/trace")).json()
    assert trace["message"] == sent
    assert trace["attempts"][0]["outcome"] == "accepted"
    assert trace["attempts"][0]["started_at"] == "2026-11-28T08:00:00.000000Z"
    assert trace["events"][0]["data"]["channels"][0]["channel"] == "sandbox"
    assert trace["attempts"][0]["exchange"] == {"ms": 35}
    assert trace["events"][1]["data"] == {"attempt": 1, "reference": "r"}
    assert trace["events"][2]["data"]["vendor_at"] == "2026-11-28T08:00:00.000005Z"
