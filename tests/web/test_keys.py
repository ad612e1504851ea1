"""Keys by API: issued, shown once, listed, revoked."""

import pytest

from posthouse.core.keys import OPERATOR_SCOPES, SCOPES, lookup_of
from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.ports.queries import ListKeys
from tests.web.house import TO


async def test_a_key_is_shown_once_and_works_at_once(office):
    client = await office.issue("acme")
    response = await client.post("/v1/keys", {"name": "billing"})
    issued = response.json()
    assert response.status == 201
    assert issued["key"].startswith("ph_live_")
    assert issued["key_id"] == issued["api_key"] == f"sk_{lookup_of(issued['key'])}"
    new = office.client(issued["key"])
    assert (await new.post("/v1/sms/send", {"to": TO, "body": "hi"})).status == 202
    shown = (await new.get(f"/v1/keys/{issued['key_id']}")).json()
    told = {"key_id", "account", "name", "role", "mode", "scopes", "created_at"}
    assert {name: shown[name] for name in told} == {name: issued[name] for name in told}
    assert (shown["name"], shown["rate_limit"], shown["revoked_at"]) == ("billing", 5000, None)
    assert issued["api_secret"] not in str(shown)


async def test_a_key_may_be_asked_for_without_a_word(office):
    client = await office.issue("acme")
    issued = (await client.call("POST", "/v1/keys")).json()
    assert (issued["account"], issued["role"], issued["mode"]) == ("acme", "account", "live")
    assert issued["scopes"] == sorted(Role.ACCOUNT.usual_scopes)


async def test_a_key_gives_on_no_more_than_it_has(office):
    scopes = frozenset({"keys:write", "messages:read"})
    client = await office.issue("acme", scopes=scopes)
    assert (await client.post("/v1/keys", {})).json()["scopes"] == sorted(scopes)
    assert (await client.post("/v1/keys", {"scopes": ["messages:read"]})).status == 201
    refused = await client.post("/v1/keys", {"scopes": ["messages:read", "messages:write"]})
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")
    assert "messages:write" in refused.json()["detail"]


async def test_an_operator_with_few_rights_cannot_give_itself_more(office):
    few = await office.issue("default", role=Role.OPERATOR, scopes=frozenset({"keys:write"}))
    made = (await few.post("/v1/keys", {"role": "operator"})).json()
    assert (made["role"], made["scopes"]) == ("operator", ["keys:write"])
    refused = await few.post("/v1/keys", {"role": "operator", "scopes": ["accounts:write"]})
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": sorted(OPERATOR_SCOPES)}, "scopes"),
        ({"scopes": ["messages:read"] * 50}, "scopes"),
        ({"mode": "both"}, "mode"),
        ({"role": "king"}, "role"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "two\nlines"}, "name"),
    ],
)
async def test_what_is_no_key_is_refused_by_its_field(office, document, param):
    response = await office.operator.post("/v1/keys", document)
    assert (response.status, response.json()["code"]) == (400, "invalid_value")
    assert response.json()["param"] == param


async def test_a_key_without_scopes_is_told_that_it_has_none(office):
    refused = await office.operator.post("/v1/keys", {"scopes": []})
    assert refused.json()["detail"] == "The field 'scopes' must be filled in; it is empty."


async def test_a_test_key_makes_and_ends_only_test_keys(office):
    client = await office.issue("acme", Mode.TEST)
    live = await office.administer.create_key("acme")
    made = (await client.post("/v1/keys", {})).json()
    assert made["key"].startswith("ph_test_")
    for response in (
        await client.post("/v1/keys", {"mode": "live"}),
        await client.call("DELETE", f"/v1/keys/{live.credential.api_key}"),
    ):
        assert (response.status, response.json()["code"]) == (403, "forbidden")
        assert "mode 'live'" in response.json()["detail"]
    assert (await client.call("DELETE", f"/v1/keys/{made['key_id']}")).status == 200


async def test_an_operator_makes_keys_of_every_kind_for_every_account(office):
    document = {"account": "acme", "mode": "test", "scopes": ["messages:read"]}
    made = (await office.operator.post("/v1/keys", document)).json()
    assert (made["account"], made["mode"], made["role"]) == ("acme", "test", "account")
    operator = (await office.operator.post("/v1/keys", {"role": "operator"})).json()
    assert (operator["account"], operator["scopes"]) == ("default", sorted(SCOPES))
    assert (await office.client(operator["key"]).get("/v1/accounts")).status == 200
    nobody = await office.operator.post("/v1/keys", {"account": "nobody"})
    assert (nobody.status, nobody.json()["param"]) == (404, "account")


