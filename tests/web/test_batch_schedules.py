"""`PATCH /v1/batches/{id}`: what is still scheduled of a batch gets another time."""

import json

import pytest

from posthouse.core.ids import BATCH, show
from posthouse.core.ports.changes import RescheduleBatch
from posthouse.core.ports.store import Unavailable
from tests.web.house import TO

LATER, MOVED = "2026-12-01T08:00:00.000000Z", "2026-12-02T09:30:00+08:00"
MOVED_UTC = "2026-12-02T01:30:00.000000Z"
NIGHT = "2026-12-02T22:00:00+08:00"


@pytest.fixture
async def client(office):
    await office.administer.credit("acme", 100_000_000)
    return await office.issue("acme")


async def batch_of(client, count, **fields):
    request = {"to": [f"+86138{n:08d}" for n in range(count)], "body": "hi", "send_at": LATER} | fields
    response = await client.post("/v1/sms/batch", request)
    assert response.status == 202, response.json()
    return response.json()["batch_id"]


async def patch(client, batch_id, document, **options):
    body = json.dumps(document).encode()
    return await client.call("PATCH", f"/v1/batches/{batch_id}", body=body, **options)


async def messages_of(client, batch_id):
    return (await client.get(f"/v1/sms?batch_id={batch_id}&limit=500")).json()["data"]


async def test_what_waits_is_moved_and_stays_valid_as_long_and_nothing_else_is(client):
    batch_id, other = await batch_of(client, 3, validity_s=600), await batch_of(client, 1)
    stopped, *_ = await messages_of(client, batch_id)
    await client.post(f"/v1/sms/{stopped['sms_id']}/cancel")
    response = await patch(client, batch_id, {"send_at": MOVED})
    assert response.status == 200
    moved = response.json()
    assert (moved["batch_id"], moved["moved"], moved["count"]) == (batch_id, 2, 3)
    assert (moved["send_at"], moved["postponed_to"]) == (MOVED_UTC, None)
    assert moved["states"] == {"scheduled": 2, "canceled": 1}
    for message in await messages_of(client, batch_id):
        if message["sms_id"] != stopped["sms_id"]:
            assert (message["send_at"], message["expires_at"]) == (MOVED_UTC, "2026-12-02T01:40:00.000000Z")
        else:
            assert (message["state"], message["send_at"]) == ("canceled", LATER)
    assert [message["send_at"] for message in await messages_of(client, other)] == [LATER]


@pytest.mark.parametrize("key", [{}, {"idempotency_key": "k"}])
async def test_a_batch_without_anything_scheduled_cannot_be_moved(client, key):
    batch_id = await batch_of(client, 2, send_at=None)
    for _ in range(2):
        refused = await patch(client, batch_id, {"send_at": MOVED} | key)
        assert (refused.status, refused.json()["code"]) == (409, "not_reschedulable")
        assert "Nothing of this batch waits for its time" in refused.json()["detail"]
    assert {message["state"] for message in await messages_of(client, batch_id)} == {"queued"}


async def test_a_move_is_replayed_even_when_nothing_is_left_to_move(client):
    batch_id = await batch_of(client, 2)
    first = await patch(client, batch_id, {"send_at": MOVED, "idempotency_key": "k"})
    await client.post(f"/v1/batches/{batch_id}/cancel")
    assert (await patch(client, batch_id, {"send_at": MOVED})).json()["code"] == "not_reschedulable"
    again = await patch(client, batch_id, {"send_at": MOVED, "idempotency_key": "k"})
    assert (again.status, again.json()["moved"]) == (200, first.json()["moved"])


