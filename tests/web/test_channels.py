"""`/v1/channels` and `/v1/vendors`: who may see and change which channel, and what is never shown."""

import json

import pytest

from posthouse.core.message import Mode
from posthouse.core.ports.vendor import Money
from posthouse.core.vault import Vault
from posthouse.core.verdict import Reason, Refused
from tests.kinds import KINDS, SETTINGS, Acme
from tests.web.house import PEPPER
from tests.web.office import open_office

CHANNELS = "/v1/channels"
SCOPES = frozenset({"channels:read", "channels:write"})
NEW = {"vendor": "acme", "settings": SETTINGS}


@pytest.fixture
def acme():
    return Acme(Vault(PEPPER))


@pytest.fixture
async def office(tmp_path, acme):
    office = await open_office(tmp_path, kinds=KINDS, fit=acme.fit, connect=acme.connect)
    yield office
    office.store.close()


@pytest.fixture
async def operator(office):
    return office.operator


@pytest.fixture
async def account(office):
    return await office.issue("acme", scopes=SCOPES)


async def change(client, name, **fields):
    return await client.call("PATCH", f"{CHANNELS}/{name}", body=json.dumps(fields).encode())


def names(response):
    assert response.status == 200, response.body
    return [(row["account"], row["name"]) for row in response.json()["data"]]


async def test_a_channel_is_made_shown_changed_and_removed(operator):
    made = await operator.post(
        CHANNELS, NEW | {"cost": "0.045", "costs": {"US": "0.08"}, "countries": ["CN"], "weight": 2}
    )
    assert made.status == 201
    row = made.json()
    assert row == {
        "name": "acme",
        "vendor": "acme",
        "account": None,
        "state": "active",
        "simulated": False,
        "settings": {"key_id": "A1"},
        "credentials": ["key_secret"],
        "broken": None,
        "countries": ["CN"],
        "cost": "0.045",
        "costs": {"US": "0.08"},
        "rate_per_s": 1000,
        "concurrency": 8,
        "weight": 2,
        "callback_from": [],
        "callback_path": "/callbacks/acme/2-1",
        "callback_url": "https://sms.example.com/callbacks/acme/2-1",
        "created_at": "2026-11-28T08:00:00.000000Z",
        "changed_at": "2026-11-28T08:00:00.000000Z",
    }
    assert (await operator.get(f"{CHANNELS}/acme")).json() == row
    changed = await change(operator, "acme", cost="0.04", callback_from=["203.0.113.7"], rate_per_s=0)
    expected = row | {"cost": "0.04", "callback_from": ["203.0.113.7/32"], "rate_per_s": 0}
    expected["changed_at"] = "2026-11-28T08:00:00.000001Z"  # no two versions of it have the same
    assert (changed.status, changed.json()) == (200, expected)
    gone = await operator.call("DELETE", f"{CHANNELS}/acme")
    assert (gone.status, gone.json()) == (200, expected)
    for method in ("GET", "DELETE"):
        assert (await operator.call(method, f"{CHANNELS}/acme")).status == 404


async def test_no_answer_ever_holds_a_secret(operator, acme):
    told = [
        await operator.post(CHANNELS, NEW),
        await operator.get(CHANNELS),
        await operator.get(f"{CHANNELS}/acme"),
    ]
    told.append(await change(operator, "acme", settings={"key_secret": "very secret 2"}))
    told.append(await operator.post(f"{CHANNELS}/acme/rotate", {"settings": {"key_secret": "very secret 3"}}))
    told.append(await operator.post(f"{CHANNELS}/acme/test", {"settings": {"key_secret": "very secret 4"}}))
    told.append(await change(operator, "acme", settings={"key_secret": "very secret 5", "key_id": "B"}))
    assert [each.status for each in told] == [201, 200, 200, 200, 200, 200, 400]
    assert not [each for each in told if b"very secret" in each.body]
    assert acme.asked[-1]["key_secret"] == "very secret 4"


