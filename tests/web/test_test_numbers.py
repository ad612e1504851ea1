"""`/v1/test-numbers`: numbers that get no message and have a code of their own."""

import pytest
from structlog.testing import capture_logs

from posthouse.core.ids import TEST_NUMBER, read, show
from posthouse.core.message import Mode
from posthouse.core.ports.otp import FindChallenge
from tests.fakes import CODES
from tests.web.house import TO

PATH = "/v1/test-numbers"
CODE = "86420975"
OTHER = "+15555550124"
NOBODY = show(TEST_NUMBER, 5)
DAY_S = 86_400
SECOND = 1_000_000


@pytest.fixture
async def client(office):
    return await office.issue("acme")


async def add(client, to=TO, code=CODE, **fields):
    response = await client.post(PATH, {"to": to, "code": code} | fields)
    assert response.status == 201, response.json()
    return response.json()


async def delete(client, entry_id):
    return await client.call("DELETE", f"{PATH}/{entry_id}")


async def rows(client):
    return (await client.get(PATH)).json()["data"]


async def send(client, to=TO, **fields):
    response = await client.post("/v1/sms/otp", {"to": to} | fields)
    assert response.status == 200, response.json()
    return response.json()


async def verify(client, code, to=TO, **fields):
    response = await client.post("/v1/sms/verify", {"to": to, "code": code} | fields)
    assert response.status == 200, response.json()
    return response.json()["valid"]


async def state(client, sent):
    return (await client.get(f"/v1/verifications/{sent['request_id']}")).json()["state"]


async def test_a_test_number_is_added_listed_and_removed(client):
    entry = await add(client, ttl_s=DAY_S)
    assert read(TEST_NUMBER, entry["id"]) is not None
    assert entry | {"id": ""} == {
        "id": "",
        "to": TO,
        "mode": "live",
        "created_at": "2026-11-28T08:00:00.000000Z",
        "expires_at": "2026-11-29T08:00:00.000000Z",
    }
    assert await rows(client) == [entry]
    gone = await delete(client, entry["id"])
    assert (gone.status, gone.json()) == (200, entry)
    assert await rows(client) == []
    assert (await delete(client, entry["id"])).status == 404


async def test_it_lasts_thirty_days_unless_told_and_bare_numbers_are_read_in_the_region(client):
    entry = await add(client, "138 0013 8000")
    assert (entry["to"], entry["expires_at"]) == ("+8613800138000", "2026-12-28T08:00:00.000000Z")


@pytest.mark.parametrize("mode", Mode)
async def test_no_message_goes_to_it_and_its_own_code_is_the_right_one(office, mode):
    client = await office.issue("acme", mode)
    before = (await client.get("/v1/account")).json()["balance"]
    assert (await add(client))["mode"] == mode
    sent = await send(client)
    assert (sent["sms_id"], sent["state"], sent["resend_at"]) == (
        None,
        "pending",
        "2026-11-28T08:00:00.000000Z",
    )
    record = (await client.get(f"/v1/verifications/{sent['request_id']}")).json()
    assert (record["test_number"], record["sms_ids"], record["mode"]) == (True, [], mode)
    assert (await client.get("/v1/sms")).json()["data"] == []
    assert (await client.get("/v1/account")).json()["balance"] == before
    assert await verify(client, CODE)
    assert not await verify(client, CODE)
    assert await state(client, sent) == "verified"


async def test_one_that_a_test_key_made_opens_nothing_for_live_keys(office, client):
    test = await office.issue("acme", Mode.TEST)
    await add(test, code="111111")
    sent = await send(client)
    assert sent["sms_id"] is not None
    assert not await verify(client, "111111")
    assert (await state(client, sent)) == "pending"
    assert await rows(client) == []
    assert (await send(test))["sms_id"] is None
    assert await verify(test, "111111")


async def test_a_test_key_sees_removes_and_replaces_none_of_live_keys(office, client):
    test = await office.issue("acme", Mode.TEST)
    entry = await add(client)
    sent = await send(client)
    assert await rows(test) == []
    refused = await delete(test, entry["id"])
    assert (refused.status, refused.json()["code"]) == (404, "not_found")
    own = await add(test, code="111111")
    assert (await rows(client), await rows(test)) == ([entry], [own])
    assert (await delete(test, own["id"])).status == 200
    assert await state(client, sent) == "pending"
    assert await verify(client, CODE)


async def test_a_rehearsed_request_is_no_answer_to_the_live_one_of_the_same_key(office, client):
    test = await office.issue("acme", Mode.TEST)
    document = {"to": TO, "code": CODE, "idempotency_key": "k"}
    assert (await test.post(PATH, document)).json()["mode"] == "test"
    refused = await client.post(PATH, document)
    assert (refused.status, refused.json()["code"]) == (422, "idempotency_key_reused")