async def test_one_idempotency_key_issues_one_key_and_repeats_it_whole(office):
    client = await office.issue("acme")
    first = await client.post("/v1/keys", {"name": "ci", "idempotency_key": "k"})
    again = await client.post("/v1/keys", {"name": "ci"}, headers={"idempotency-key": "k"})
    assert first.json() == again.json()
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert "idempotent-replayed" not in first.headers
    assert len((await client.get("/v1/keys")).json()["data"]) == 2
    other = await client.post("/v1/keys", {"name": "another", "idempotency_key": "k"})
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("document", [{}, {"mode": "live"}])
async def test_a_test_key_does_not_get_the_live_key_that_was_made_under_an_idempotency_key(office, document):
    live, test = await office.issue("acme"), await office.issue("acme", Mode.TEST)
    document = document | {"name": "ci", "idempotency_key": "k"}
    made = (await live.post("/v1/keys", document)).json()
    refused = await test.post("/v1/keys", document)
    assert refused.status in (403, 422)
    assert made["api_secret"] not in refused.body.decode()


async def test_a_key_with_fewer_rights_does_not_get_the_key_that_was_made_before(office):
    made = (await (await office.issue("acme")).post("/v1/keys", {"idempotency_key": "k"})).json()
    few = await office.issue("acme", scopes=frozenset({"keys:write"}))
    refused = await few.post("/v1/keys", {"idempotency_key": "k"})
    assert (refused.status, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert made["api_secret"] not in refused.body.decode()


async def test_a_replay_is_refused_to_whom_the_first_request_would_be(office):
    document = {"scopes": ["messages:write"], "idempotency_key": "k"}
    assert (await (await office.issue("acme")).post("/v1/keys", document)).status == 201
    few = await office.issue("acme", scopes=frozenset({"keys:write"}))
    refused = await few.post("/v1/keys", document)
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")


async def test_a_stored_reply_does_not_show_its_secrets(office, tmp_path):
    made = (await office.operator.post("/v1/keys", {"idempotency_key": "k"})).json()
    office.store.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert made["key_id"][3:].encode() in stored
    for secret in (made["key"], made["api_secret"]):
        assert secret.encode() not in stored


async def test_a_revoked_key_stops_at_once_and_stays_revoked(office):
    client = await office.issue("acme")
    made = (await client.post("/v1/keys", {})).json()
    doomed = office.client(made["key"])
    assert (await doomed.get("/v1/account")).status == 200
    office.clock.at += 1_000_000
    revoked = await client.call("DELETE", f"/v1/keys/{made['key_id']}")
    assert revoked.json()["revoked_at"] == "2026-11-28T08:00:01.000000Z"
    assert (await doomed.get("/v1/account")).status == 401
    office.clock.at += 1_000_000
    again = await client.call("DELETE", f"/v1/keys/{made['key_id']}")
    assert (again.status, again.json()) == (200, revoked.json())


async def test_a_key_may_end_itself(office):
    client = await office.issue("acme")
    assert (await client.call("DELETE", f"/v1/keys/{await office.key_id(client)}")).status == 200
    assert (await client.get("/v1/keys")).status == 401


async def test_an_operators_key_is_revoked_by_operators_only(office):
    [key_id] = [f"sk_{key.lookup}" for key in await office.store.read(ListKeys())]
    beside = await office.issue("default")
    refused = await beside.call("DELETE", f"/v1/keys/{key_id}")
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")


async def test_the_last_operators_key_stays(office):
    [key_id] = [f"sk_{key.lookup}" for key in await office.store.read(ListKeys())]
    refused = await office.operator.call("DELETE", f"/v1/keys/{key_id}")
    assert (refused.status, refused.json()["code"]) == (409, "last_operator_key")
    second = office.client((await office.operator.post("/v1/keys", {"role": "operator"})).json()["key"])
    assert (await second.call("DELETE", f"/v1/keys/{key_id}")).status == 200
    assert (await office.operator.get("/v1/account")).status == 401


async def test_keys_are_listed_in_pages_of_one_account(office):
    client = await office.issue("acme")
    await office.issue("other")
    made = [(await client.post("/v1/keys", {"name": f"n{n}"})).json()["key_id"] for n in range(4)]
    listed: list[str] = []
    query = "limit=2"
    while query:
        page = (await client.get(f"/v1/keys?{query}")).json()
        assert len(page["data"]) <= 2
        listed += [row["key_id"] for row in page["data"]]
        query = page["next_cursor"] and f"limit=2&cursor={page['next_cursor']}"
    assert listed[1:] == made
    by_operator = (await office.operator.get("/v1/keys?account=acme")).json()["data"]
    assert [row["key_id"] for row in by_operator] == listed
    assert {row["account"] for row in (await office.operator.get("/v1/keys")).json()["data"]} == {"default"}