async def test_the_same_key_connects_once_and_shows_the_same(operator):
    wanted = NEW | {"idempotency_key": "k"}
    first, again = await operator.post(CHANNELS, wanted), await operator.post(CHANNELS, wanted)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    other = await operator.post(CHANNELS, wanted | {"settings": SETTINGS | {"key_secret": "other"}})
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    await operator.call("DELETE", f"{CHANNELS}/acme")
    assert (await operator.post(CHANNELS, wanted)).status == 201  # what was answered then, though it is gone


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"vendor": "acmee"}, "unknown_vendor", "vendor"),
        ({"name": "a/b"}, "invalid_value", "name"),
        ({"settings": {"key_id": "A"}}, "missing_field", "settings.key_secret"),
        ({"settings": SETTINGS | {"tokken": "x"}}, "unknown_field", "settings.tokken"),
        ({"settings": SETTINGS | {"key_id": "B"}}, "invalid_value", "settings"),
        ({"settings": {"key_id": 1}}, "wrong_type", "settings.key_id"),
        ({"cost": "cheap"}, "invalid_value", "cost"),
        ({"cost": "1000.01"}, "invalid_value", "cost"),
        ({"costs": {"CN": "-1"}}, "invalid_value", "costs.CN"),
        ({"countries": ["cn"]}, "invalid_value", "countries"),
        ({"rate_per_s": 100_001}, "invalid_value", "rate_per_s"),
        ({"concurrency": 0}, "invalid_value", "concurrency"),
        ({"callback_from": ["here"]}, "invalid_value", "callback_from"),
        ({"account": "nobody"}, "not_found", "account"),
        ({"credentials": {}}, "unknown_field", "credentials"),
    ],
)
async def test_what_cannot_be_connected_is_refused_by_its_field(operator, fields, code, param):
    refused = await operator.post(CHANNELS, NEW | fields)
    told = refused.json()
    assert (told["code"], told["param"]) == (code, param), told
    assert names(await operator.get(CHANNELS)) == [(None, "sandbox")]


async def test_a_vendors_own_sentence_says_what_does_not_fit(operator):
    refused = await operator.post(CHANNELS, {"vendor": "acme", "settings": SETTINGS | {"key_id": "B"}})
    assert "key_id begins with A" in refused.json()["detail"]


async def test_an_account_sees_and_changes_its_own_only(office, operator, account):
    other = await office.issue("other", scopes=SCOPES)
    await operator.post(CHANNELS, NEW | {"name": "shared"})
    for client in (account, other):
        assert (await client.post(CHANNELS, NEW | {"name": "mine"})).status == 201
    assert names(await account.get(CHANNELS)) == [("acme", "mine")]
    assert names(await operator.get(CHANNELS)) == [
        (None, "sandbox"),
        (None, "shared"),
        ("acme", "mine"),
        ("other", "mine"),
    ]
    assert names(await operator.get(f"{CHANNELS}?account=other")) == [("other", "mine")]
    for path in ("shared", "sandbox", "nowhere"):
        for refused in (
            await account.get(f"{CHANNELS}/{path}"),
            await change(account, path, weight=1),
            await account.call("DELETE", f"{CHANNELS}/{path}"),
            await account.post(f"{CHANNELS}/{path}/drain"),
            await account.post(f"{CHANNELS}/{path}/rotate", {"callback": True}),
            await account.post(f"{CHANNELS}/{path}/test"),
            await account.get(f"{CHANNELS}/{path}/health"),
        ):
            assert (refused.status, refused.json()["code"]) == (404, "not_found")
    await change(account, "mine", weight=9)
    weights = {
        name: (await operator.get(f"{CHANNELS}/mine?account={name}")).json()["weight"]
        for name in ("acme", "other")
    }
    assert weights == {"acme": 9, "other": 1}


@pytest.mark.parametrize("path", ["", "/mine"])
async def test_only_operators_name_another_account(office, account, path):
    await account.post(CHANNELS, NEW | {"name": "mine"})
    refused = await account.get(f"{CHANNELS}{path}?account=other")
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")
    assert (await account.get(f"{CHANNELS}{path}?account=acme")).status == 200
    assert (await account.post(CHANNELS, NEW | {"account": "other"})).status == 403


async def test_a_key_needs_the_scope_and_has_it_only_when_that_was_said(office, account):
    usual = await office.issue("acme")
    reading = await office.issue("acme", scopes=frozenset({"channels:read"}))
    assert (await usual.get(CHANNELS)).status == 403
    assert (await reading.get(CHANNELS)).status == 200
    assert (await reading.post(CHANNELS, NEW)).status == 403


async def test_a_test_key_looks_but_changes_nothing_and_learns_no_callback_address(office, account):
    await account.post(CHANNELS, NEW)
    test = await office.issue("acme", Mode.TEST, scopes=SCOPES)
    row = (await test.get(f"{CHANNELS}/acme")).json()
    assert (row["callback_path"], row["callback_url"]) == (None, None)
    for refused in (
        await test.post(CHANNELS, NEW),
        await change(test, "acme", weight=2),
        await test.call("DELETE", f"{CHANNELS}/acme"),
        await test.post(f"{CHANNELS}/acme/drain"),
        await test.post(f"{CHANNELS}/acme/undrain"),
        await test.post(f"{CHANNELS}/acme/rotate", {"callback": True}),
        await test.post(f"{CHANNELS}/acme/test"),
        await test.get(f"{CHANNELS}/acme/balance"),
    ):
        assert (refused.status, refused.json()["code"]) == (403, "forbidden")


