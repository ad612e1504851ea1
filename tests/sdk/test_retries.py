"""When a call is tried again: against a real server that fails as told."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from posthouse_sdk import (
    APIError,
    AsyncClient,
    Client,
    Conflict,
    ConnectionFailed,
    RateLimited,
    ServerError,
    TimedOut,
)
from tests.e2e.server import free_port
from tests.sdk.loopback import Answer, loopback

RECORD = {"sms_id": "sms_1", "state": "queued"}
FINE = Answer(202, RECORD)
GONE = Answer(None)


def problem(status: int, code: str, *, retryable: bool = True, **headers: str) -> Answer:
    body = {"title": "No", "code": code, "status": status, "retryable": retryable}
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, {"Content-Type": "application/problem+json"} | shown)


def client_of(server, **options) -> Client:
    return Client("key", server.base_url, **options)


def send(client: Client, **more):
    return client.sms.send(to="+8613800138000", body="Hello", **more)


@pytest.mark.parametrize(
    "failure",
    [
        GONE,
        problem(408, "timeout"),
        problem(429, "rate_limited"),
        problem(500, "internal"),
        problem(503, "overloaded"),
        problem(409, "in_flight"),
        Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
    ],
    ids=["lost", "408", "429", "500", "503", "409", "502"],
)
def test_a_send_is_tried_again_under_the_same_key(failure):
    with loopback(failure, FINE) as server, client_of(server) as client:
        assert dict(send(client)) == RECORD
    keys = {asked.headers["idempotency-key"] for asked in server.asked}
    assert len(server.asked) == 2
    assert len(keys) == 1
    assert UUID(keys.pop()).version == 4
    assert len({asked.content for asked in server.asked}) == 1


async def test_so_does_the_client_for_event_loops():
    with loopback(GONE, problem(503, "overloaded"), FINE) as server:
        async with AsyncClient("key", server.base_url) as client:
            assert dict(await client.sms.send(to="+8613800138000", body="Hello")) == RECORD
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert len(server.asked) == 3


def test_two_sends_have_two_keys():
    with loopback(FINE) as server, client_of(server) as client:
        send(client)
        send(client)
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 2


def test_a_key_of_one_s_own_is_kept_over_the_tries():
    with loopback(GONE, FINE) as server, client_of(server) as client:
        send(client, idempotency_key="order-4711")
    assert [asked.headers["idempotency-key"] for asked in server.asked] == ["order-4711"] * 2


@pytest.mark.parametrize("key", ["订单-4711", " 4711", "a\nb"])
def test_a_key_that_no_header_can_hold_goes_in_the_body(key):
    with loopback(FINE) as server, client_of(server) as client:
        send(client, idempotency_key=key)
    [asked] = server.asked
    assert "idempotency-key" not in asked.headers
    assert asked.body["idempotency_key"] == key


def test_after_two_retries_it_is_over():
    with (
        loopback(problem(503, "overloaded")) as server,
        client_of(server) as client,
        pytest.raises(ServerError) as refused,
    ):
        send(client)
    assert refused.value.code == "overloaded"
    assert len(server.asked) == 3


def test_without_retries_there_is_one_try():
    with (
        loopback(GONE) as server,
        client_of(server, retries=0) as client,
        pytest.raises(ConnectionFailed),
    ):
        send(client)
    assert len(server.asked) == 1


def test_what_may_not_be_repeated_is_tried_once():
    with loopback(GONE) as server, client_of(server) as client:
        with pytest.raises(ConnectionFailed) as failed:
            client.accounts.update("shop", status="approved")
        with pytest.raises(ConnectionFailed):
            client.templates.update("1", name="x")
    assert len(server.asked) == 2
    assert "idempotency" not in str(failed.value)
    assert "not known" in str(failed.value)


def test_what_reads_replaces_or_deletes_may_be_repeated():
    with (
        loopback(GONE, Answer(), GONE, Answer(), GONE, Answer(), GONE, Answer()) as server,
        client_of(server) as client,
    ):
        client.sms.status("sms_1")
        client.prices.set({"*": "0.05"})
        client.suppressions.delete("sup_1")
        client.sms.estimate(to="+8613800138000", body="Hello")
    assert [asked.method for asked in server.asked] == [
        *["GET"] * 2,
        *["PUT"] * 2,
        *["DELETE"] * 2,
        *["POST"] * 2,
    ]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (problem(409, "already_exists", retryable=False), Conflict),
        (problem(429, "otp_cooldown", Retry_After="0"), RateLimited),
        (problem(429, "recipient_limited", Retry_After="0"), RateLimited),
        (problem(429, "checks_paused", Retry_After="0"), RateLimited),
        (problem(429, "guard_limited", Retry_After="0"), RateLimited),
        (problem(403, "guard_blocked"), APIError),
        (problem(400, "invalid_number", retryable=False), APIError),
    ],
    ids=lambda value: getattr(value, "body", {}).get("code") if isinstance(value, Answer) else "",
)
def test_a_refusal_that_will_stand_is_told_at_once(refusal, error):
    with loopback(refusal) as server, client_of(server) as client, pytest.raises(error):
        client.sms.otp(to="+8613800138000")
    assert len(server.asked) == 1


def test_the_pause_is_as_long_as_the_server_asks_in_seconds():
    with loopback(problem(429, "rate_limited", Retry_After="1"), FINE) as server, client_of(server) as client:
        since = time.monotonic()
        send(client)
        assert 1.0 <= time.monotonic() - since < 4


def test_the_pause_is_as_long_as_the_server_asks_by_date():
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    with (
        loopback(problem(503, "overloaded", Retry_After=format_datetime(at, usegmt=True)), FINE) as server,
        client_of(server) as client,
    ):
        send(client)
        assert datetime.now(UTC) >= at


def test_a_pause_that_does_not_fit_into_the_budget_is_not_begun():
    with loopback(problem(429, "rate_limited", Retry_After="3600")) as server, client_of(server) as client:
        since = time.monotonic()
        with pytest.raises(RateLimited) as limited:
            send(client)
        assert time.monotonic() - since < 5
    assert limited.value.retry_after_s == 3600
    assert len(server.asked) == 1


def test_a_hanging_server_costs_no_more_than_the_budget():
    with loopback(Answer(hangs=True)) as server:
        with client_of(server, timeout_s=0.4, budget_s=0.7) as client:
            since = time.monotonic()
            with pytest.raises(TimedOut) as timed_out:
                send(client, idempotency_key="order-4711")
            assert time.monotonic() - since < 3
        assert len(server.asked) == 2
    assert timed_out.value.idempotency_key == "order-4711"
    assert "idempotency_key='order-4711' is safe" in str(timed_out.value)


def test_where_nobody_listens_the_error_says_what_to_do():
    base_url = f"http://127.0.0.1:{free_port()}"
    with Client("ph_live_secret", base_url) as client, pytest.raises(ConnectionFailed) as failed:
        send(client, idempotency_key="order-4711")
    told = str(failed.value)
    assert not isinstance(failed.value, TimedOut)
    assert base_url in told
    assert "Fix:" in told
    assert "ph_live_secret" not in told
    assert "Hello" not in told


def test_a_client_keeps_its_connection():
    with loopback(FINE) as server, client_of(server) as client:
        for _ in range(5):
            send(client)
    assert len({asked.port for asked in server.asked}) == 1
