"""`GET /v1/sms` and `GET /v1/batches`: filters, pages, and nobody else's messages."""

from urllib.parse import quote

import pytest

from posthouse.core.ids import BATCH, MESSAGE, show
from posthouse.core.message import State
from tests.web.house import NOW, TO
from tests.web.shelf import LOOKED_AT

LIST = "/v1/sms"


async def send(client, house, **fields):
    house.clock.at += 1_000_000
    response = await client.post("/v1/sms/send", {"to": TO, "body": "hi"} | fields)
    assert response.status == 202
    return response.json()["sms_id"]


async def ids(client, **query):
    text = "&".join(f"{name}={quote(str(value), safe=',:')}" for name, value in query.items())
    response = await client.get(f"{LIST}?{text}" if text else LIST)
    assert response.status == 200, response.body
    return [record["sms_id"] for record in response.json()["data"]]


async def walk(client, path):
    """All pages of a list, as a client would go through them."""
    cursor, pages = "", []
    while True:
        response = await client.get(f"{path}&cursor={cursor}" if cursor else path)
        assert response.status == 200
        pages.append(response.json()["data"])
        cursor = response.json()["next_cursor"]
        if cursor is None:
            return pages


async def test_a_list_shows_the_records_newest_first(client, house):
    first, second = await send(client, house), await send(client, house)
    response = await client.get(LIST)
    assert [record["sms_id"] for record in response.json()["data"]] == [second, first]
    assert response.json()["data"][1] == (await client.get(f"{LIST}/{first}")).json()
    assert response.json()["next_cursor"] is None


async def test_nothing_is_an_empty_page(client):
    assert (await client.get(LIST)).json() == {"data": [], "next_cursor": None}


async def test_pages_follow_each_other_to_the_end(client, house):
    sent = [await send(client, house) for _ in range(7)]
    pages = await walk(client, f"{LIST}?limit=3")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [record["sms_id"] for page in pages for record in page] == sent[::-1]


async def test_twenty_are_shown_where_no_limit_is_named(client, house):
    for _ in range(21):
        await send(client, house)
    assert len(await ids(client)) == 20
    assert len(await ids(client, limit=500)) == 21


async def test_a_page_is_filled_by_several_looks_at_the_store(client, house):
    needles = [await send(client, house, reference="needle")]
    for _ in range(2 * LOOKED_AT):
        await send(client, house)
    needles.append(await send(client, house, reference="needle"))
    assert await ids(client, reference="needle") == needles[::-1]


async def test_a_page_ends_after_so_many_looks_and_its_cursor_goes_on(client, house):
    needle = await send(client, house, reference="needle")
    for _ in range(11 * LOOKED_AT):
        await send(client, house)
    pages = await walk(client, f"{LIST}?reference=needle")
    assert pages[0] == []
    assert [record["sms_id"] for page in pages for record in page] == [needle]


async def test_each_filter_narrows_the_list(client, house):
    later = "2026-12-01T08:00:00Z"
    plain = await send(client, house)
    scheduled = await send(client, house, send_at=later)
    labelled = await send(client, house, reference="order 4711")
    urgent = await send(client, house, purpose="otp")
    home = await send(client, house, to="13800138000")
    batch = (await client.post("/v1/sms/batch", {"to": [TO], "body": "hi"})).json()["batch_id"]
    canceled = await send(client, house)
    assert (await client.post(f"{LIST}/{canceled}/cancel")).status == 200
    assert await ids(client, state="scheduled") == [scheduled]
    assert await ids(client, state="canceled,scheduled") == [canceled, scheduled]
    assert await ids(client, reference="order 4711") == [labelled]
    assert await ids(client, purpose="otp") == [urgent]
    for written in ("13800138000", "+8613800138000", "138 0013 8000"):
        assert await ids(client, to=written) == [home]
    assert len(await ids(client, batch_id=batch)) == 1
    assert await ids(client, to=TO, state="queued", purpose="notification") == [
        *await ids(client, batch_id=batch),
        labelled,
        plain,
    ]


async def test_a_bare_plus_in_the_query_is_read_as_a_plus(client, house):
    await send(client, house)
    assert len((await client.get(f"{LIST}?to=+15555550123")).json()["data"]) == 1
    assert len((await client.get(f"{LIST}?since=2026-11-28T16:00:00+08:00")).json()["data"]) == 1


