"""Accounts by API: opened, changed, credited; and what their settings do."""

import json

import pytest

from posthouse.core.ledger import AMOUNT_MAX, from_micro
from tests.web.house import TO

BARE = "2025550123"


async def patch(client, path, document):
    return await client.call("PATCH", path, body=json.dumps(document).encode())


async def test_an_account_is_opened_as_asked(office):
    document = {
        "name": "张三 Ltd.",
        "balance": "12.5",
        "status": "approved",
        "region": "US",
        "unknown_policy": "resend",
        "strict_numbers": True,
        "rate_limit": 7,
    }
    opened = await office.operator.post("/v1/accounts", document)
    assert opened.status == 201
    balance = {"available": "12.50", "held": "0.00", "spent": "0.00", "currency": "CNY"}
    expected = {"account": document.pop("name")} | document
    expected |= {"balance": balance, "created_at": "2026-11-28T08:00:00.000000Z"}
    expected |= {"quiet_hours": None, "recipient_limits": {}}
    assert opened.json() == expected
    assert (await office.operator.get("/v1/accounts/张三 Ltd.")).json() == expected


async def test_a_new_account_is_unverified_and_empty_unless_said_otherwise(office):
    opened = (await office.operator.post("/v1/accounts", {"name": "new"})).json()
    assert (opened["status"], opened["balance"]["available"]) == ("pending", "0.00")
    assert opened["rate_limit"] is None


async def test_a_name_is_taken_once_and_one_key_opens_one_account(office):
    document = {"name": "new", "balance": "1", "idempotency_key": "k"}
    first = await office.operator.post("/v1/accounts", document)
    again = await office.operator.post("/v1/accounts", document)
    assert (again.status, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    twin = await office.operator.post("/v1/accounts", {"name": "new"})
    assert (twin.status, twin.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", name) for name in ("", "a/b", ".", "..", " a", "a ", "a\nb", "x" * 101)),
        *(("balance", amount) for amount in ("-1", "ten", "", "0.0000001", "1e99", "NaN", "9" * 40)),
        ("region", "cn"),
        ("region", "XX"),
        ("region", "001"),
        ("status", "trial"),
        ("unknown_policy", "retry"),
        ("rate_limit", 0),
        ("rate_limit", 1_000_001),
    ],
)
async def test_what_is_no_account_is_refused_by_its_field(office, field, value):
    response = await office.operator.post("/v1/accounts", {"name": "new", field: value})
    assert (response.status, response.json()["code"], response.json()["param"]) == (
        400,
        "invalid_value",
        field,
    )
    assert (await office.operator.get("/v1/accounts/new")).status == 404


async def test_accounts_are_listed_in_pages(office):
    first = (await office.operator.get("/v1/accounts?limit=2")).json()
    rest = (await office.operator.get(f"/v1/accounts?limit=2&cursor={first['next_cursor']}")).json()
    assert [row["account"] for row in first["data"] + rest["data"]] == ["default", "acme", "other"]
    assert rest["next_cursor"] is None


async def test_all_lists_have_the_same_pages(office):
    lists = ("/v1/sms", "/v1/batches", "/v1/accounts", "/v1/keys")
    for path in lists:
        assert (await office.operator.get(f"{path}?limit=500")).status == 200
        for query, param in (("limit=501", "limit"), ("cursor=41", "cursor")):
            refused = await office.operator.get(f"{path}?{query}")
            assert (refused.status, refused.json()["param"]) == (400, param)
    for path in lists[2:]:
        await office.issue("default")
        cursor = (await office.operator.get(f"{path}?limit=1")).json()["next_cursor"]
        assert cursor.startswith("cur_")


async def test_of_an_account_only_what_is_named_changes(office):
    before = (await office.operator.get("/v1/accounts/acme")).json()
    changes: tuple[dict[str, object], ...] = (
        {},
        {"status": "rejected"},
        {"region": "US"},
        {"rate_limit": 3},
        {"quiet_hours": "21:00-08:00"},
        {"recipient_limits": {"marketing": {"minute": 1, "day": 10}, "otp": {"hour": 1000}}},
        {"recipient_limits": {"notification": {"minute": 2}}},
        {"rate_limit": None},
        {"quiet_hours": None},
        {"recipient_limits": {}},
    )
    for change in changes:
        response = await patch(office.operator, "/v1/accounts/acme", change)
        before |= change
        assert (response.status, response.json()) == (200, before)


