"""`/v1/verifications`: what became of one-time passwords."""

import pytest

from posthouse.core.ids import VERIFICATION, read, show
from posthouse.core.message import Mode
from posthouse.core.ports.otp import FindChallenge
from posthouse.storage.verifications import LOOKED_AT_MAX
from tests.fakes import CODES
from tests.web.house import TO

PATH = "/v1/verifications"
SECOND = 1_000_000
LIFE = 300 * SECOND
OTHER = "+15555550124"
NOBODY = show(VERIFICATION, 5)


@pytest.fixture
async def client(office):
    return await office.issue("acme")


async def send(client, to=TO, **fields):
    response = await client.post("/v1/sms/otp", {"to": to} | fields)
    assert response.status == 200, response.json()
    return response.json()


async def code_of(office, to=TO, purpose="default"):
    """What the handset of acme's user shows last."""
    account_id = (await office.administer.account("acme")).id
    query = FindChallenge(account_id, Mode.LIVE, to, purpose, office.clock.at)
    return CODES.code((await office.store.read(query)).verification.seed)


async def verify(client, to, code, **fields):
    response = await client.post("/v1/sms/verify", {"to": to, "code": code} | fields)
    assert response.status == 200, response.json()
    return response.json()["valid"]


async def cancel(client, request_id, **options):
    return await client.post(f"{PATH}/{request_id}/cancel", **options)


async def every(client, query=""):
    """All that fit, page by page."""
    shown, path = [], f"{PATH}?{query}"
    while path:
        page = (await client.get(path)).json()
        shown += page["data"]
        cursor = page["next_cursor"]
        path = cursor and f"{PATH}?{query}&cursor={cursor}"
    return shown


async def test_a_code_is_looked_up_by_the_id_of_its_request(office, client):
    sent = await send(client, purpose="login", length=8)
    path = f"{PATH}/{sent['request_id']}"
    record = (await client.get(path)).json()
    assert record == {
        "request_id": sent["request_id"],
        "to": TO,
        "purpose": "login",
        "state": "pending",
        "test_number": False,
        "mode": "live",
        "length": 8,
        "sends": 1,
        "checks_left": 5,
        "country": "US",
        "sms_ids": [sent["sms_id"]],
        "created_at": "2026-11-28T08:00:00.000000Z",
        "expires_at": sent["expires_at"],
        "verified_at": None,
    }
    assert not await verify(client, TO, "00000000", purpose="login")
    office.clock.at += 60 * SECOND
    again = await send(client, purpose="login", length=8)
    assert again["request_id"] == sent["request_id"]
    assert await verify(client, TO, await code_of(office, purpose="login"), purpose="login")
    assert (await client.get(path)).json() == record | {
        "state": "verified",
        "sends": 2,
        "checks_left": 3,
        "sms_ids": [again["sms_id"], sent["sms_id"]],
        "verified_at": "2026-11-28T08:01:00.000000Z",
    }


async def test_no_answer_holds_the_code(office, client):
    sent = await client.post("/v1/sms/otp", {"to": TO})
    request_id = sent.json()["request_id"]
    code = await code_of(office)
    told = [sent, await client.get(PATH), await client.get(f"{PATH}/{request_id}")]
    told += [await client.get(f"/v1/sms/{sent.json()['sms_id']}{more}") for more in ("", "/trace")]
    told.append(await cancel(client, request_id))
    # A code of six digits may stand in an id or a time by chance: not as a word of its own.
    for response in told:
        assert response.status == 200
        assert f'"{code}"'.encode() not in response.body
        assert f" {code}".encode() not in response.body


async def test_a_code_that_is_over_says_so_before_anybody_has_closed_it(office, client):
    sent = await send(client)
    office.clock.at += LIFE
    record = (await client.get(f"{PATH}/{sent['request_id']}")).json()
    assert (record["state"], record["verified_at"]) == ("expired", None)
    assert [row["state"] for row in await every(client)] == ["expired"]


