"""`PATCH /v1/sms/{id}` and `POST /v1/batches/{id}/cancel`: what can still be changed."""

import asyncio
import json

import pytest

from posthouse.core.ids import BATCH, MESSAGE, read, show
from posthouse.core.ports.changes import CancelBatch
from posthouse.core.ports.store import Unavailable
from tests.web.house import TO

LATER = "2026-12-01T08:00:00.000000Z"
MOVED, NEXT = "2026-12-02T09:30:00+08:00", "2026-12-03T09:30:00+08:00"


async def scheduled(client, **fields):
    response = await client.post("/v1/sms/send", {"to": TO, "body": "hi", "send_at": LATER} | fields)
    assert response.status == 202
    return response.json()


async def patch(client, sms_id, document, **options):
    return await client.call("PATCH", f"/v1/sms/{sms_id}", body=json.dumps(document).encode(), **options)


async def test_a_message_is_moved_and_stays_valid_as_long(client):
    message = await scheduled(client, validity_s=600)
    response = await patch(client, message["sms_id"], {"send_at": MOVED})
    assert response.status == 200
    moved = response.json()
    assert moved["send_at"] == "2026-12-02T01:30:00.000000Z"
    assert moved["expires_at"] == "2026-12-02T01:40:00.000000Z"
    assert moved["state"] == "scheduled"
    assert (await client.get(f"/v1/sms/{message['sms_id']}")).json() == moved


async def test_a_new_validity_counts_from_the_new_time(client):
    message = await scheduled(client)
    moved = (await patch(client, message["sms_id"], {"send_at": MOVED, "validity_s": 60})).json()
    assert moved["expires_at"] == "2026-12-02T01:31:00.000000Z"


async def test_a_move_is_replayed_by_its_key_and_not_made_again(client):
    sms_id = (await scheduled(client))["sms_id"]
    first = await patch(client, sms_id, {"send_at": MOVED, "idempotency_key": "k"})
    assert "idempotent-replayed" not in first.headers
    await patch(client, sms_id, {"send_at": LATER})
    again = await patch(client, sms_id, {"send_at": MOVED}, headers={"idempotency-key": "k"})
    assert (again.body, again.headers["idempotent-replayed"]) == (first.body, "true")
    assert (await client.get(f"/v1/sms/{sms_id}")).json()["send_at"] == LATER


async def test_a_key_of_another_move_is_refused_and_nothing_is_moved(client):
    one, two = await scheduled(client), await scheduled(client)
    await patch(client, one["sms_id"], {"send_at": MOVED, "idempotency_key": "k"})
    for sms_id, to in ((two["sms_id"], MOVED), (one["sms_id"], LATER)):
        response = await patch(client, sms_id, {"send_at": to, "idempotency_key": "k"})
        assert (response.status, response.json()["code"]) == (422, "idempotency_key_reused")
    assert (await client.get(f"/v1/sms/{two['sms_id']}")).json()["send_at"] == LATER


async def test_a_move_whose_time_has_come_is_still_replayed(client, house):
    sms_id = (await scheduled(client))["sms_id"]
    first = await patch(client, sms_id, {"send_at": MOVED, "idempotency_key": "k"})
    house.clock.at += 30 * 86_400_000_000
    house.store.states[read(MESSAGE, sms_id)] = "delivered"
    again = await patch(client, sms_id, {"send_at": MOVED, "idempotency_key": "k"})
    assert (again.status, again.body) == (200, first.body)


async def test_of_two_moves_at_once_under_one_key_only_the_one_that_is_confirmed_takes_effect(office):
    client = await office.issue("acme")
    sms_id = (await scheduled(client))["sms_id"]
    answers = await asyncio.gather(
        *(patch(client, sms_id, {"send_at": at, "idempotency_key": "k"}) for at in (MOVED, NEXT))
    )
    assert sorted(answer.status for answer in answers) == [200, 422]
    [moved] = [answer.json() for answer in answers if answer.status == 200]
    assert (await client.get(f"/v1/sms/{sms_id}")).json() == moved


@pytest.mark.parametrize("state", ["queued", "sending", "delivered", "canceled"])
async def test_what_does_not_wait_for_its_time_cannot_be_moved(client, house, state):
    sms_id = (await scheduled(client))["sms_id"]
    house.store.states[read(MESSAGE, sms_id)] = state
    response = await patch(client, sms_id, {"send_at": MOVED})
    assert (response.status, response.json()["code"]) == (409, "not_reschedulable")
    assert f"'{state}'" in response.json()["detail"]
    assert response.json()["suggested_action"]