@pytest.mark.parametrize(
    "change", [{"region": "cn"}, {"rate_limit": 0}, {"status": None}, {"name": "b"}, {"status": "trial"}]
)
async def test_a_bad_change_changes_nothing(office, change):
    before = (await office.operator.get("/v1/accounts/acme")).json()
    assert (
        await patch(office.operator, "/v1/accounts/acme", {"unknown_policy": "resend"} | change)
    ).status == 400
    assert (await office.operator.get("/v1/accounts/acme")).json() == before


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        *(
            ({"quiet_hours": hours}, "invalid_value", "quiet_hours")
            for hours in ("", "21:00", "21:00-21:00", "24:00-08:00", "9:00-10:00", "21:00-08:00 ")
        ),
        ({"quiet_hours": 21}, "wrong_type", "quiet_hours"),
        ({"recipient_limits": 2}, "wrong_type", "recipient_limits"),
        ({"recipient_limits": {"marketing": 2}}, "wrong_type", "recipient_limits.marketing"),
        ({"recipient_limits": {"spam": {"day": 2}}}, "unknown_field", "recipient_limits.spam"),
        ({"recipient_limits": {"otp": {"week": 2}}}, "unknown_field", "recipient_limits.otp.week"),
        ({"recipient_limits": {"otp": {"day": 0}}}, "invalid_value", "recipient_limits.otp.day"),
        ({"recipient_limits": {"otp": {"day": 1001}}}, "invalid_value", "recipient_limits.otp.day"),
        ({"recipient_limits": {"otp": {"day": "2"}}}, "wrong_type", "recipient_limits.otp.day"),
    ],
)
async def test_what_are_no_quiet_hours_or_limits_is_refused_by_its_field(office, change, code, param):
    before = (await office.operator.get("/v1/accounts/acme")).json()
    response = await patch(office.operator, "/v1/accounts/acme", {"region": "US"} | change)
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)
    assert (await office.operator.get("/v1/accounts/acme")).json() == before


async def test_a_limit_out_of_range_is_told_the_range(office):
    limits = {"otp": {"minute": 1001}}
    refused = await patch(office.operator, "/v1/accounts/acme", {"recipient_limits": limits})
    assert "from 1 to 1,000" in refused.json()["detail"]
    refused = await patch(office.operator, "/v1/accounts/acme", {"quiet_hours": "night"})
    assert "21:00-08:00" in refused.json()["detail"]


@pytest.mark.parametrize("nothing", [None, {}])
async def test_limits_that_are_given_replace_all_and_none_clear_them(office, nothing):
    path, day = "/v1/accounts/acme", {"minute": None, "hour": None, "day": 2}
    await patch(office.operator, path, {"recipient_limits": {"otp": {"day": 2}}})
    replaced = await patch(office.operator, path, {"recipient_limits": {"marketing": {"day": 2}}})
    shown = replaced.json()["recipient_limits"]
    assert {name: limits for name, limits in shown.items() if limits is not None} in (
        {"marketing": {"day": 2}},
        {"marketing": day},
    )
    await patch(office.operator, path, {"recipient_limits": nothing})
    cleared = (await office.operator.get(path)).json()["recipient_limits"]
    assert not any((cleared or {}).values())


async def test_an_account_is_told_its_quiet_hours_and_limits(office):
    client = await office.issue("acme")
    own = (await client.get("/v1/account")).json()
    assert (own["quiet_hours"], own["recipient_limits"]) == (None, {})
    change = {"quiet_hours": "12:30-13:30", "recipient_limits": {"marketing": {"day": 2}}}
    await patch(office.operator, "/v1/accounts/acme", change)
    assert (await client.get("/v1/account")).json() == own | change
    (row,) = [
        row for row in (await office.operator.get("/v1/accounts")).json()["data"] if row["account"] == "acme"
    ]
    assert row | change == row


