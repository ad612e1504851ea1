"""Alive, ready, measured."""

import pytest

from posthouse.core.ports.store import Unavailable
from tests.web.house import build


async def test_a_process_that_answers_is_alive(client):
    response = await client.get("/livez", headers={"authorization": ""})
    assert (response.status, response.json()) == (200, {"status": "ok"})


async def test_a_house_with_store_and_dispatcher_is_ready(client):
    response = await client.get("/readyz")
    assert (response.status, response.json()) == (200, {"status": "ok"})


async def test_what_is_not_ready_is_named():
    house = await build(dispatching=lambda: False)
    house.store.failure = Unavailable()
    response = await house.client().get("/readyz")
    assert response.status == 503
    assert response.json() == {"status": "not_ready", "not_ready": ["store", "dispatcher"]}


HERE = {"host": "127.0.0.1:8025"}


async def test_a_store_that_can_be_read_and_not_written_is_not_ready():
    house = await build(failing=lambda: True)
    response = await house.client().get("/readyz")
    assert (response.status, response.json()["not_ready"]) == (503, ["store"])


async def test_metrics_are_for_this_machine(client):
    response = await client.get("/metrics", headers=HERE | {"authorization": ""})
    assert (response.status, response.body) == (200, b"posthouse_up 1\n")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert (await client.get("/metrics", client="::1", headers=HERE)).status == 200


@pytest.mark.parametrize(
    ("client_address", "headers"),
    [
        ("203.0.113.9", {}),
        ("", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.9"}),
        ("127.0.0.1", {"x-real-ip": "203.0.113.9"}),
        ("127.0.0.1", {"host": "evil.example"}),
        ("127.0.0.1", {"origin": "https://evil.example"}),
        ("203.0.113.9", {"authorization": "Bearer wrong"}),
        ("203.0.113.9", {"authorization": "Bearer "}),
    ],
)
async def test_metrics_are_for_nobody_else(client, client_address, headers):
    response = await client.get("/metrics", client=client_address, headers=HERE | headers)
    assert (response.status, response.json()["code"]) == (403, "forbidden")


async def test_metrics_are_for_the_bearer_of_the_token():
    house = await build(metrics_token="let-me-see")
    client = house.client()
    asked = {"authorization": "Bearer let-me-see", "x-forwarded-for": "203.0.113.9"}
    assert (await client.get("/metrics", client="203.0.113.9", headers=asked)).status == 200
    wrong = asked | {"authorization": "Bearer let-me-seeé"}
    assert (await client.get("/metrics", client="203.0.113.9", headers=wrong)).status == 403