async def test_marketing_is_moved_behind_quiet_hours_and_the_reply_tells_when_that_is(office, client):
    items = [{"to": TO, "purpose": purpose} for purpose in ("otp", "marketing")]
    request = {"messages": items, "body": "hi", "send_at": LATER}
    batch_id = (await client.post("/v1/sms/batch", request)).json()["batch_id"]
    await office.operator.call("PATCH", "/v1/accounts/acme", body=b'{"quiet_hours":"21:00-08:00"}')
    moved = (await patch(client, batch_id, {"send_at": NIGHT})).json()
    asked, morning = "2026-12-02T14:00:00.000000Z", "2026-12-03T00:00:00.000000Z"
    assert (moved["moved"], moved["send_at"], moved["postponed_to"]) == (2, asked, morning)
    found = {message["purpose"]: message for message in await messages_of(client, batch_id)}
    assert (found["otp"]["send_at"], found["otp"]["postponed_from"]) == (asked, None)
    assert (found["marketing"]["send_at"], found["marketing"]["postponed_from"]) == (morning, asked)


async def test_a_move_is_replayed_by_its_key_even_when_its_time_has_come(office, client):
    batch_id, other = await batch_of(client, 3), await batch_of(client, 1)
    first = await patch(client, batch_id, {"send_at": MOVED, "idempotency_key": "k"})
    assert "idempotent-replayed" not in first.headers
    office.clock.at += 30 * 86_400_000_000
    again = await patch(client, batch_id, {"send_at": MOVED}, headers={"idempotency-key": "k"})
    assert (again.status, again.body, again.headers["idempotent-replayed"]) == (200, first.body, "true")
    for batch, at in ((other, MOVED), (batch_id, LATER)):
        reused = await patch(client, batch, {"send_at": at, "idempotency_key": "k"})
        assert (reused.status, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert [message["send_at"] for message in await messages_of(client, other)] == [LATER]


async def test_a_move_that_broke_off_goes_on_under_its_key(office, client, monkeypatch):
    batch_id = await batch_of(client, 1200)
    write, steps = office.store.write, 0

    async def breaks_off(command):
        nonlocal steps
        steps += isinstance(command, RescheduleBatch)
        if steps > 1:
            raise Unavailable
        return await write(command)

    monkeypatch.setattr(office.store, "write", breaks_off)
    assert (await patch(client, batch_id, {"send_at": MOVED, "idempotency_key": "k"})).status == 503
    monkeypatch.undo()
    again = await patch(client, batch_id, {"send_at": MOVED, "idempotency_key": "k"})
    assert (again.status, again.json()["moved"]) == (200, 1200)
    assert {message["send_at"] for message in await messages_of(client, batch_id)} == {MOVED_UTC}


async def test_batches_that_are_not_yours_are_not_found_alike(office, client):
    theirs = await office.issue("other")
    foreign = await batch_of(theirs, 1)
    for batch_id in (foreign, show(BATCH, 5), "nothing"):
        response = await patch(client, batch_id, {"send_at": MOVED})
        assert (response.status, response.json()["code"]) == (404, "not_found")
        assert response.json()["detail"] == "Your account has no batch with this id."
    assert [message["send_at"] for message in await messages_of(theirs, foreign)] == [LATER]


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({}, "missing_field", "send_at"),
        ({"send_at": None}, "wrong_type", "send_at"),
        ({"send_at": "tomorrow"}, "invalid_time", "send_at"),
        ({"send_at": "2026-12-01T08:00:00"}, "invalid_time", "send_at"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at_in_past", "send_at"),
        ({"send_at": "2028-01-01T00:00:00Z"}, "send_at_too_far", "send_at"),
        ({"send_at": MOVED, "validity_s": 60}, "unknown_field", "validity_s"),
        ({"send_at": MOVED, "idempotency_key": ""}, "idempotency_key_invalid", "idempotency_key"),
    ],
)
async def test_a_move_that_will_not_do_is_refused_by_field(client, document, code, param):
    batch_id = await batch_of(client, 1)
    response = await patch(client, batch_id, document)
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)
    assert [message["send_at"] for message in await messages_of(client, batch_id)] == [LATER]


async def test_moving_needs_the_right_to_write(office):
    reader = await office.issue("acme", scopes=frozenset({"messages:read"}))
    assert (await patch(reader, show(BATCH, 5), {"send_at": MOVED})).status == 403
