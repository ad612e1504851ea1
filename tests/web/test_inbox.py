"""`/v1/inbox`: what handsets wrote."""

import pytest

from posthouse.core.ids import INBOUND, show
from posthouse.core.message import Mode
from posthouse.core.ports.channels import AddChannel, ChannelRecord, ListChannels
from posthouse.core.ports.life import RecordReplies
from posthouse.core.routing import Channel
from posthouse.core.verdict import Reply
from tests.web.house import NOW, TO

PATH = "/v1/inbox"
OTHER = "+8613800138000"
NOBODY = show(INBOUND, 5)


@pytest.fixture
async def client(office):
    return await office.issue("acme")


async def connect(office, account=None):
    """A channel of the account's own, or of the platform's: its number."""
    owner = None if account is None else (await office.administer.account(account)).id
    name = account or "platform"
    await office.store.write(
        AddChannel(ChannelRecord(Channel(0, name, "http", account_id=owner), {}, b""), NOW)
    )
    [found] = [each.id for each in await office.store.read(ListChannels()) if each.name == name]
    return found


async def hear(office, channel, text="hi", sender=TO, **fields):
    """A text comes in, a second after the one before."""
    office.clock.at += 1_000_000
    reply = Reply(f"mo-{office.clock.at}", sender, text, NOW, **fields)
    await office.store.write(RecordReplies(channel, (reply,), office.clock.at))


async def test_a_text_is_shown_as_it_came(office, client):
    channel = await connect(office, "acme")
    await hear(office, channel, "ＴＤ", to="1069001")
    page = (await client.get(PATH)).json()
    [text] = page["data"]
    assert page["next_cursor"] is None
    assert text | {"id": ""} == {
        "id": "",
        "from": TO,
        "to": "1069001",
        "text": "ＴＤ",
        "keyword": "stop",
        "channel": "acme",
        "sms_id": None,
        "sent_at": "2026-11-28T08:00:00.000000Z",
        "received_at": "2026-11-28T08:00:01.000000Z",
    }
    assert text["id"].startswith("inb_")
    assert (await client.get(f"{PATH}/{text['id']}")).json() == text
    listed = (await client.get("/v1/suppressions")).json()["data"]
    assert {(each["to"], each["purpose"], each["reason"]) for each in listed} == {
        (TO, "notification", "opt_out"),
        (TO, "marketing", "opt_out"),
    }
    refused = await client.post("/v1/sms/send", {"to": TO, "body": "hi"})
    assert (refused.status, refused.json()["code"]) == (400, "recipient_suppressed")
    code = await client.post("/v1/sms/send", {"to": TO, "body": "4711", "purpose": "otp"})
    assert code.status == 202


async def test_a_time_that_the_vendor_does_not_tell_is_null(office, client):
    channel = await connect(office, "acme")
    reply = Reply("mo-1", TO, "hi", 0)
    await office.store.write(RecordReplies(channel, (reply,), office.clock.at))
    [text] = (await client.get(PATH)).json()["data"]
    assert (text["sent_at"], text["received_at"]) == (None, "2026-11-28T08:00:00.000000Z")


async def test_lists_have_pages_and_filters(office, client):
    channel = await connect(office, "acme")
    for number in range(5):
        sender = OTHER if number % 2 else TO
        await hear(office, channel, "STOP" if number == 2 else str(number), sender, to=f"106900{number % 2}")
    shown, path = [], f"{PATH}?limit=2"
    while path:
        page = (await client.get(path)).json()
        shown += page["data"]
        cursor = page["next_cursor"]
        path = cursor and f"{PATH}?limit=2&cursor={cursor}"
    assert [text["text"] for text in shown] == ["4", "3", "STOP", "1", "0"]
    for query, texts in {
        "from=13800138000": "31",
        "from=%2B8613800138000": "31",
        "from=+8613800138000": "31",
        "to=1069001": "31",
        "keyword=stop": ["STOP"],
        "keyword=help": [],
        "channel=acme": ["4", "3", "STOP", "1", "0"],
        "channel=platform": [],
        "since=2026-11-28T16:00:03%2B08:00": ["4", "3", "STOP"],
        "since=2026-11-28T16:00:03+08:00&until=2026-11-28T08:00:04Z": ["STOP"],
        "unclaimed=false": ["4", "3", "STOP", "1", "0"],
    }.items():
        found = (await client.get(f"{PATH}?{query}")).json()["data"]
        assert [text["text"] for text in found] == list(texts), query


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("from=12", "invalid_number", "from"),
        ("from=%E2%80%8B13800138000", "invisible_characters", "from"),
        ("keyword=please", "invalid_value", "keyword"),
        ("since=yesterday", "invalid_time", "since"),
        ("until=2026-11-28", "invalid_time", "until"),
        ("unclaimed=maybe", "wrong_type", "unclaimed"),
        ("cursor=41", "invalid_value", "cursor"),
        ("limit=501", "invalid_value", "limit"),
        ("text=hi", "unknown_field", "text"),
    ],
)
async def test_what_will_not_do_is_refused_by_its_field(client, query, code, param):
    refused = await client.get(f"{PATH}?{query}")
    assert (refused.status, refused.json()["code"], refused.json()["param"]) == (400, code, param)


async def test_foreign_unknown_and_malformed_ids_are_not_found_alike(office, client):
    other = await office.issue("other")
    await hear(office, await connect(office, "other"))
    await hear(office, await connect(office))
    [foreign] = (await other.get(PATH)).json()["data"]
    [nobodys] = (await office.operator.get(f"{PATH}?unclaimed=true")).json()["data"]
    for text_id in (foreign["id"], nobodys["id"], NOBODY, "nothing"):
        response = await client.get(f"{PATH}/{text_id}")
        assert (response.status, response.json()["code"]) == (404, "not_found")
        assert response.json()["detail"] == "Your account has no inbound text with this id."
    assert (await client.get(PATH)).json()["data"] == []


async def test_nobodys_texts_are_the_operators_to_see(office, client):
    await hear(office, await connect(office), "STOP")
    assert (await office.operator.get(PATH)).json()["data"] == []
    [text] = (await office.operator.get(f"{PATH}?unclaimed=true&keyword=stop")).json()["data"]
    assert (text["from"], text["keyword"], text["sms_id"]) == (TO, "stop", None)
    assert (await office.operator.get(f"{PATH}/{text['id']}")).json() == text
    refused = await client.get(f"{PATH}?unclaimed=true")
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")


async def test_reading_is_what_messages_need_too_in_either_mode(office):
    await hear(office, await connect(office, "acme"))
    reader = await office.issue("acme", scopes=frozenset({"messages:read"}))
    tester = await office.issue("acme", mode=Mode.TEST)
    writer = await office.issue("acme", scopes=frozenset({"messages:write"}))
    assert [len((await each.get(PATH)).json()["data"]) for each in (reader, tester)] == [1, 1]
    assert (await writer.get(PATH)).status == 403