async def test_it_may_be_asked_for_at_once_again_and_wrong_codes_lock_it_like_any(client):
    await add(client)
    sent = [await send(client) for _ in range(12)]
    assert len({each["request_id"] for each in sent}) == 1
    for _ in range(5):
        assert not await verify(client, "000000")
    assert not await verify(client, CODE)
    assert await state(client, sent[0]) == "locked"
    assert (await send(client))["request_id"] != sent[0]["request_id"]
    assert await verify(client, CODE)


async def test_a_code_is_read_as_a_check_reads_it(client):
    await add(client, code=" 12-34 ５６")
    await send(client)
    assert await verify(client, "123456")


async def test_a_binding_must_be_named_for_a_test_number_too(client):
    await add(client)
    await send(client, amount="99.00 CNY")
    assert not await verify(client, CODE)
    assert await verify(client, CODE, amount="99.00 CNY")


async def test_a_number_that_becomes_one_gets_a_new_verification_at_its_next_code(office, client):
    sent = await send(client)
    account_id = (await office.administer.account("acme")).id
    query = FindChallenge(account_id, Mode.LIVE, TO, "default", office.clock.at)
    shown = CODES.code((await office.store.read(query)).verification.seed)
    entry = await add(client)
    assert not await verify(client, CODE)  # what was sent before is still what is asked for
    fixed = await send(client)
    assert fixed["request_id"] != sent["request_id"]
    assert (await state(client, sent), fixed["sms_id"]) == ("canceled", None)
    assert not await verify(client, shown)
    assert (await delete(client, entry["id"])).status == 200
    office.clock.at += 61 * SECOND
    usual = await send(client)
    assert usual["request_id"] != fixed["request_id"]
    assert usual["sms_id"] is not None
    assert await state(client, fixed) == "canceled"
    assert not await verify(client, CODE)


async def test_another_code_for_it_makes_a_new_verification_at_its_next_code(client):
    await add(client)
    first = await send(client)
    await add(client, code="123456")
    assert len(await rows(client)) == 1
    second = await send(client)
    assert second["request_id"] != first["request_id"]
    assert not await verify(client, CODE)
    assert await verify(client, "123456")


async def test_the_code_of_one_that_is_removed_or_replaced_opens_nothing_at_once(client):
    entry = await add(client)
    sent = await send(client)
    assert (await delete(client, entry["id"])).status == 200
    assert await state(client, sent) == "canceled"
    assert not await verify(client, CODE)
    await add(client)
    again = await send(client)
    await add(client, code="97531024")
    assert await state(client, again) == "canceled"
    assert not await verify(client, CODE)


async def test_when_its_time_is_over_it_is_a_number_like_any_other(office, client):
    await add(client, ttl_s=60)
    first = await send(client)
    office.clock.at += 60 * SECOND
    assert await rows(client) == []
    second = await send(client)
    assert second["request_id"] != first["request_id"]
    assert second["sms_id"] is not None


async def test_it_is_a_test_number_of_one_account_alone(office, client):
    await add(client)
    other = await office.issue("other")
    assert await rows(other) == []
    assert (await send(other))["sms_id"] is not None
    assert not await verify(other, CODE)


