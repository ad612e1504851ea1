"""`/v1/suppressions`: the numbers that an account does not write to."""

import pytest

from posthouse.core.ids import read, show
from posthouse.services.suppress import SUPPRESSION
from tests.web.house import TO

PATH = "/v1/suppressions"
NOBODY = show(SUPPRESSION, 5)


@pytest.fixture
async def client(office):
    return await office.issue("acme")


async def suppress(client, to=TO, **fields):
    response = await client.post(PATH, {"to": to} | fields)
    assert response.status == 201, response.json()
    return response.json()


async def delete(client, suppression_id):
    return await client.call("DELETE", f"{PATH}/{suppression_id}")


async def test_a_number_is_put_on_the_list_looked_up_and_taken_off(client):
    entry = await suppress(client, purpose="marketing", reason="replied TD")
    assert read(SUPPRESSION, entry["suppression_id"]) is not None
    assert entry | {"suppression_id": ""} == {
        "suppression_id": "",
        "to": TO,
        "purpose": "marketing",
        "reason": "replied TD",
        "created_at": "2026-11-28T08:00:00.000000Z",
    }
    path = f"{PATH}/{entry['suppression_id']}"
    assert (await client.get(path)).json() == entry
    gone = await client.call("DELETE", path)
    assert (gone.status, gone.json()) == (200, entry)
    assert (await client.get(path)).status == 404
    assert (await client.call("DELETE", path)).status == 404


async def test_without_a_purpose_it_is_for_every_one_and_bare_numbers_are_read_in_the_region(client):
    entry = await suppress(client, "138 0013 8000")
    assert (entry["to"], entry["purpose"], entry["reason"]) == ("+8613800138000", None, None)


async def test_one_number_stands_on_the_list_once_for_each_purpose(client):
    for purpose in (None, "otp", "notification", "marketing"):
        fields = {} if purpose is None else {"purpose": purpose}
        await suppress(client, **fields)
        twin = await client.post(PATH, {"to": TO} | fields)
        assert (twin.status, twin.json()["code"]) == (409, "already_exists")
    assert len((await client.get(PATH)).json()["data"]) == 4


async def test_one_key_makes_one_entry(client):
    document = {"to": TO, "idempotency_key": "k"}
    first = await client.post(PATH, document)
    again = await client.post(PATH, {"to": TO}, headers={"idempotency-key": "k"})
    assert (again.status, again.body, again.headers["idempotent-replayed"]) == (201, first.body, "true")
    other = await client.post(PATH, document | {"purpose": "otp"})
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_the_list_has_pages_newest_first_and_a_filter_by_number(office, client):
    entries = []
    for last in range(5):
        office.clock.at += 1_000_000
        entries.append(await suppress(client, f"+8613800138{last:03d}"))
    entries.append(await suppress(client, "+8613800138000", purpose="otp"))
    await suppress(await office.issue("other"), "+8613800138000")
    entries.reverse()
    shown, path = [], f"{PATH}?limit=2"
    while path:
        page = (await client.get(path)).json()
        shown += page["data"]
        cursor = page["next_cursor"]
        path = cursor and f"{PATH}?limit=2&cursor={cursor}"
    assert shown == entries
    for to in ("13800138000", "%2B8613800138000", "+8613800138000"):
        found = (await client.get(f"{PATH}?to={to}")).json()
        assert found == {"data": [entries[0], entries[5]], "next_cursor": None}
    for query in ("to=12", "limit=501", "limit=0", "cursor=41"):
        refused = await client.get(f"{PATH}?{query}")
        assert (refused.status, refused.json()["param"]) == (400, query.partition("=")[0])


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({}, "missing_field", "to"),
        ({"to": "12"}, "invalid_number", "to"),
        ({"to": f"\u200b{TO}"}, "invisible_characters", "to"),
        ({"to": TO, "purpose": "spam"}, "invalid_purpose", "purpose"),
        ({"to": TO, "reason": ""}, "invalid_value", "reason"),
        ({"to": TO, "reason": " "}, "invalid_value", "reason"),
        ({"to": TO, "reason": "a\nb"}, "invalid_value", "reason"),
        ({"to": TO, "reason": "x" * 256}, "invalid_value", "reason"),
        ({"to": TO, "body": "hi"}, "unknown_field", "body"),
        ({"to": TO, "idempotency_key": ""}, "idempotency_key_invalid", "idempotency_key"),
    ],
)
async def test_what_will_not_do_is_refused_by_its_field(client, document, code, param):
    response = await client.post(PATH, document)
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)
    assert (await client.get(PATH)).json()["data"] == []


async def test_foreign_unknown_and_malformed_ids_are_not_found_alike(office, client):
    foreign = (await suppress(await office.issue("other")))["suppression_id"]
    for suppression_id in (foreign, NOBODY, "nothing", TO):
        for method in ("GET", "DELETE"):
            response = await client.call(method, f"{PATH}/{suppression_id}")
            assert (response.status, response.json()["code"]) == (404, "not_found")
            assert response.json()["detail"] == "Your account has no suppression with this id."
    assert (await client.get(PATH)).json()["data"] == []
    assert (await (await office.issue("other")).get(f"{PATH}/{foreign}")).status == 200


async def test_looking_and_changing_need_their_scopes(office):
    reader = await office.issue("acme", scopes=frozenset({"suppressions:read"}))
    writer = await office.issue("acme", scopes=frozenset({"suppressions:write"}))
    entry = await suppress(writer)
    path = f"{PATH}/{entry['suppression_id']}"
    assert [(await reader.get(each)).status for each in (PATH, path)] == [200, 200]
    assert [(await writer.get(each)).status for each in (PATH, path)] == [403, 403]
    assert (await reader.post(PATH, {"to": TO})).status == 403
    assert (await delete(reader, entry["suppression_id"])).status == 403
    assert (await delete(writer, entry["suppression_id"])).status == 200


async def test_a_suppressed_number_gets_nothing_of_its_purpose_from_the_next_request_on(client):
    async def sent(purpose):
        return await client.post("/v1/sms/send", {"to": TO, "body": "hi", "purpose": purpose})

    entry = await suppress(client, purpose="marketing")
    refused = await sent("marketing")
    assert (refused.status, refused.json()["code"]) == (400, "recipient_suppressed")
    assert (await sent("otp")).status == 202
    await delete(client, entry["suppression_id"])
    assert (await sent("marketing")).status == 202
    await suppress(client)
    assert [(await sent(purpose)).status for purpose in ("otp", "notification", "marketing")] == [400] * 3