async def test_time_is_that_of_acceptance_its_end_excluded(client, house):
    one, two, three = [await send(client, house) for _ in range(3)]
    at = [(await client.get(f"{LIST}/{each}")).json()["created_at"] for each in (one, two, three)]
    assert await ids(client, since=at[1]) == [three, two]
    assert await ids(client, until=at[1]) == [one]
    assert await ids(client, since=at[1], until=at[2]) == [two]
    assert await ids(client, since=at[2], until=at[0]) == []
    assert await ids(client, since="0001-01-01T00:00:00Z", until="9999-12-31T23:59:59Z") == [three, two, one]


@pytest.mark.parametrize("batch_id", [show(BATCH, 5), show(MESSAGE, 5), "bat_", "nothing", ""])
async def test_a_batch_that_is_not_yours_has_no_messages(client, house, batch_id):
    await send(client, house)
    assert await ids(client, batch_id=batch_id) == []
    other = house.client(2)
    theirs = (await other.post("/v1/sms/batch", {"to": [TO], "body": "hi"})).json()["batch_id"]
    assert await ids(client, batch_id=theirs) == []


async def test_the_cursor_of_another_account_shows_nothing_of_it(client, house):
    other = house.client(2)
    mine = await send(client, house)
    for _ in range(2):
        await send(other, house)
    cursor = (await other.get(f"{LIST}?limit=1")).json()["next_cursor"]
    assert await ids(client, cursor=cursor) == [mine]


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("limit=0", "invalid_value", "limit"),
        ("limit=501", "invalid_value", "limit"),
        ("limit=many", "wrong_type", "limit"),
        ("cursor=", "invalid_value", "cursor"),
        ("cursor=cur_0c7xk3m9p2q4", "invalid_value", "cursor"),
        ("cursor=cur_zzzzzzzzzzzzz", "invalid_value", "cursor"),
        ("cursor=sms_0c7xk3m9p2q4r", "invalid_value", "cursor"),
        ("state=", "invalid_value", "state"),
        ("state=sending,beamed", "invalid_value", "state"),
        ("to=12", "invalid_number", "to"),
        ("to=%E2%80%8B13800138000", "invisible_characters", "to"),
        ("since=yesterday", "invalid_time", "since"),
        ("until=2026-12-01T08:00:00", "invalid_time", "until"),
        ("until=2026-13-01T08:00:00Z", "invalid_time", "until"),
        ("purpose=spam", "invalid_purpose", "purpose"),
        ("status=sent", "unknown_field", "status"),
        ("state=sent&state=queued", "invalid_value", "state"),
    ],
)
async def test_a_query_that_will_not_do_is_refused_by_field(client, query, code, param):
    response = await client.get(f"{LIST}?{query}")
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)


async def test_a_wrong_state_is_told_which_there_are(client):
    detail = (await client.get(f"{LIST}?state=beamed")).json()["detail"]
    assert all(state in detail for state in State)


async def test_a_list_needs_the_right_to_read(house):
    client = house.client(scopes=frozenset({"messages:write"}))
    for path in (LIST, "/v1/batches", f"/v1/batches/{show(BATCH, 5)}"):
        response = await client.get(path)
        assert (response.status, response.json()["code"]) == (403, "forbidden")


async def test_batches_are_listed_newest_first_by_page_and_by_label(client, house):
    made = []
    for label in ("a", "b", "a"):
        request = {"to": [TO, "13800138000"], "body": "hi", "reference": label}
        made.append((await client.post("/v1/sms/batch", request)).json()["batch_id"])
    await house.client(2).post("/v1/sms/batch", {"to": [TO], "body": "hi"})
    pages = await walk(client, "/v1/batches?limit=2")
    assert [[batch["batch_id"] for batch in page] for page in pages] == [made[:0:-1], made[:1]]
    labelled = (await client.get("/v1/batches?reference=a")).json()["data"]
    assert [batch["batch_id"] for batch in labelled] == [made[2], made[0]]
    assert labelled[0] == (await client.get(f"/v1/batches/{made[2]}")).json()


async def test_a_batch_tells_what_has_become_of_it(client, house):
    request = {"to": [TO, "13800138000"], "body": "hi", "reference": "spring"}
    batch_id = (await client.post("/v1/sms/batch", request)).json()["batch_id"]
    first, second = house.store.messages
    house.store.states[first] = "delivered"
    batch = (await client.get(f"/v1/batches/{batch_id}")).json()
    assert batch == {
        "batch_id": batch_id,
        "reference": "spring",
        "count": 2,
        "created_at": "2026-11-28T08:00:00.000000Z",
        "price": {"amount": "0.10", "currency": "CNY"},
        "states": {"delivered": 1, "queued": 1},
        "done": False,
    }
    house.store.states[second] = "undelivered"
    assert (await client.get(f"/v1/batches/{batch_id}")).json()["done"]
    assert house.clock.at == NOW
