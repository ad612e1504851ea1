"""`/v1/routes`: made, changed, forgotten, and asked which way a message would go."""

import json

import pytest

from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.ports.channels import AddChannel, ChannelRecord
from posthouse.core.routing import Channel
from tests.web.office import Office

PATH = "/v1/routes"
WHOLE = {
    "name": "mainland",
    "position": 5,
    "accounts": ["acme"],
    "purposes": ["otp"],
    "countries": ["CN"],
    "prefixes": ["+8613"],
    "templates": ["login"],
    "hours": "09:00-21:00",
    "channels": ["sandbox-2", "sandbox"],
    "only": True,
    "receipt_within_s": 60,
}


@pytest.fixture(autouse=True)
async def second(office: Office):
    """Another channel to choose."""
    channel = Channel(0, "sandbox-2", "sandbox", simulated=True, cost=20_000, costs=(("US", 50_000),))
    await office.store.write(AddChannel(ChannelRecord(channel, {}, b""), office.clock.now()))
    await office.directory.refresh()


async def patch(office: Office, name: str, changes):
    return await office.operator.call("PATCH", f"{PATH}/{name}", body=json.dumps(changes).encode())


async def test_a_route_is_made_shown_listed_changed_and_forgotten(office: Office):
    made = await office.operator.post(PATH, WHOLE)
    assert (made.status, made.json()) == (201, WHOLE)
    assert (await office.operator.get(f"{PATH}/mainland")).json() == WHOLE
    assert (await office.operator.get(PATH)).json() == {"data": [WHOLE]}
    changes = {"accounts": [], "hours": None, "receipt_within_s": None, "channels": ["sandbox"]}
    changed = (await patch(office, "mainland", changes)).json()
    assert changed == WHOLE | changes
    gone = await office.operator.call("DELETE", f"{PATH}/mainland")
    assert (gone.status, gone.json()) == (200, changed)
    assert (await office.operator.get(f"{PATH}/mainland")).status == 404
    assert (await office.operator.get(PATH)).json() == {"data": []}


async def test_a_route_without_a_position_goes_behind_all_others(office: Office):
    for name in ("first", "second"):
        await office.operator.post(PATH, {"name": name, "channels": ["sandbox"]})
    listed = (await office.operator.get(PATH)).json()["data"]
    assert [(row["name"], row["position"]) for row in listed] == [("first", 10), ("second", 20)]


async def test_a_repeated_request_makes_one_route(office: Office):
    wanted = {"name": "once", "channels": ["sandbox"], "idempotency_key": "k"}
    first, second = [await office.operator.post(PATH, wanted) for _ in range(2)]
    assert (first.status, second.status, first.json()) == (201, 201, second.json())
    assert second.headers["idempotent-replayed"] == "true"
    other = await office.operator.post(PATH, {"name": "once", "channels": ["sandbox"]})
    assert (other.status, other.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"name": "a b"}, "invalid_value", "name"),
        ({"name": "explain"}, "invalid_value", "name"),
        ({"channels": []}, "missing_field", "channels"),
        ({"channels": [], "only": False, "receipt_within_s": None}, "missing_field", "channels"),
        ({"channels": ["tencnet"]}, "unknown_vendor", "channels"),
        ({"accounts": ["nobody"]}, "not_found", "accounts"),
        ({"purposes": ["news"]}, "invalid_value", "purposes[0]"),
        ({"countries": ["XX"]}, "invalid_value", "countries"),
        ({"prefixes": ["abc"]}, "invalid_value", "prefixes"),
        ({"hours": "9-21"}, "invalid_value", "hours"),
        ({"hours": "09:00-09:00"}, "invalid_value", "hours"),
        ({"receipt_within_s": 4}, "invalid_value", "receipt_within_s"),
        ({"position": -1}, "invalid_value", "position"),
        ({"weight": 1}, "unknown_field", "weight"),
    ],
)
async def test_what_will_not_do_is_refused_by_its_field(office: Office, wrong, code, param):
    answer = await office.operator.post(PATH, WHOLE | wrong)
    assert (answer.json()["code"], answer.json()["param"]) == (code, param)
    assert (await office.operator.get(PATH)).json() == {"data": []}