async def test_foreign_unknown_and_malformed_ids_are_not_found_alike(client, house):
    foreign = (await scheduled(house.client(2)))["sms_id"]
    for sms_id in (foreign, show(MESSAGE, 5), "nothing"):
        response = await patch(client, sms_id, {"send_at": MOVED})
        assert (response.status, response.json()["code"]) == (404, "not_found")
        assert response.json()["detail"] == "Your account has no message with this id."


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({}, "missing_field", "send_at"),
        ({"send_at": None}, "wrong_type", "send_at"),
        ({"send_at": "tomorrow"}, "invalid_time", "send_at"),
        ({"send_at": "2026-12-01T08:00:00"}, "invalid_time", "send_at"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at_in_past", "send_at"),
        ({"send_at": "2028-01-01T00:00:00Z"}, "send_at_too_far", "send_at"),
        ({"send_at": MOVED, "validity_s": 0}, "invalid_validity", "validity_s"),
        ({"send_at": MOVED, "validity_s": 10**6}, "invalid_validity", "validity_s"),
        ({"send_at": MOVED, "body": "other"}, "unknown_field", "body"),
        ({"send_at": MOVED, "idempotency_key": ""}, "idempotency_key_invalid", "idempotency_key"),
    ],
)
async def test_a_move_that_will_not_do_is_refused_by_field(client, document, code, param):
    sms_id = (await scheduled(client))["sms_id"]
    response = await patch(client, sms_id, document)
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)


async def test_moving_and_stopping_need_the_right_to_write(house):
    client = house.client(scopes=frozenset({"messages:read"}))
    assert (await patch(client, show(MESSAGE, 5), {"send_at": MOVED})).status == 403
    assert (await client.post(f"/v1/batches/{show(BATCH, 5)}/cancel")).status == 403


# ------------------------------------------------------------------------------------------------ batches


async def batch_of(client, count, **fields):
    request = {"to": [f"+86138{n:08d}" for n in range(count)], "body": "hi"} | fields
    return (await client.post("/v1/sms/batch", request)).json()["batch_id"]


async def test_what_is_left_of_a_batch_is_stopped(client, house):
    batch_id = await batch_of(client, 1200, send_at=LATER)
    others = await scheduled(client)
    first, second, *_ = house.store.messages
    house.store.states |= {first: "sent", second: "delivered"}
    response = await client.post(f"/v1/batches/{batch_id}/cancel")
    assert response.status == 200
    assert response.json()["canceled"] == 1198
    assert response.json()["states"] == {"sent": 1, "delivered": 1, "canceled": 1198}
    assert (await client.post(f"/v1/batches/{batch_id}/cancel")).json()["canceled"] == 0
    assert (await client.get(f"/v1/sms/{others['sms_id']}")).json()["state"] == "scheduled"


async def test_stopping_a_batch_is_replayed_by_its_key(client):
    batch_id, other = await batch_of(client, 3), await batch_of(client, 3)
    path = f"/v1/batches/{batch_id}/cancel"
    first = await client.post(path, {"idempotency_key": "k"})
    again = await client.post(path, {}, headers={"idempotency-key": "k"})
    assert (first.json()["canceled"], again.body) == (3, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    reused = await client.post(f"/v1/batches/{other}/cancel", {"idempotency_key": "k"})
    assert (reused.status, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert (await client.get(f"/v1/batches/{other}")).json()["states"] == {"queued": 3}


async def test_a_stop_that_broke_off_goes_on_under_its_key(client, house):
    batch_id, path = await batch_of(client, 1200), "/v1/batches/{}/cancel"
    write, steps = house.store.write, 0

    async def breaks_off(command):
        nonlocal steps
        steps += isinstance(command, CancelBatch)
        if steps > 1:
            raise Unavailable
        return await write(command)

    house.store.write = breaks_off
    assert (await client.post(path.format(batch_id), {"idempotency_key": "k"})).status == 503
    house.store.write = write
    again = await client.post(path.format(batch_id), {"idempotency_key": "k"})
    assert (again.json()["canceled"], again.json()["states"]) == (1200, {"canceled": 1200})


async def test_batches_that_are_not_yours_are_not_found_alike(client, house):
    foreign = await batch_of(house.client(2), 1)
    for batch_id in (foreign, show(BATCH, 5), "nothing"):
        answers = [
            await client.get(f"/v1/batches/{batch_id}"),
            await client.post(f"/v1/batches/{batch_id}/cancel"),
        ]
        assert [answer.status for answer in answers] == [404, 404]
        assert {answer.json()["detail"] for answer in answers} == {"Your account has no batch with this id."}
    assert set(house.store.states.values()) == {"queued"}
