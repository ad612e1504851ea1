"""Prices by API: one's own, an account's, the platform's."""

import json

import pytest

from tests.web.house import TO

ACME, PLATFORM = "/v1/accounts/acme/prices", "/v1/prices"


async def put(client, path, prices):
    return await client.call("PUT", path, body=json.dumps({"prices": prices}).encode())


async def test_lines_are_set_replaced_and_taken_out_and_the_others_stay(office):
    set_ = await put(office.operator, ACME, {"US": "0.08", "CN": "0.040000"})
    assert set_.json() == {
        "account": "acme",
        "currency": "CNY",
        "prices": {"*": "0.05", "CN": "0.04", "US": "0.08"},
    }
    changed = await put(office.operator, ACME, {"US": None, "CN": "0.0405", "FR": None})
    assert changed.json()["prices"] == {"*": "0.05", "CN": "0.0405"}
    assert (await office.operator.get(ACME)).json() == changed.json()
    client = await office.issue("acme")
    assert (await client.get("/v1/account/prices")).json() == changed.json()


async def test_new_accounts_copy_the_platforms_list_and_old_ones_keep_theirs(office):
    told = (await put(office.operator, PLATFORM, {"*": "0.06", "JP": "0.5"})).json()
    assert told == {"account": None, "currency": "CNY", "prices": {"*": "0.06", "JP": "0.50"}}
    assert (await office.operator.get(PLATFORM)).json() == told
    await office.operator.post("/v1/accounts", {"name": "new"})
    new = (await office.operator.get("/v1/accounts/new/prices")).json()
    assert new["prices"] == told["prices"]
    assert (await office.operator.get(ACME)).json()["prices"] == {"*": "0.05"}


@pytest.mark.parametrize("path", [ACME, PLATFORM])
@pytest.mark.parametrize(
    ("prices", "param"),
    [
        ({"*": None}, "prices.*"),
        ({"US": "1", "*": None}, "prices.*"),
        ({"us": "1"}, "prices.us"),
        ({"XX": "1"}, "prices.XX"),
        ({"": "1"}, "prices."),
        ({"CN": "-0.01"}, "prices.CN"),
        ({"CN": "1000.000001"}, "prices.CN"),
        ({"CN": "0.0000001"}, "prices.CN"),
        ({"CN": "free"}, "prices.CN"),
        ({"CN": None, "US": "1e400"}, "prices.US"),
        ({"USA": "1"}, "prices.USA"),
        ({"CN": 0.1}, "prices.CN"),
        *[({"CN": odd}, "prices.CN") for odd in ("1_0", "1E2", "５", " 5", "+5", ".5", "5.")],
        ({}, "prices"),
    ],
)
async def test_what_is_no_price_list_changes_nothing(office, path, prices, param):
    response = await put(office.operator, path, {"DE": "0.10"} | prices if prices else prices)
    assert response.status == 400
    assert response.json()["code"] == ("wrong_type" if 0.1 in prices.values() else "invalid_value")
    assert response.json()["param"].startswith(param)
    assert (await office.operator.get(path)).json()["prices"] == {"*": "0.05"}


async def test_a_price_of_nothing_and_the_highest_are_prices(office):
    told = (await put(office.operator, ACME, {"CN": "0", "US": "1000"})).json()
    assert told["prices"] == {"*": "0.05", "CN": "0.00", "US": "1000.00"}


async def test_a_new_price_holds_for_the_next_message_and_not_for_the_last(office):
    client = await office.issue("acme")
    send = {"to": TO, "body": "hi"}
    first = (await client.post("/v1/sms/send", send)).json()
    await put(office.operator, ACME, {"US": "0.20"})
    second = (await client.post("/v1/sms/send", send)).json()
    assert (first["price"]["amount"], second["price"]["amount"]) == ("0.05", "0.20")
    shown = (await client.get(f"/v1/sms/{first['sms_id']}")).json()
    assert shown["price"]["amount"] == "0.05"
    balance = (await client.get("/v1/account")).json()["balance"]
    assert (balance["available"], balance["held"]) == ("0.75", "0.25")
