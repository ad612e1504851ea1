"""Who may call what, and what a call that leads nowhere is told."""

import pytest

from posthouse.core import keys
from posthouse.core.message import Mode
from posthouse.web.services import HandsetMessage
from tests.web.house import NOW, TO, build

CALLS = [
    ("POST", "/v1/sms/send", "messages:write"),
    ("POST", "/v1/sms/batch", "messages:write"),
    ("GET", "/v1/sms/sms_0000000000001", "messages:read"),
    ("POST", "/v1/sms/sms_0000000000001/cancel", "messages:write"),
    ("GET", "/v1/sms/sms_0000000000001/trace", "messages:read"),
    ("GET", "/v1/account", "account:read"),
    ("GET", "/v1/sandbox/messages", "sandbox:read"),
]


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
@pytest.mark.parametrize("given", ["", "Basic eDp5", "Bearer", "Bearer ", "Bearer nonsense", "Bearer ключ"])
async def test_without_a_key_nothing_is_answered(client, method, path, scope, given):
    response = await client.call(method, path, headers={"authorization": given})
    assert (response.status, response.json()["code"]) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_wrong_and_revoked_keys_look_alike(house, client):
    stranger = keys.issue(Mode.LIVE).key
    revoked = house.key(revoked=True)
    for key in (stranger, revoked, client.key[:-1] + ("y" if client.key.endswith("x") else "x")):
        response = await client.get("/v1/account", headers={"authorization": f"Bearer {key}"})
        assert (response.status, response.json()["code"]) == (401, "unauthenticated")


async def test_the_scheme_may_be_written_in_any_case(client):
    response = await client.get("/v1/account", headers={"authorization": f"bearer {client.key}"})
    assert response.status == 200


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
async def test_a_key_without_the_scope_is_told_which_it_needs(house, method, path, scope):
    client = house.client(scopes=keys.SCOPES - {scope})
    response = await client.call(method, path, body=b"{")
    assert (response.status, response.json()["code"]) == (403, "forbidden")
    assert scope in response.json()["detail"]


async def test_an_unverified_account_cannot_send(house):
    response = await house.client(3).post("/v1/sms/send", {"to": TO, "body": "hi"})
    assert (response.status, response.json()["code"]) == (403, "account_not_verified")


async def test_a_key_that_calls_too_often_must_wait(house):
    client = house.client(rate_limit=2)
    statuses = [(await client.get("/v1/account")).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = await client.get("/v1/account")
    assert refused.headers["retry-after"] == "1"
    assert (await house.client().get("/v1/account")).status == 200
    house.clock.at += 1_000_000
    assert (await client.get("/v1/account")).status == 200


async def test_the_account_shows_money_and_rights(client):
    account = (await client.get("/v1/account")).json()
    assert account == {
        "account": "default",
        "status": "approved",
        "balance": {"available": "100.00", "held": "0.00", "spent": "0.00", "currency": "CNY"},
        "total_sent": 0,
        "today_sent": 0,
        "quiet_hours": None,
        "recipient_limits": {},
        "mode": "live",
        "role": "account",
        "scopes": sorted(keys.ACCOUNT_SCOPES),
    }


@pytest.mark.parametrize("to", ["%2B15555550123", "+15555550123", "＋15555550123"])
async def test_the_sandbox_shows_what_handsets_got(house, client, to):
    house.handsets.shown.append(HandsetMessage(5, TO, None, "[T] code=1", NOW))
    response = await client.get(f"/v1/sandbox/messages?to={to}&limit=3")
    assert house.handsets.asked == [(1, TO, 3)]
    assert response.json()["data"] == [
        {
            "sms_id": "sms_0000000000005",
            "to": TO,
            "from": None,
            "text": "[T] code=1",
            "received_at": "2026-11-28T08:00:00.000000Z",
        }
    ]


async def test_the_sandbox_shows_all_handsets_when_none_is_named(house, client):
    assert (await client.get("/v1/sandbox/messages")).json() == {"data": []}
    assert house.handsets.asked == [(1, None, 20)]


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/letters", "/v1/sms/send/", "/v2/sms/send", "/v1/sms/a/b", "/%00"]
)
async def test_a_path_that_leads_nowhere_is_a_404_problem(client, path):
    response = await client.get(path, headers={"authorization": ""}, language="zh")
    assert (response.status, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "未找到"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/sms/send", "POST"),
        ("GET", "/v1/sms/batch", "GET, HEAD"),
        ("DELETE", "/v1/sms/sms_0000000000001", "GET, HEAD, PATCH"),
        ("POST", "/v1/account", "GET, HEAD"),
        ("GET", "/v1/sms/sms_0000000000001/cancel", "POST"),
        ("POST", "/livez", "GET, HEAD"),
        ("BREW", "/openapi.json", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(client, method, path, allow):
    response = await client.call(method, path)
    if path == "/v1/sms/batch":
        allow = "POST"
    assert (response.status, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == allow


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_a_path_of_its_own_is_not_taken_for_an_id(client, method):
    response = await client.call(method, "/v1/sms/estimate")
    assert (response.status, response.headers["allow"]) == (405, "POST")


async def test_head_is_get_without_the_body(client):
    full = await client.get("/v1/account")
    head = await client.call("HEAD", "/v1/account")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == full.headers["content-length"]


async def test_every_answer_forbids_sniffing_and_storing(client):
    for path in ("/v1/account", "/nowhere", "/livez"):
        response = await client.get(path)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"


async def test_request_ids_are_ordered_in_time(client):
    ids = [(await client.get("/livez")).headers["x-request-id"] for _ in range(5)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5


async def test_a_full_house_turns_requests_away_but_still_shows_its_health():
    house = await build(in_flight_max=0)
    response = await house.client().get("/v1/account")
    assert (response.status, response.json()["code"]) == (503, "overloaded")
    assert response.headers["retry-after"] == "1"
    assert (await house.client().get("/livez")).status == 200