async def test_the_list_has_pages_newest_first_and_filters_that_must_all_hold(office, client):
    sent = []
    for to in (TO, OTHER):
        for purpose in ("login", "pay"):
            office.clock.at += SECOND
            sent.append((await send(client, to, purpose=purpose))["request_id"])
    assert await verify(client, TO, await code_of(office, purpose="pay"), purpose="pay")
    assert (await cancel(client, sent[0])).status == 200
    sent.reverse()
    for limit in (1, 2, 3, 20):
        assert [row["request_id"] for row in await every(client, f"limit={limit}")] == sent
    for query, rows in {
        "to=%2B15555550123": sent[2:],
        "to=+15555550123": sent[2:],
        "purpose=pay": [sent[0], sent[2]],
        "state=pending": sent[:2],
        "state=verified": [sent[2]],
        "state=canceled": [sent[3]],
        "state=locked": [],
        "state=pending&purpose=pay&to=%2B15555550124": [sent[0]],
        "state=verified&to=%2B15555550124": [],
        "to=13800138000": [],
    }.items():
        assert [row["request_id"] for row in await every(client, f"limit=1&{query}")] == rows, query
    assert await every(await office.issue("other")) == []


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("state=sent", "invalid_value", "state"),
        ("state=pending,locked", "invalid_value", "state"),
        ("state=null", "invalid_value", "state"),
        ("to=12", "invalid_number", "to"),
        ("purpose=", "invalid_value", "purpose"),
        ("purpose=" + "x" * 65, "invalid_value", "purpose"),
        ("limit=0", "invalid_value", "limit"),
        ("limit=501", "invalid_value", "limit"),
        ("cursor=41", "invalid_value", "cursor"),
        ("cursor=" + NOBODY, "invalid_value", "cursor"),
        ("since=2026-12-01", "unknown_field", "since"),
    ],
)
async def test_a_list_that_cannot_be_meant_is_refused_by_its_field(client, query, code, param):
    response = await client.get(f"{PATH}?{query}")
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)


async def test_a_rare_one_far_down_is_found_by_several_bounded_looks(office, client):
    rare = await send(client, purpose="login")
    assert (await cancel(client, rare["request_id"])).status == 200
    account_id = (await office.administer.account("acme")).id
    first, count = read(VERIFICATION, rare["request_id"]), 3 * LOOKED_AT_MAX
    insert = (
        "INSERT INTO verifications (id, account_id, mode, number, country, purpose, length, salt, binding,"  # noqa: S608 - names and numbers of ours
        " state, checks_left, sends, created_at, expires_at)"
        f" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        f" SELECT {first} + i, {account_id}, 'live', '{OTHER}', 'US', 'default', 6, x'00', x'', 'expired',"
        " 5, 1, 0, 1 FROM n"
    )
    office.backend.plant(insert)
    page = (await client.get(f"{PATH}?state=canceled")).json()
    assert [row["request_id"] for row in page["data"]] == [rare["request_id"]]
    assert page["next_cursor"] is None
    assert len((await client.get(f"{PATH}?state=expired&limit=500")).json()["data"]) == 500


# ------------------------------------------------------------------------------------------ canceling


async def test_a_canceled_code_is_not_valid_any_more_however_often_that_is_asked(office, client):
    sent = await send(client)
    code = await code_of(office)
    first = await cancel(client, sent["request_id"])
    assert (first.status, first.json()["state"]) == (200, "canceled")
    again = await cancel(client, sent["request_id"])
    assert (again.status, again.json()) == (200, first.json())
    assert "idempotent-replayed" not in again.headers
    assert not await verify(client, TO, code)


async def test_one_key_cancels_one_code_wherever_the_key_stands(client):
    one, two = [(await send(client, to))["request_id"] for to in (TO, OTHER)]
    first = await cancel(client, one, document={"idempotency_key": "k"})
    again = await cancel(client, one, headers={"idempotency-key": "k"})
    assert (first.status, again.status, again.json()) == (200, 200, first.json())
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = await cancel(client, two, document={"idempotency_key": "k"})
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await client.get(f"{PATH}/{two}")).json()["state"] == "pending"
    both = await cancel(client, two, document={"idempotency_key": "k"}, headers={"idempotency-key": "l"})
    assert (both.status, both.json()["code"]) == (400, "idempotency_key_conflict")