async def test_one_key_adds_one_and_the_kept_reply_is_the_first_one(client):
    document = {"to": TO, "code": CODE, "idempotency_key": "k"}
    first = await client.post(PATH, document)
    again = await client.post(PATH, {"to": TO, "code": CODE}, headers={"idempotency-key": "k"})
    assert (again.status, again.body, again.headers["idempotent-replayed"]) == (201, first.body, "true")
    for other in ({"code": "123456"}, {"to": OTHER}, {"ttl_s": 60}):
        refused = await client.post(PATH, document | other)
        assert (refused.status, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert await rows(client) == [first.json()]


async def test_its_code_stands_in_no_answer_no_log_and_nowhere_on_disk(office, client, tmp_path):
    with capture_logs() as logs:
        told = [
            await client.post(PATH, {"to": TO, "code": CODE, "idempotency_key": "k"}),
            await client.post(PATH, {"to": TO, "code": CODE, "idempotency_key": "k"}),
            await client.get(PATH),
            await client.post("/v1/sms/otp", {"to": TO, "idempotency_key": "k"}),
            await client.post("/v1/sms/verify", {"to": TO, "code": CODE, "idempotency_key": "k"}),
            await client.get("/v1/verifications"),
            await client.post(PATH, {"to": "12", "code": CODE}),
            await client.post(PATH, {"to": OTHER, "code": CODE, "ttl_s": 1}),
        ]
    assert [response.status for response in told] == [201, 201, 200, 200, 200, 200, 400, 400]
    assert told[4].json()["valid"] is True
    assert not [response for response in told if CODE.encode() in response.body]
    assert CODE not in str(logs)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not [file.name for file in files if CODE.encode() in file.read_bytes()]


async def test_an_account_has_twenty_of_them_at_most(client):
    for last in range(20):
        await add(client, f"+8613800138{last:03d}")
    refused = await client.post(PATH, {"to": TO, "code": CODE})
    assert (refused.status, refused.json()["code"]) == (409, "too_many")
    assert "20" in refused.json()["detail"]
    await add(client, "+8613800138000", code="123456")
    listed = await rows(client)
    assert len(listed) == 20
    assert listed[0]["to"] == "+8613800138000"
    assert (await delete(client, listed[0]["id"])).status == 200
    await add(client)


@pytest.mark.parametrize(
    ("document", "code", "param"),
    [
        ({"code": CODE}, "missing_field", "to"),
        ({"to": TO}, "missing_field", "code"),
        ({"to": "12", "code": CODE}, "invalid_number", "to"),
        ({"to": f"\u200b{TO}", "code": CODE}, "invisible_characters", "to"),
        *[
            ({"to": TO, "code": code}, "invalid_value", "code")
            for code in ("", "123", "12345678901", "12a4", "-", "1" * 65, "１２３")
        ],
        ({"to": TO, "code": 123456}, "wrong_type", "code"),
        ({"to": TO, "code": CODE, "ttl_s": 59}, "invalid_value", "ttl_s"),
        ({"to": TO, "code": CODE, "ttl_s": 90 * DAY_S + 1}, "invalid_value", "ttl_s"),
        ({"to": TO, "code": CODE, "ttl_s": "60"}, "wrong_type", "ttl_s"),
        ({"to": TO, "code": CODE, "purpose": "x"}, "unknown_field", "purpose"),
        ({"to": TO, "code": CODE, "idempotency_key": ""}, "idempotency_key_invalid", "idempotency_key"),
    ],
)
async def test_what_will_not_do_is_refused_by_its_field(client, document, code, param):
    response = await client.post(PATH, document)
    assert (response.status, response.json()["code"], response.json()["param"]) == (400, code, param)
    if param == "code" and code == "invalid_value":
        assert "4 to 10 digits" in response.json()["detail"]
    assert await rows(client) == []


@pytest.mark.parametrize("code", ["1234", "12345", "1-2 3４5"])
async def test_a_code_that_is_soon_guessed_will_not_do_for_live_keys(office, client, code):
    refused = await client.post(PATH, {"to": TO, "code": code})
    assert (refused.status, refused.json()["code"], refused.json()["param"]) == (400, "invalid_value", "code")
    assert await rows(client) == []
    await add(await office.issue("acme", Mode.TEST), code=code)


@pytest.mark.parametrize("ttl_s", [60, 90 * DAY_S])
@pytest.mark.parametrize(
    ("mode", "code"),
    [(Mode.LIVE, "123456"), (Mode.LIVE, "1234567890"), (Mode.TEST, "1234"), (Mode.TEST, "1234567890")],
)
async def test_its_bounds_belong_to_it(office, ttl_s, mode, code):
    client = await office.issue("acme", mode)
    await add(client, ttl_s=ttl_s, code=code)
    await send(client)
    assert await verify(client, code)


async def test_foreign_unknown_and_malformed_ids_are_not_found_alike(office, client):
    other = await office.issue("other")
    foreign = (await add(other))["id"]
    for entry_id in (foreign, NOBODY, "nothing", "tst_", TO):
        response = await delete(client, entry_id)
        assert (response.status, response.json()["code"]) == (404, "not_found")
        assert response.json()["detail"] == "Your account has no test number with this id."
    assert len(await rows(other)) == 1


async def test_looking_and_changing_need_their_scopes(office):
    reader = await office.issue("acme", scopes=frozenset({"guard:read"}))
    writer = await office.issue("acme", scopes=frozenset({"guard:write"}))
    sender = await office.issue("acme", scopes=frozenset({"messages:write", "messages:read"}))
    entry = await add(writer)
    for client, allowed in ((reader, True), (writer, False), (sender, False)):
        assert (await client.get(PATH)).status == (200 if allowed else 403)
    for client in (reader, sender):
        assert (await client.post(PATH, {"to": TO, "code": CODE})).status == 403
        assert (await delete(client, entry["id"])).status == 403
    assert (await delete(writer, entry["id"])).status == 200
