"""`POST /v1/sms/estimate`: what a message would be, and nothing stored."""

import pytest

from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.routing import Channel
from tests.web.house import TO

ESTIMATE = "/v1/sms/estimate"


async def estimate(client, body="hi", **fields):
    response = await client.post(ESTIMATE, {"to": TO, "body": body} | fields)
    assert response.status == 200, response.body
    return response.json()


async def test_an_estimate_says_what_sending_would_say_and_stores_nothing(client, house):
    request = {"body": "We open at nine.", "send_at": "2026-12-01T08:00:00Z", "validity_s": 60}
    found = await estimate(client, **request)
    assert not house.store.messages
    assert not house.store.replies
    assert house.store.available[1] == 100_000_000
    assert house.wakeups.count == 0
    sent = (await client.post("/v1/sms/send", {"to": TO} | request)).json()
    same = ("to", "segments", "encoding", "price", "simulated", "send_at", "postponed_from", "expires_at")
    assert {name: found[name] for name in same} == {name: sent[name] for name in same}
    assert (found["country"], found["vendor"], found["affordable"]) == ("US", "sandbox", True)


@pytest.mark.parametrize(
    ("body", "segments", "used", "per_segment", "left"),
    [
        ("a" * 160, 1, 160, 160, 0),
        ("a" * 161, 2, 161, 153, 145),
        ("€" * 80, 1, 160, 160, 0),
        ("a" * 152 + "€" * 2, 1, 156, 160, 4),
        ("中" * 70, 1, 70, 70, 0),
        ("中" * 71, 2, 71, 67, 63),
        ("😀" * 35, 1, 70, 70, 0),
        ("😀" * 36, 2, 72, 67, 61),
    ],
)
async def test_segments_are_filled_as_they_are_counted(client, body, segments, used, per_segment, left):
    found = await estimate(client, body)
    assert found["segments"] == segments
    assert found["characters"] == {"used": used, "per_segment": per_segment, "left": left}


async def test_culprits_are_named_where_they_stand_with_what_would_do_instead(client):
    body = "It\u2019s \u201cnine\u201d \u2014 it\u2019s late\u2026 " + "a" * 100
    found = await estimate(client, body)
    assert (found["encoding"], found["segments"], found["segments_if_replaced"]) == ("ucs2", 2, 1)
    first, *others = found["culprits"]
    assert first == {
        "character": "\u2019",
        "codepoint": "U+2019",
        "name": "RIGHT SINGLE QUOTATION MARK",
        "positions": [2, 16],
        "suggestion": "'",
    }
    assert [each["suggestion"] for each in others] == ['"', '"', "-", "..."]
    for each in found["culprits"]:
        assert {body[position] for position in each["positions"]} == {each["character"]}


async def test_what_has_no_likeness_in_gsm_7_has_no_suggestion(client):
    found = await estimate(client, "ni hao 你 \u200b" + "a" * 70)
    assert [each["suggestion"] for each in found["culprits"]] == [None, ""]
    assert found["segments_if_replaced"] == 2
    assert found["culprits"][1]["codepoint"] == "U+200B"


async def test_positions_count_the_signature_and_at_most_a_hundred_are_named(client):
    found = await estimate(client, "\u2019" * 150, signature="Post")
    quotes = found["culprits"][-1]
    assert quotes["positions"] == list(range(6, 106))
    assert [each["character"] for each in found["culprits"]] == ["【", "】", "\u2019"]


async def test_plain_texts_and_those_to_mainland_china_have_no_culprits(client):
    for found in (await estimate(client, "plain"), await estimate(client, "It\u2019s", to="13800138000")):
        assert (found["culprits"], found["segments_if_replaced"]) == ([], None)


async def test_price_is_that_of_all_segments(client):
    found = await estimate(client, "a" * 400)
    assert found["segments"] == 3
    assert found["price"] == {"amount": "0.15", "currency": "CNY"}
    assert found["price_per_segment"] == {"amount": "0.05", "currency": "CNY"}


async def test_want_of_money_is_said_and_not_refused(client, house):
    house.store.available[1] = 50_000
    assert (await estimate(client))["affordable"]
    house.store.available[1] = 49_999
    assert not (await estimate(client))["affordable"]


async def test_a_vendors_own_template_is_one_segment_of_unknown_length(client):
    response = await client.post(ESTIMATE, {"to": TO, "template_id": "SMS_1", "params": {"code": "1"}})
    found = response.json()
    assert (found["segments"], found["characters"], found["culprits"]) == (1, None, [])


# -------------------------------------------------------------------------------------------------- route