async def test_a_route_can_be_for_receipts_alone(office: Office):
    made = await office.operator.post(PATH, {"name": "hurry", "receipt_within_s": 30})
    assert (made.status, made.json()["channels"]) == (201, [])


async def test_routes_are_the_operators_and_a_test_key_changes_none(office: Office):
    acme = await office.issue("acme")
    asked = {"to": "+8613800138000"}
    for answer in (
        await acme.get(PATH),
        await acme.post(PATH, WHOLE),
        await acme.post(f"{PATH}/explain", asked),
    ):
        assert answer.status == 403
    tester = await office.issue("default", role=Role.OPERATOR, mode=Mode.TEST)
    assert (await tester.post(PATH, WHOLE)).status == 403
    assert (await tester.get(PATH)).status == 200


async def explained(office: Office, **asked):
    return (await office.operator.post(f"{PATH}/explain", asked)).json()


def price(amount: str):
    return {"amount": amount, "currency": "CNY"}


async def test_explaining_says_which_way_a_message_would_go_and_by_which_route(office: Office):
    await office.operator.post(PATH, {"name": "codes", "purposes": ["otp"], "channels": ["sandbox-2"]})
    found = await explained(office, to="13800138000", purpose="otp", account="acme", body="验" * 71)
    assert found == {
        "to": "+8613800138000",
        "country": "CN",
        "account": "acme",
        "purpose": "otp",
        "segments": 2,
        "rule": "codes",
        "channel": "sandbox-2",
        "vendor": "sandbox",
        "cost": price("0.04"),
        "candidates": [
            {"channel": "sandbox-2", "vendor": "sandbox", "cost": price("0.02"), "why": "chosen"},
            {"channel": "sandbox", "vendor": "sandbox", "cost": price("0.00"), "why": "candidate 2"},
        ],
        "considered": [],
    }
    other = await explained(office, to="+15555550123")
    assert (other["rule"], other["purpose"], other["segments"]) == (None, "notification", 1)
    assert [way["cost"]["amount"] for way in other["candidates"]] == ["0.00", "0.05"]


async def test_explaining_names_what_leaves_a_channel_out(office: Office):
    await office.operator.post(PATH, {"name": "strict", "channels": ["sandbox-2"], "only": True})
    found = await explained(office, to="13800138000")
    assert found["considered"] == [{"channel": "sandbox", "why": "rule strict allows other channels only"}]
    pinned = await explained(office, to="13800138000", vendor="sandbox-2", template_id="SMS_1")
    assert pinned["considered"] == [{"channel": "sandbox", "why": "the sender asked for sandbox-2"}]


async def test_an_estimate_shows_the_same_decision(office: Office):
    await office.operator.post(PATH, {"name": "strict", "channels": ["sandbox-2"], "only": True})
    await office.directory.refresh()
    wanted = {"to": "13800138000", "body": "hello"}
    told = (await office.operator.post("/v1/sms/estimate", wanted)).json()
    assert [(each["channel"], each["why"]) for each in told["candidates"]] == [
        ("sandbox-2", "chosen"),
        ("sandbox", "rule strict allows other channels only"),
    ]


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"to": "12"}, "invalid_number", "to"),
        ({"account": "nobody"}, "not_found", "account"),
        ({"vendor": "nobody"}, "unknown_vendor", "vendor"),
        ({"purpose": "news"}, "invalid_purpose", "purpose"),
    ],
)
async def test_what_cannot_be_explained_is_refused_by_its_field(office: Office, wrong, code, param):
    answer = await office.operator.post(f"{PATH}/explain", {"to": "13800138000"} | wrong)
    assert (answer.json()["code"], answer.json()["param"]) == (code, param)


async def test_explain_is_no_route_of_that_name(office: Office):
    answer = await office.operator.get(f"{PATH}/explain")
    assert answer.status == 405