async def test_quiet_hours_and_limits_hold_for_the_very_next_message(office):
    client = await office.issue("acme")
    message = {"to": TO, "body": "hi", "purpose": "marketing"}
    assert (await client.post("/v1/sms/send", message)).json()["state"] == "queued"
    # It is 16:00 in Shanghai.
    await patch(office.operator, "/v1/accounts/acme", {"quiet_hours": "15:00-17:30"})
    moved = (await client.post("/v1/sms/send", message)).json()
    assert (moved["state"], moved["send_at"]) == ("scheduled", "2026-11-28T09:30:00.000000Z")
    assert moved["postponed_from"] == "2026-11-28T08:00:00.000000Z"
    change = {"quiet_hours": None, "recipient_limits": {"marketing": {"day": 1}}}
    await patch(office.operator, "/v1/accounts/acme", change)
    answers = [await client.post("/v1/sms/send", message) for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 429]
    assert answers[1].json()["code"] == "recipient_limited"
    await patch(office.operator, "/v1/accounts/acme", {"recipient_limits": {}})
    assert (await client.post("/v1/sms/send", message)).status == 202


async def test_an_approval_and_its_end_hold_at_once(office):
    client = await office.issue("acme")
    for status, expected in (("rejected", 403), ("approved", 202), ("pending", 403)):
        await patch(office.operator, "/v1/accounts/acme", {"status": status})
        assert (await client.post("/v1/sms/send", {"to": TO, "body": "hi"})).status == expected


async def test_bare_numbers_are_read_in_the_accounts_region(office):
    client = await office.issue("acme")
    sent = await client.post("/v1/sms/send", {"to": BARE, "body": "hi"})
    assert (sent.status, sent.json()["to"]) == (202, f"+86{BARE}")
    await patch(office.operator, "/v1/accounts/acme", {"region": "US"})
    sent = await client.post("/v1/sms/send", {"to": BARE, "body": "hi"})
    assert (sent.status, sent.json()["to"]) == (202, f"+1{BARE}")


async def test_strict_accounts_send_to_assigned_numbers_only(office):
    client = await office.issue("acme")
    unassigned, assigned = {"to": TO, "body": "hi"}, {"to": "+8613800138000", "body": "hi"}
    assert (await client.post("/v1/sms/send", unassigned)).status == 202
    await patch(office.operator, "/v1/accounts/acme", {"strict_numbers": True})
    refused = await client.post("/v1/sms/send", unassigned)
    assert (refused.status, refused.json()["code"], refused.json()["param"]) == (400, "invalid_number", "to")
    assert "assigned" in refused.json()["detail"]
    assert (await client.post("/v1/sms/send", assigned)).status == 202


async def test_a_rate_limit_holds_for_the_keys_there_are_and_not_for_the_first_operator(office):
    client = await office.issue("acme")
    await patch(office.operator, "/v1/accounts/acme", {"rate_limit": 1})
    assert [(await client.get("/v1/account")).status for _ in range(2)] == [200, 429]
    await patch(office.operator, "/v1/accounts/default", {"rate_limit": 1})
    assert [(await office.operator.get("/v1/account")).status for _ in range(3)] == [200] * 3


async def test_money_is_added_and_can_be_spent(office):
    answer = await office.operator.post("/v1/accounts/acme/credit", {"amount": "0.05"})
    assert (answer.status, answer.json()) == (
        200,
        {
            "account": "acme",
            "amount": "0.05",
            "balance": {"available": "1.05", "held": "0.00", "spent": "0.00", "currency": "CNY"},
        },
    )


async def test_one_key_credits_once_and_answers_as_the_first_time(office):
    path, document = "/v1/accounts/acme/credit", {"amount": "5", "idempotency_key": "k"}
    first = await office.operator.post(path, document)
    await office.operator.post(path, {"amount": "1"})
    again = await office.operator.post(path, document)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (await office.operator.get("/v1/accounts/acme")).json()["balance"]["available"] == "7.00"
    for elsewhere, amount in ((path, "6"), ("/v1/accounts/other/credit", "5")):
        other = await office.operator.post(elsewhere, {"amount": amount, "idempotency_key": "k"})
        assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("amount", ["0", "-1", "a", "", " 1e999", "0.0000001", from_micro(AMOUNT_MAX + 1)])
async def test_what_is_no_amount_is_refused(office, amount):
    response = await office.operator.post("/v1/accounts/acme/credit", {"amount": amount})
    assert (response.status, response.json()["code"], response.json()["param"]) == (
        400,
        "invalid_value",
        "amount",
    )
    assert "currency units" in response.json()["detail"]
