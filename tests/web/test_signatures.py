"""Signatures by API: registered, reviewed by vendors, forgotten."""

import json

import pytest

from posthouse.core.ports.templates import GetOwn


@pytest.fixture
async def acme(office):
    return await office.issue("acme")


@pytest.fixture
async def other(office):
    return await office.issue("other")


async def approve(client, vendor, document, signature_id="post"):
    path = f"/v1/signatures/{signature_id}/approvals/{vendor}"
    return await client.call("PUT", path, body=json.dumps(document).encode())


def said(response):
    problem = response.json()
    return response.status, problem["code"], problem["param"]


async def test_a_signature_is_registered_under_an_id_of_ours_or_ones_own(acme):
    ours = await acme.post("/v1/signatures", {"name": "驿站"})
    assert ours.status == 201
    assert ours.json()["signature_id"].startswith("sgn_")
    assert (ours.json()["name"], ours.json()["approvals"]) == ("驿站", [])
    chosen = await acme.post("/v1/signatures", {"name": "驿站快递", "id": "post"})
    assert (await acme.get("/v1/signatures/post")).json() == chosen.json() | {"history": []}
    listed = (await acme.get("/v1/signatures")).json()["data"]
    assert listed == [ours.json(), chosen.json()]


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({}, "missing_field", "name"),
        *[
            ({"name": name}, "invalid_signature", "name")
            for name in ("", " ", "x" * 21, "【驿站】", "a】b", "a\nb", "a\u200bb", "\u3164")
        ],
        ({"name": 5}, "wrong_type", "name"),
        ({"name": "驿站", "id": "a/b"}, "invalid_value", "id"),
        ({"name": "驿站", "id": ""}, "invalid_value", "id"),
        ({"name": "驿站", "id": ".."}, "invalid_value", "id"),
    ],
)
async def test_what_is_no_signature_is_refused_by_its_field(acme, document, code, param):
    assert said(await acme.post("/v1/signatures", document)) == (400, code, param)


async def test_names_and_ids_are_taken_once_in_each_account(acme, other):
    document = {"name": "驿站", "id": "post"}
    assert (await acme.post("/v1/signatures", document)).status == 201
    assert said(await acme.post("/v1/signatures", {"name": "驿站"}))[:2] == (409, "already_exists")
    assert said(await acme.post("/v1/signatures", {"name": "x", "id": "post"}))[1] == "already_exists"
    assert (await other.post("/v1/signatures", document)).status == 201


async def test_one_idempotency_key_registers_one_signature(acme):
    first = await acme.post("/v1/signatures", {"name": "驿站", "idempotency_key": "k"})
    again = await acme.post("/v1/signatures", {"name": "驿站"}, headers={"idempotency-key": "k"})
    assert first.json() == again.json()
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    changed = await acme.post("/v1/signatures", {"name": "x", "idempotency_key": "k"})
    assert said(changed)[:2] == (422, "idempotency_key_reused")


async def test_signatures_are_listed_in_pages(acme):
    for number in range(5):
        await acme.post("/v1/signatures", {"name": f"n{number}"})
    listed = []
    query = "limit=2"
    while query:
        page = (await acme.get(f"/v1/signatures?{query}")).json()
        listed += [row["name"] for row in page["data"]]
        query = page["next_cursor"] and f"limit=2&cursor={page['next_cursor']}"
    assert listed == [f"n{number}" for number in range(5)]


async def test_a_review_goes_through_its_states_with_its_history(office, acme):
    await acme.post("/v1/signatures", {"name": "驿站", "id": "post"})
    account = await office.administer.account("acme")
    steps = [("pending", None), ("rejected", "资质不符"), ("approved", None)]
    for state, reason in steps:
        office.clock.at += 1_000_000
        document = {"state": state, "reason": reason, "vendor_signature_id": "S1"}
        assert (await approve(acme, "tencent", document)).json()["state"] == state
        own = await office.store.read(GetOwn(account.id))
        assert ("tencent" in own.approved_signatures.get("驿站", frozenset())) is (state == "approved")
    shown = (await acme.get("/v1/signatures/post")).json()
    assert [(step["state"], step["reason"]) for step in shown["history"]] == steps[::-1]
    [approval] = shown["approvals"]
    assert (approval["vendor"], approval["vendor_signature_id"]) == ("tencent", "S1")
    office.clock.at += 1_000_000
    again = await approve(acme, "tencent", {"state": "approved", "vendor_signature_id": "S1"})
    assert again.json() == approval
    assert len((await acme.get("/v1/signatures/post")).json()["history"]) == 3