async def test_a_refused_cancel_uses_up_no_key(office, client):
    sent = await send(client)
    assert await verify(client, TO, await code_of(office))
    refused = await cancel(client, sent["request_id"], document={"idempotency_key": "k"})
    assert refused.status == 409
    office.clock.at += SECOND
    second = await send(client, OTHER)
    assert (await cancel(client, second["request_id"], document={"idempotency_key": "k"})).status == 200


async def test_what_is_over_cannot_be_canceled_and_is_called_what_it_is(office, client):
    sent = {"verified": await send(client), "expired": await send(client, OTHER)}
    assert await verify(client, TO, await code_of(office))
    office.clock.at += LIFE
    sent["locked"] = await send(client, OTHER, purpose="pay")
    for _ in range(5):
        assert not await verify(client, OTHER, "000000", purpose="pay")
    for state, reply in sent.items():
        for language, words in {
            "en": f"This verification is {state}; only one that is pending can be canceled.",
            "zh": "该验证请求已",
        }.items():
            refused = await cancel(client, reply["request_id"], language=language)
            problem = refused.json()
            assert (refused.status, problem["code"]) == (409, "not_cancelable")
            assert problem["detail"].startswith(words)
            assert "message" not in problem["detail"] + problem["suggested_action"]
            assert "短信" not in problem["detail"] + problem["suggested_action"]
        assert (await client.get(f"{PATH}/{reply['request_id']}")).json()["state"] == state


# ------------------------------------------------------------------------------------------- whose it is


async def test_foreign_unknown_and_malformed_ids_are_not_found_alike(office, client):
    foreign = (await send(await office.issue("other")))["request_id"]
    sms_id = (await send(client))["sms_id"]
    for request_id in (foreign, NOBODY, "nothing", sms_id, "otp_", f"{foreign}0", TO):
        for response in (await client.get(f"{PATH}/{request_id}"), await cancel(client, request_id)):
            problem = response.json()
            assert (response.status, problem["code"]) == (404, "not_found"), request_id
            assert problem["detail"] == "Your account has no verification with this id."
    path = f"{PATH}/{foreign}"
    assert (await (await office.issue("other")).get(path)).json()["state"] == "pending"


async def test_a_key_cancels_none_of_the_other_mode_and_is_told_of_none(office, client):
    test = await office.issue("acme", Mode.TEST)
    for one, other in ((client, test), (test, client)):
        sent = await send(one)
        refused = await cancel(other, sent["request_id"])
        assert (refused.status, refused.json()["code"]) == (404, "not_found")
        assert (await one.get(f"{PATH}/{sent['request_id']}")).json()["state"] == "pending"
        assert (await cancel(one, sent["request_id"])).json()["state"] == "canceled"
        assert (await cancel(other, sent["request_id"])).status == 404


async def test_looking_and_canceling_need_their_scopes(office):
    reader = await office.issue("acme", scopes=frozenset({"messages:read"}))
    writer = await office.issue("acme", scopes=frozenset({"messages:write"}))
    sent = await send(writer)
    path = f"{PATH}/{sent['request_id']}"
    assert [(await reader.get(each)).status for each in (PATH, path)] == [200, 200]
    assert [(await writer.get(each)).status for each in (PATH, path)] == [403, 403]
    assert (await cancel(reader, sent["request_id"])).status == 403
    assert (await cancel(writer, sent["request_id"])).status == 200


async def test_codes_of_both_modes_are_listed_and_say_which_they_are(office, client):
    rehearsal = await office.issue("acme", Mode.TEST)
    live = await send(client)
    office.clock.at += SECOND
    test = await send(rehearsal)
    for key in (client, rehearsal):  # as messages are
        assert [(row["request_id"], row["mode"]) for row in await every(key)] == [
            (test["request_id"], "test"),
            (live["request_id"], "live"),
        ]
