"""`/v1/guard/blocks`, `/v1/guard/safe`, and the platform's `/v1/guard/prefixes`."""

import json

import pytest

from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.ports.guard import PREFIXES_MAX
from tests.web.client import Client
from tests.web.office import Office

LISTS = ["/v1/guard/blocks", "/v1/guard/safe"]
PREFIXES = "/v1/guard/prefixes"
ONE_AN_HOUR = b'{"simulator": "enforce", "rules": {"velocity_address": {"per_hour": 1}}}'


@pytest.fixture
async def client(office: Office):
    return await office.issue("acme")


async def listed(client, path, query=""):
    return (await client.get(f"{path}{query}")).json()["data"]


async def load(office, prefixes):
    body = json.dumps({"prefixes": prefixes}).encode()
    return await office.operator.call("PUT", PREFIXES, body=body)


@pytest.mark.parametrize("path", LISTS)
async def test_an_entry_is_made_listed_and_taken_off(client, path):
    made = await client.post(path, {"prefix": "+237 67", "ttl_s": 3600})
    assert made.status == 201
    entry = made.json()
    assert entry["id"].startswith("grd_")
    assert entry == {
        "id": entry["id"],
        "prefix": "+23767",
        "address": None,
        "rule": None,
        "platform": False,
        "mode": None,
        "created_at": "2026-11-28T08:00:00.000000Z",
        "expires_at": "2026-11-28T09:00:00.000000Z",
    }
    address = (await client.post(path, {"address": "2001:db8:1:2::5"})).json()
    assert (address["address"], address["prefix"], address["expires_at"]) == ("2001:db8:1:2::/64", None, None)
    assert await listed(client, path) == [address, entry]
    [other] = [each for each in LISTS if each != path]
    assert await listed(client, other) == []
    gone = await client.call("DELETE", f"{path}/{entry['id']}")
    assert (gone.status, gone.json()) == (200, entry)
    assert await listed(client, path) == [address]


async def test_pages_follow_one_another(client):
    made = [(await client.post(LISTS[0], {"prefix": f"+861{n}"})).json()["id"] for n in range(3, 8)]
    first = (await client.get(f"{LISTS[0]}?limit=3")).json()
    second = (await client.get(f"{LISTS[0]}?limit=3&cursor={first['next_cursor']}")).json()
    assert [each["id"] for each in (*first["data"], *second["data"])] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("path", LISTS)
async def test_the_same_key_makes_an_entry_once(client, path):
    document = {"prefix": "+237", "idempotency_key": "k"}
    first, again = await client.post(path, document), await client.post(path, document)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(path, document | {"prefix": "+238"})
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await listed(client, path)) == 1


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({}, "missing_field", "prefix"),
        ({"prefix": "23767"}, "invalid_value", "prefix"),
        ({"prefix": ""}, "invalid_value", "prefix"),
        ({"address": "localhost"}, "invalid_value", "address"),
        ({"prefix": "+1", "address": "203.0.113.7"}, "invalid_value", "address"),
        ({"prefix": "+1", "ttl_s": 59}, "invalid_value", "ttl_s"),
        ({"prefix": "+1", "mode": "test"}, "unknown_field", "mode"),
        ({"prefix": 237}, "wrong_type", "prefix"),
    ],
)
async def test_what_is_no_entry_is_refused_by_its_field(client, document, code, param):
    refused = await client.post(LISTS[0], document)
    told = refused.json()
    assert (refused.status, told["code"], told["param"]) == (400, code, param)
    assert await listed(client, LISTS[0]) == []


@pytest.mark.parametrize("path", LISTS)
async def test_malformed_unknown_and_foreign_entries_are_404_alike(office, client, path):
    other = await office.issue("other")
    foreign = (await other.post(path, {"prefix": "+237"})).json()["id"]
    await load(office, ["+8835"])
    [loaded] = await listed(client, LISTS[0])
    assert loaded["platform"]
    told = set()
    for entry_id in (foreign, loaded["id"], "grd_0000000000000", "grd_", "nonsense", "sms_0000000000000"):
        refused = await client.call("DELETE", f"{path}/{entry_id}")
        assert (refused.status, refused.json()["code"]) == (404, "not_found")
        told.add(json.dumps({**refused.json(), "request_id": ""}))
    assert len(told) == 1
    assert foreign in {each["id"] for each in await listed(other, path)}