@pytest.mark.parametrize(
    ("vendor", "document", "code", "param"),
    [
        ("nobody", {"state": "approved"}, "unknown_vendor", "vendor"),
        ("aliyun", {}, "missing_field", "state"),
        ("aliyun", {"state": "fine"}, "invalid_value", "state"),
        ("aliyun", {"state": "rejected", "reason": "a\x00"}, "invalid_text", "reason"),
        ("aliyun", {"state": "approved", "vendor_signature_id": ""}, "invalid_value", "vendor_signature_id"),
    ],
)
async def test_what_is_no_approval_is_refused_by_its_field(acme, vendor, document, code, param):
    await acme.post("/v1/signatures", {"name": "驿站", "id": "post"})
    assert said(await approve(acme, vendor, document)) == (400, code, param)


async def test_an_approval_can_be_forgotten(acme):
    await acme.post("/v1/signatures", {"name": "驿站", "id": "post"})
    approval = await approve(acme, "aliyun", {"state": "approved"})
    gone = await acme.call("DELETE", "/v1/signatures/post/approvals/aliyun")
    assert gone.json() == approval.json()
    shown = (await acme.get("/v1/signatures/post")).json()
    assert (shown["approvals"], len(shown["history"])) == ([], 1)
    again = await acme.call("DELETE", "/v1/signatures/post/approvals/aliyun")
    assert said(again)[:2] == (404, "not_found")


async def test_a_forgotten_signature_can_be_registered_anew_without_its_approvals(acme):
    await acme.post("/v1/signatures", {"name": "驿站", "id": "post"})
    await approve(acme, "aliyun", {"state": "approved"})
    gone = await acme.call("DELETE", "/v1/signatures/post")
    assert (gone.status, gone.json()["approvals"][0]["vendor"]) == (200, "aliyun")
    assert (await acme.post("/v1/signatures", {"name": "驿站", "id": "post"})).status == 201
    assert (await acme.get("/v1/signatures/post")).json()["approvals"] == []


CALLS = [
    ("GET", "", None),
    ("DELETE", "", None),
    ("PUT", "/approvals/aliyun", {"state": "approved"}),
    ("DELETE", "/approvals/aliyun", None),
]


@pytest.mark.parametrize(("method", "rest", "document"), CALLS)
async def test_unknown_malformed_and_foreign_signatures_are_404_alike(acme, other, method, rest, document):
    await other.post("/v1/signatures", {"name": "驿站", "id": "theirs"})
    await approve(other, "aliyun", {"state": "approved"}, "theirs")
    body = b"" if document is None else json.dumps(document).encode()
    told = set()
    for signature_id in ("theirs", "nobody", "x" * 300, "\x00", "sgn_0000000000000"):
        response = await acme.call(method, f"/v1/signatures/{signature_id}{rest}", body=body)
        assert said(response)[:2] == (404, "not_found")
        told.add(response.json()["detail"])
    assert len(told) == 1
    assert len((await other.get("/v1/signatures/theirs")).json()["approvals"]) == 1


@pytest.mark.parametrize(("method", "rest", "document"), [("POST", None, {"name": "驿站"}), *CALLS])
async def test_a_key_needs_the_scope(office, method, rest, document):
    scope = "templates:read" if method == "GET" else "templates:write"
    client = await office.issue("acme", scopes=frozenset({"messages:write", "keys:read"}))
    path = "/v1/signatures" if rest is None else f"/v1/signatures/post{rest}"
    body = b"" if document is None else json.dumps(document).encode()
    response = await client.call(method, path, body=body)
    assert said(response)[:2] == (403, "forbidden")
    assert f"'{scope}'" in response.json()["detail"]
