"""Schedules, cancels, revoked keys, large batches and other people's messages, on a running server."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from posthouse.core.ids import BATCH, read
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.queries import CheckLedger, GetGauges
from tests.e2e.client import clients, soon
from tests.e2e.house import available, handset, kinds, number, record, send, trace, until
from tests.e2e.premises import inside, opened, rows
from tests.e2e.server import wait_until


def test_a_scheduled_message_is_delivered_after_its_time_and_not_before(api):
    to = number()
    send_at = datetime.now(UTC) + timedelta(seconds=1.5)
    accepted = send(api, to, send_at=send_at.isoformat())
    sms_id = accepted["sms_id"]
    assert accepted["state"] == "scheduled"
    until(api, send(api, number())["sms_id"], "delivered")  # others do not wait for it
    if datetime.now(UTC) < send_at:
        assert handset(api, to) == []
    until(api, sms_id, "delivered", within_s=6.0)
    [attempt] = trace(api, sms_id)["attempts"]
    [shown] = handset(api, to)
    assert send_at <= datetime.fromisoformat(attempt["started_at"]) <= send_at + timedelta(seconds=2)
    assert send_at <= datetime.fromisoformat(shown["received_at"])
    assert kinds(trace(api, sms_id)) == ["accepted", "queued", "sending", "sent", "delivered"]


def test_a_canceled_message_is_never_sent_and_its_money_is_back(api):
    before = available(api)
    to = number()
    sms_id = send(api, to, send_at=(datetime.now(UTC) + timedelta(seconds=1)).isoformat())["sms_id"]
    assert Decimal(before) - Decimal(available(api)) == Decimal("0.05")
    canceled = api.post(f"/v1/sms/{sms_id}/cancel")
    assert (canceled.status_code, canceled.json()["state"]) == (200, "canceled")
    assert api.post(f"/v1/sms/{sms_id}/cancel").json()["state"] == "canceled"
    assert available(api) == before
    # A message for a later moment has gone its way: this one's moment is past.
    later = send(api, number(), send_at=(datetime.now(UTC) + timedelta(seconds=1.2)).isoformat())["sms_id"]
    until(api, later, "delivered")
    assert record(api, sms_id)["state"] == "canceled"
    assert handset(api, to) == []


def test_a_delivered_message_cannot_be_canceled(api):
    sms_id = send(api, number())["sms_id"]
    until(api, sms_id, "delivered")
    refused = api.post(f"/v1/sms/{sms_id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_cancelable")
    assert record(api, sms_id)["state"] == "delivered"


def test_a_revoked_key_stops_within_a_second(house):
    issued = inside(house.server.data, lambda house: house.administer.create_key("default"))
    lookup = issued.credential.lookup
    with house.caller(issued.credential.key) as api:
        assert api.get("/v1/account").status_code == 200  # a new key works at once
        inside(house.server.data, lambda house: house.administer.revoke_key(lookup))
        since = time.monotonic()
        wait_until(
            lambda: api.get("/v1/account").status_code == 401, within_s=5, what="the revoked key goes on"
        )
        assert time.monotonic() - since < 1.0
        refused = api.post("/v1/sms/send", json={"to": number(), "body": "too late"})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


def test_messages_of_another_account_are_not_there(house, api):
    async def open_another(house):
        await house.administer.create_account("other", balance=1_000_000, status=AccountStatus.APPROVED)
        return await house.administer.create_key("other")

    sms_id = send(api, number(), send_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())["sms_id"]
    issued = inside(house.server.data, open_another)
    with house.caller(issued.credential.key) as other:
        mine = send(other, number())["sms_id"]
        until(other, mine, "delivered")
        unheard = "sms_0000000000001"
        for path in ("", "/trace"):
            answers = [other.get(f"/v1/sms/{each}{path}") for each in (sms_id, unheard, "nothing")]
            assert [answer.status_code for answer in answers] == [404] * 3
            foreign, unknown, _ = (answer.json() for answer in answers)
            assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
        assert other.post(f"/v1/sms/{sms_id}/cancel").status_code == 404
        assert [shown["sms_id"] for shown in other.get("/v1/sandbox/messages").json()["data"]] == [mine]
    assert record(api, sms_id)["state"] == "scheduled"
    assert api.get(f"/v1/sms/{mine}").status_code == 404


async def test_a_batch_of_three_thousand_becomes_visible_at_once_and_is_delivered_whole(house):
    data = house.server.data
    request = {"to": [f"+86137{each:06d}11" for each in range(3000)], "body": "We open at nine."}
    async with clients(house.server.port, house.key, 2) as (sender, watcher):
        await _batch(data, request, sender, watcher)


async def _batch(data, request, sender, watcher):
    with opened(data) as mine:
        sent = (await watcher.get("/v1/account")).json["total_sent"]
        stored = sum((await mine.store.read(GetGauges(mine.clock.now()))).by_state.values())
        posting = asyncio.create_task(sender.post("/v1/sms/batch", request, "three-thousand"))
        totals, messages = set(), set()
        while not posting.done():
            totals.add((await watcher.get("/v1/account")).json["total_sent"])
            audit = await mine.store.read(CheckLedger())
            assert audit.drifts == ()  # not even while its chunks come in
            messages.add(audit.messages)
    answer = await posting
    assert answer.status == 202
    assert (answer.json["accepted"], answer.json["rejected"]) == (3000, [])
    assert totals <= {sent, sent + 3000}
    assert messages <= {stored, stored + 3000}

    batch = read(BATCH, answer.json["batch_id"])
    by_state = "SELECT state, count(*) FROM messages WHERE batch_id = ? GROUP BY state"
    await soon(
        lambda: rows(data / "posthouse.db", by_state, batch) == [("delivered", 3000)],
        within_s=20,
        what="all 3,000 are delivered",
    )
    ids = "SELECT first_id, last_id FROM batches WHERE id = ?"
    [(first, last)] = rows(data / "posthouse.db", ids, batch)
    arrived = "SELECT count(*), count(DISTINCT recipient) FROM handset WHERE message_id BETWEEN ? AND ?"
    assert rows(data / "sandbox.db", arrived, first, last) == [(3000, 3000)]

    again = await sender.post("/v1/sms/batch", request, "three-thousand")
    assert (again.status, again.body, again.replayed) == (202, answer.body, True)
    assert (await watcher.get("/v1/account")).json["total_sent"] == sent + 3000
