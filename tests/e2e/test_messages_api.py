"""Lists, estimates, schedules and batches on a running server."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from posthouse.core.ports.admin import AccountStatus
from tests.e2e.house import available, handset, kinds, number, send, trace, until
from tests.e2e.premises import inside
from tests.e2e.server import wait_until

TOMORROW = timedelta(days=1)


def in_(time: timedelta) -> str:
    return (datetime.now(UTC) + time).isoformat()


@pytest.fixture
def own(house):
    """A caller with an account of its own, so that its lists hold nothing else."""

    async def open_one(house):
        name = f"lists-{number()}"
        await house.administer.create_account(name, balance=1_000_000_000, status=AccountStatus.APPROVED)
        return await house.administer.create_key(name)

    with house.caller(inside(house.server.data, open_one).credential.key) as api:
        yield api


def walk(api, path, **query):
    """Every page of a list, to its end."""
    pages = []
    while True:
        reply = api.get(path, params=query)
        assert reply.status_code == 200, reply.text
        pages.append(reply.json()["data"])
        query["cursor"] = reply.json()["next_cursor"]
        if query["cursor"] is None:
            return pages
        assert len(pages) < 1000


def ids(pages):
    return [record["sms_id"] for page in pages for record in page]


def test_a_walk_by_cursor_finds_every_message_once_while_others_arrive(own):
    sent = [send(own, number())["sms_id"] for _ in range(7)]
    first = own.get("/v1/sms", params={"limit": 3}).json()
    send(own, number())  # newer than the walk: it does not shift the pages
    rest = walk(own, "/v1/sms", limit=3, cursor=first["next_cursor"])
    assert [record["sms_id"] for record in first["data"]] + ids(rest) == sent[::-1]
    assert len(rest[-1]) == 1


def test_each_filter_finds_its_messages(own):
    to = number()
    labelled = send(own, to, reference="order-4711")
    urgent = send(own, number("0009"), purpose="otp")
    later = send(own, number(), send_at=in_(TOMORROW))
    batch = own.post("/v1/sms/batch", json={"to": [number(), number()], "body": "Hi"}).json()
    until(own, labelled["sms_id"], "delivered")
    until(own, urgent["sms_id"], "undelivered")
    found = {
        "reference": walk(own, "/v1/sms", reference="order-4711"),
        "to": walk(own, "/v1/sms", to=to),
        "until": walk(own, "/v1/sms", until=urgent["created_at"]),
        "purpose": walk(own, "/v1/sms", purpose="otp"),
        "undelivered": walk(own, "/v1/sms", state="undelivered,failed"),
        "scheduled": walk(own, "/v1/sms", state="scheduled"),
        "batch": walk(own, "/v1/sms", batch_id=batch["batch_id"]),
    }
    for each in ("reference", "to", "until"):
        assert ids(found[each]) == [labelled["sms_id"]], each
    for each in ("purpose", "undelivered"):
        assert ids(found[each]) == [urgent["sms_id"]], each
    assert ids(found["scheduled"]) == [later["sms_id"]]
    assert {record["batch_id"] for page in found["batch"] for record in page} == {batch["batch_id"]}
    assert len(ids(found["batch"])) == 2
    assert len(ids(walk(own, "/v1/sms", since=labelled["created_at"], limit=2))) == 5


def test_an_estimate_is_what_the_message_then_is(own):
    request = {"to": number(), "body": "We\u2019re open from nine. " * 4}
    before = available(own)
    reply = own.post("/v1/sms/estimate", json=request)
    assert reply.status_code == 200, reply.text
    estimate = reply.json()
    assert available(own) == before
    assert walk(own, "/v1/sms") == [[]]
    sent = send(own, **request)
    for name in ("to", "segments", "encoding", "price", "simulated"):
        assert estimate[name] == sent[name]
    done = until(own, sent["sms_id"], "delivered")
    assert (done["vendor"], estimate["affordable"]) == (estimate["vendor"], True)
    [started] = [event for event in trace(own, sent["sms_id"])["events"] if event["kind"] == "sending"]
    assert [{"channel": each["channel"], "why": each["why"]} for each in estimate["candidates"]] == started[
        "data"
    ]["considered"]
    abroad = own.post("/v1/sms/estimate", json=request | {"to": "+14155552671"}).json()
    assert [each["codepoint"] for each in abroad["culprits"]] == ["U+2019"]
    assert (abroad["segments"], abroad["segments_if_replaced"]) == (2, 1)


def test_a_rescheduled_message_goes_at_its_new_time_and_tells_of_it(own):
    to = number()
    sms_id = send(own, to, send_at=in_(TOMORROW))["sms_id"]
    assert ids(walk(own, "/v1/sms", state="scheduled")) == [sms_id]
    soon = in_(timedelta(seconds=1))
    moved = own.patch(f"/v1/sms/{sms_id}", json={"send_at": soon, "idempotency_key": "move"})
    assert moved.status_code == 200, moved.text
    lived = datetime.fromisoformat(moved.json()["expires_at"]) - datetime.fromisoformat(
        moved.json()["send_at"]
    )
    assert lived == TOMORROW  # as long as before
    until(own, sms_id, "delivered")
    assert kinds(trace(own, sms_id))[:3] == ["accepted", "rescheduled", "queued"]
    [shown] = handset(own, to)
    assert datetime.fromisoformat(shown["received_at"]) >= datetime.fromisoformat(soon)
    again = own.patch(f"/v1/sms/{sms_id}", json={"send_at": soon, "idempotency_key": "move"})
    assert (again.status_code, again.text) == (200, moved.text)
    assert again.headers["idempotent-replayed"] == "true"
    refused = own.patch(f"/v1/sms/{sms_id}", json={"send_at": in_(TOMORROW)})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_reschedulable")


def test_the_rest_of_a_long_batch_is_accepted_paid_for_and_counted_without_the_bad(own):
    recipients = [number() for _ in range(700)]
    recipients[3] = recipients[650] = "12"
    before = available(own)
    request = {"to": recipients, "body": "Hi", "on_error": "accept_rest", "send_at": in_(TOMORROW)}
    reply = own.post("/v1/sms/batch", json=request)
    assert reply.status_code == 202, reply.text
    rejected = [(each["index"], each["code"]) for each in reply.json()["rejected"]]
    assert rejected == [(3, "invalid_number"), (650, "invalid_number")]
    batch = own.get(f"/v1/batches/{reply.json()['batch_id']}").json()
    assert (batch["count"], batch["states"]) == (698, {"scheduled": 698})
    assert Decimal(before) - Decimal(available(own)) == Decimal("34.90")
    assert len(ids(walk(own, "/v1/sms", batch_id=batch["batch_id"], limit=100))) == 698
    refused = own.post("/v1/sms/batch", json=request | {"on_error": "reject_all"})
    assert (refused.status_code, refused.json()["code"]) == (400, "batch_refused")
    assert len(own.get("/v1/batches").json()["data"]) == 1


def test_a_batch_is_watched_and_what_is_left_of_it_stopped(own, api):
    recipients = [number() for _ in range(1100)]
    before = available(own)
    request = {"to": recipients, "body": "Hi", "send_at": in_(TOMORROW), "reference": "spring"}
    batch_id = own.post("/v1/sms/batch", json=request).json()["batch_id"]
    early = walk(own, "/v1/sms", batch_id=batch_id)[0][0]["sms_id"]
    soon = own.patch(f"/v1/sms/{early}", json={"send_at": in_(timedelta(seconds=0.5))})
    assert soon.status_code == 200, soon.text
    until(own, early, "delivered")
    batch = own.get(f"/v1/batches/{batch_id}").json()
    assert batch["states"] == {"delivered": 1, "scheduled": 1099}
    assert (batch["count"], batch["price"]["amount"], batch["done"]) == (1100, "55.00", False)
    assert api.get(f"/v1/batches/{batch_id}").status_code == 404
    assert api.post(f"/v1/batches/{batch_id}/cancel").status_code == 404

    stopped = own.post(f"/v1/batches/{batch_id}/cancel", headers={"Idempotency-Key": "stop"})
    assert stopped.status_code == 200, stopped.text
    assert stopped.json()["canceled"] == 1099
    assert (stopped.json()["states"], stopped.json()["done"]) == ({"delivered": 1, "canceled": 1099}, True)
    again = own.post(f"/v1/batches/{batch_id}/cancel", headers={"Idempotency-Key": "stop"})
    assert (again.text, again.headers["idempotent-replayed"]) == (stopped.text, "true")
    assert own.post(f"/v1/batches/{batch_id}/cancel").json()["canceled"] == 0
    assert Decimal(before) - Decimal(available(own)) == Decimal("0.05")
    assert [each["batch_id"] for each in own.get("/v1/batches?reference=spring").json()["data"]] == [batch_id]
    wait_until(
        lambda: own.get("/v1/account").json()["balance"]["held"] == "0.00", within_s=5, what="money is held"
    )
    assert ids(walk(own, "/v1/sms", state="scheduled", limit=500)) == []