@pytest.mark.parametrize("path", LISTS)
async def test_a_test_key_puts_on_and_takes_off_only_what_holds_for_its_own_codes(office, client, path):
    test = await office.issue("acme", Mode.TEST)
    live = (await client.post(path, {"prefix": "+237"})).json()
    own = (await test.post(path, {"prefix": "+237"})).json()
    assert (live["mode"], own["mode"]) == (None, "test")
    assert await listed(client, path) == [own, live]  # neither takes the other's place
    for entry_id in (live["id"], "grd_0000000000000", "grd_7zzzzzzzzzzzz"):
        refused = await test.call("DELETE", f"{path}/{entry_id}")
        assert (refused.status, refused.json()["code"]) == (404, "not_found")
    assert await listed(client, path) == [own, live]
    gone = await test.call("DELETE", f"{path}/{own['id']}")
    assert (gone.status, gone.json()) == (200, own)
    assert (await test.call("DELETE", f"{path}/{own['id']}")).status == 404
    again = (await test.post(path, {"prefix": "+237"})).json()
    assert (await client.call("DELETE", f"{path}/{again['id']}")).status == 200
    assert await listed(client, path) == [live]


async def test_a_test_key_takes_no_live_rules_block_off(office, client):
    test = await office.issue("acme", Mode.TEST)
    await client.call("PATCH", "/v1/guard", body=ONE_AN_HOUR)
    asked = {"ip": "203.0.113.7"}
    assert (await client.post("/v1/sms/otp", asked | {"to": "+8613800138000"})).status == 200
    assert (await client.post("/v1/sms/otp", asked | {"to": "+8613800138001"})).status == 403
    [block] = await listed(client, LISTS[0])
    assert (block["mode"], block["address"]) == ("live", "203.0.113.7")
    assert (await test.call("DELETE", f"{LISTS[0]}/{block['id']}")).status == 404
    assert await listed(client, LISTS[0]) == [block]
    assert (await client.call("DELETE", f"{LISTS[0]}/{block['id']}")).status == 200


async def test_what_a_test_key_blocks_or_holds_safe_is_so_for_its_own_codes_alone(office, client):
    test = await office.issue("acme", Mode.TEST)
    await client.call("PATCH", "/v1/guard", body=ONE_AN_HOUR)
    assert (await test.post("/v1/guard/blocks", {"prefix": "+861380013"})).status == 201
    assert (await test.post("/v1/guard/safe", {"address": "203.0.113.7"})).status == 201
    told: dict[Client, list[int]] = {}
    for key in (client, test):
        for to in ("+8613800138000", "+8615000150000", "+8615000150001"):
            response = await key.post("/v1/sms/otp", {"to": to, "ip": "203.0.113.7"})
            told.setdefault(key, []).append(response.status)
    assert told == {client: [200, 403, 403], test: [403, 200, 200]}


# --------------------------------------------------------------------------------------------- the platform's


async def test_the_platforms_list_is_set_read_and_replaced_as_a_whole(office, client):
    assert (await office.operator.get(PREFIXES)).json() == {"count": 0, "prefixes": []}
    for given, kept in ((["+8835", "+237 67", "+8835"], ["+23767", "+8835"]), (["+1"], ["+1"]), ([], [])):
        response = await load(office, given)
        assert (response.status, response.json()) == (200, {"count": len(kept)})
        shown = (await office.operator.get(PREFIXES)).json()
        assert shown == {"count": len(kept), "prefixes": kept}
        blocks = await listed(client, LISTS[0])
        assert sorted(each["prefix"] for each in blocks) == kept
        assert all(each["platform"] for each in blocks)


async def test_a_faulty_prefix_is_told_by_its_place_and_the_list_stays(office):
    await load(office, ["+1"])
    refused = await load(office, ["+237", "237"])
    assert (refused.status, refused.json()["param"]) == (400, "prefixes[1]")
    assert (await office.operator.get(PREFIXES)).json()["prefixes"] == ["+1"]


async def test_one_prefix_more_than_there_may_be_is_refused(office):
    refused = await load(office, [f"+1{number:07}" for number in range(PREFIXES_MAX + 1)])
    assert (refused.status, refused.json()["param"]) == (400, "prefixes")
    assert f"{PREFIXES_MAX:,}" in refused.json()["detail"]


async def test_a_test_key_of_an_operator_may_see_it_but_not_set_it(office):
    await load(office, ["+1"])
    test = await office.issue("acme", Mode.TEST, role=Role.OPERATOR, scopes=Role.OPERATOR.scopes)
    refused = await test.call("PUT", PREFIXES, body=b'{"prefixes": []}')
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")
    assert "live" in refused.json()["detail"]
    assert (await test.get(PREFIXES)).json()["prefixes"] == ["+1"]


@pytest.mark.parametrize(("method", "scope"), [("GET", "accounts:read"), ("PUT", "accounts:write")])
async def test_only_operators_touch_it(office, client, method, scope):
    body = b'{"prefixes": []}' if method == "PUT" else b""
    refused = await client.call(method, PREFIXES, body=body)
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")
    assert "role 'operator'" in refused.json()["detail"]
    assert (await office.operator.call(method, PREFIXES, body=body)).status == 200