async def test_an_accounts_own_channel_calls_public_addresses_only(account, operator):
    inside = NEW | {"settings": SETTINGS | {"base_url": "http://169.254.169.254"}}
    refused = await account.post(CHANNELS, inside)
    assert (refused.status, refused.json()["param"]) == (400, "settings.base_url")
    assert "169.254.169.254" in refused.json()["detail"]
    assert (await operator.post(CHANNELS, inside)).status == 201


async def test_lists_are_filtered_and_paged(operator):
    for _ in range(4):
        await operator.post(CHANNELS, NEW)
    await operator.post(f"{CHANNELS}/acme-2/drain")
    assert names(await operator.get(f"{CHANNELS}?state=draining")) == [(None, "acme-2")]
    assert names(await operator.get(f"{CHANNELS}?vendor=sandbox")) == [(None, "sandbox")]
    first = await operator.get(f"{CHANNELS}?vendor=acme&limit=3")
    rest = await operator.get(f"{CHANNELS}?vendor=acme&limit=3&cursor={first.json()['next_cursor']}")
    assert [name for _, name in names(first) + names(rest)] == ["acme", "acme-2", "acme-3", "acme-4"]
    assert rest.json()["next_cursor"] is None
    assert (await operator.get(f"{CHANNELS}?state=off")).status == 400


async def test_draining_and_rotating(operator):
    made = (await operator.post(CHANNELS, NEW)).json()
    drained = (await operator.post(f"{CHANNELS}/acme/drain")).json()
    changed = drained.pop("changed_at")
    assert changed > made.pop("changed_at")
    assert drained == made | {"state": "draining"}
    undrained = (await operator.post(f"{CHANNELS}/acme/undrain")).json()
    assert undrained.pop("changed_at") > changed
    assert undrained == made
    rotated = await operator.post(f"{CHANNELS}/acme/rotate", {"settings": {"token": "t"}, "callback": True})
    shown = rotated.json()
    assert shown.pop("changed_at") > changed
    assert shown == made | {
        "credentials": ["key_secret", "token"],
        "callback_path": "/callbacks/acme/2-2",
        "callback_url": "https://sms.example.com/callbacks/acme/2-2",
    }


async def test_a_channel_is_tried_and_its_money_told(operator, acme):
    await operator.post(CHANNELS, NEW)
    well = {
        "channel": "acme",
        "ok": True,
        "asked": True,
        "reason": None,
        "code": None,
        "text": None,
        "detail": None,
        "balance": {"amount": "12.50", "unit": "CNY"},
    }
    assert (await operator.post(f"{CHANNELS}/acme/test")).json() == well
    assert (await operator.get(f"{CHANNELS}/acme/balance")).json() == well
    acme.says = Refused(Reason.AUTH, "40100", "no such key")
    told = (await operator.post(f"{CHANNELS}/acme/test", {"settings": {"key_secret": "x"}})).json()
    assert (told["ok"], told["reason"], told["code"], told["text"]) == (False, "auth", "40100", "no such key")
    assert (await operator.post(f"{CHANNELS}/sandbox/test")).json()["asked"] is False
    acme.says = Money("0", "messages")
    assert (await operator.get(f"{CHANNELS}/acme/balance")).json()["balance"]["unit"] == "messages"


async def test_a_channel_nobody_used_is_sound(operator):
    told = (await operator.get(f"{CHANNELS}/sandbox/health")).json()
    assert (told["channel"], told["state"], told["calls"], told["opened_at"]) == (
        "sandbox",
        "closed",
        0,
        None,
    )


async def test_kinds_are_told_in_the_callers_language(operator):
    rows = {row["vendor"]: row for row in (await operator.get("/v1/vendors")).json()["data"]}
    assert list(rows) == ["sandbox", "acme"]
    acme = rows["acme"]
    assert (acme["title"], acme["proven"], acme["recipients_max"], acme["countries"]) == (
        "Acme SMS",
        "docs",
        10,
        ["CN", "US"],
    )
    assert acme["settings"][1] == {
        "name": "key_secret",
        "about": "its secret",
        "required": True,
        "secret": True,
        "default": "",
        "choices": [],
    }
    chinese = await operator.get("/v1/vendors", language="zh-CN")
    assert chinese.json()["data"][1]["title"] == "阿克米短信"
    assert chinese.headers["content-language"] == "zh-CN"