async def with_channels(house, *channels):
    house.store.channels[:] = channels
    house.store.version += 1
    await house.services.directory.refresh()


REAL = Channel(2, "tencent-1", "tencent", cost=2)
CHEAP = Channel(3, "tencent-2", "tencent", cost=1, weight=0)
HOME = Channel(4, "home", "aliyun", countries=frozenset({"CN"}))
SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)


async def test_every_channel_is_shown_with_the_reason(client, house):
    await with_channels(house, SANDBOX, REAL, CHEAP, HOME)
    found = await estimate(client)
    assert (found["vendor"], found["simulated"]) == ("tencent", False)
    assert [(each["channel"], each["chosen"]) for each in found["candidates"]] == [
        ("tencent-1", True),
        ("tencent-2", False),
        ("sandbox", False),
        ("home", False),
    ]
    whys = {each["channel"]: each["why"] for each in found["candidates"]}
    assert whys["tencent-1"] == "chosen"
    assert whys["tencent-2"] == "candidate 2"
    assert whys["home"] == "it does not carry US"
    assert "simulator" in whys["sandbox"]


async def test_a_test_key_and_a_trial_account_go_to_the_simulator(house):
    await with_channels(house, SANDBOX, REAL)
    found = await estimate(house.client(mode=Mode.TEST))
    assert (found["vendor"], found["simulated"]) == ("sandbox", True)
    house.store.accounts[1] = house.store.accounts[1]._replace(status=AccountStatus.TRIAL)
    await with_channels(house, SANDBOX, REAL)
    found = await estimate(house.client())
    assert (found["vendor"], found["simulated"]) == ("sandbox", True)


async def test_where_no_channel_would_take_it_the_vendor_is_null(client, house):
    await with_channels(house, SANDBOX, HOME)
    found = await estimate(client)
    assert found["vendor"] is None
    assert not any(each["chosen"] for each in found["candidates"])


async def test_a_template_goes_to_one_vendor_only(client, house):
    await with_channels(house, REAL, Channel(5, "twilio-1", "twilio", cost=9, weight=0))
    found = (await client.post(ESTIMATE, {"to": TO, "template_id": "SMS_1"})).json()
    whys = {each["channel"]: each["why"] for each in found["candidates"]}
    assert whys == {"tencent-1": "chosen", "twilio-1": "the template is tencent's own"}


async def test_another_accounts_channel_is_not_shown(client, house):
    await with_channels(house, SANDBOX, Channel(6, "theirs", "tencent", account_id=2))
    assert [each["channel"] for each in (await estimate(client))["candidates"]] == ["sandbox"]


# ----------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "request_",
    [
        {"to": "12", "body": "hi"},
        {"to": TO},
        {"to": TO, "body": " "},
        {"to": TO, "body": "hi", "template_id": "T"},
        {"to": TO, "body": "a" * 2000},
        {"to": TO, "body": "a\u0007"},
        {"to": TO, "body": "hi", "vendor": "nobody"},
        {"to": TO, "body": "hi", "vendor": "tencent"},
        {"to": TO, "body": "hi", "send_at": "2020-01-01T00:00:00Z"},
        {"to": TO, "body": "hi", "validity_s": 0},
        {"to": TO, "body": "hi", "purpose": "spam"},
        {"to": TO, "body": "hi", "callback_url": "x"},
        {"to": TO, "body": "hi", "bodi": "x"},
        {"to": TO, "body": "hi", "idempotency_key": ""},
    ],
)
async def test_what_sending_refuses_estimating_refuses_alike(client, request_):
    refused, would_be = await client.post(ESTIMATE, request_), await client.post("/v1/sms/send", request_)
    assert refused.status == would_be.status == 400
    assert refused.json() | {"request_id": ""} == would_be.json() | {"request_id": ""}


async def test_an_account_that_may_not_send_gets_no_estimate(house):
    response = await house.client(3).post(ESTIMATE, {"to": TO, "body": "hi"})
    assert (response.status, response.json()["code"]) == (403, "account_not_verified")
    response = await house.client(scopes=frozenset({"messages:read"})).post(
        ESTIMATE, {"to": TO, "body": "hi"}
    )
    assert (response.status, response.json()["code"]) == (403, "forbidden")


async def test_a_key_given_to_an_estimate_is_still_free_for_the_message(client):
    request = {"to": TO, "body": "hi", "idempotency_key": "k"}
    await client.post(ESTIMATE, request)
    sent = await client.post("/v1/sms/send", request)
    assert sent.status == 202
    assert "idempotent-replayed" not in sent.headers
