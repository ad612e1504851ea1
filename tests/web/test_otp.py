"""`POST /v1/sms/otp` and `/v1/sms/verify`: their replies, equal where they must tell nothing."""

import json
from typing import Any

import pytest

from posthouse.core.message import Mode
from posthouse.core.otp import CHECKS_MAX
from tests.web.client import Response
from tests.web.codes import GIVEN, GOOD, OTP, OWN_TO_EACH, SHOWN, VERIFY, Desk, open_desk, problem
from tests.web.office import Office


@pytest.fixture
async def desk(office: Office) -> Desk:
    return await open_desk(office)


# ------------------------------------------------------------------------------------------------- replies


async def test_a_code_is_answered_with_where_it_stands(desk):
    reply = await desk.sent()
    assert reply["request_id"].startswith("otp_")
    assert reply["sms_id"].startswith("sms_")
    assert {name: value for name, value in reply.items() if name not in ("request_id", "sms_id")} == {
        "expires_at": "2026-11-28T08:05:00.000000Z",
        "state": "pending",
        "to": SHOWN,
        "purpose": "default",
        "resend_at": "2026-11-28T08:01:00.000000Z",
    }


async def test_every_field_may_be_given_and_null_is_as_good_as_absent(desk):
    every: dict[str, Any] = {
        "template_id": "login",
        "params": {"name": "Ada"},
        "purpose": "登录",
        "length": 10,
        "ttl_s": 600,
        "signature": "驿站",
        "from": "1069",
        "vendor": "sandbox",
        "ip": "2001:db8::1",
        "domain": "example.com",
        "amount": "99.00 CNY",
        "payee": "ACME",
        "another_channel": True,
        "idempotency_key": "k",
    }
    made = {"id": "login", "name": "login", "kind": "otp", "text": "{name}: {code} ({minutes})"}
    assert (await desk.client.post("/v1/templates", made)).status == 201
    reply = await desk.sent(**every)
    assert (reply["purpose"], reply["expires_at"]) == ("登录", "2026-11-28T08:10:00.000000Z")
    null = [name for name in every if name not in ("purpose", "length", "ttl_s", "another_channel")]
    assert (await desk.ask(to="+14155550123", **dict.fromkeys(null))).status == 200


async def test_a_resend_is_the_same_request(desk):
    first = await desk.sent()
    desk.later(60)
    again = await desk.sent()
    assert again["request_id"] == first["request_id"]
    assert again["expires_at"] == first["expires_at"]
    assert again["sms_id"] != first["sms_id"]
    assert again["resend_at"] == "2026-11-28T08:03:00.000000Z"


async def test_another_length_is_another_request(desk):
    first = await desk.sent()
    desk.later(60)
    assert (await desk.sent(length=8))["request_id"] != first["request_id"]


async def test_no_reply_shows_the_code(desk):
    shown = (await desk.ask(length=10)).body
    code = (await desk.code()).encode()
    sms_id = json.loads(shown)["sms_id"]
    for path in ("", "/trace"):
        shown += (await desk.client.get(f"/v1/sms/{sms_id}{path}")).body
    shown += (await desk.client.get("/v1/sms")).body
    assert code not in shown


async def test_the_right_code_is_valid_once_and_the_answer_says_of_which_request(desk):
    sent = await desk.sent()
    code = await desk.code()
    desk.later(7)
    right = await desk.check(code)
    assert right.json() == {
        "valid": True,
        "request_id": sent["request_id"],
        "verified_at": "2026-11-28T08:00:07.000000Z",
    }
    assert (await desk.check(code)).json() == {"valid": False}


async def test_codes_are_read_as_people_type_them(desk):
    await desk.sent()
    code = await desk.code()
    typed = f" {code[:3]} - {''.join(chr(ord(char) + 0xFEE0) for char in code[3:])} "
    assert (await desk.check(typed)).json()["valid"] is True


async def test_a_check_may_name_its_request(desk):
    sent = await desk.sent()
    assert (await desk.check(await desk.code(), request_id=sent["request_id"])).json()["valid"] is True


async def test_a_bound_code_wants_the_same_amount_and_payee(desk):
    bound = {"amount": "99.00 CNY", "payee": "ACME"}
    await desk.sent(**bound)
    code = await desk.code()
    for other in ({}, {"amount": "99.00 CNY"}, {"payee": "ACME"}, bound | {"amount": "99.0 CNY"}):
        assert (await desk.check(code, **other)).json() == {"valid": False}
    assert (await desk.check(code, **bound)).json()["valid"] is True


# ------------------------------------------------------------------------------------------- equal answers


async def test_whatever_is_wrong_the_answer_is_the_same_to_the_byte(desk):
    answers = {"unknown": await desk.check("123456")}
    first = await desk.sent()
    code, wrong = await desk.code(), await desk.wrong()
    answers["wrong"] = await desk.check(wrong)
    answers["malformed"] = await desk.check("no code")
    answers["too short"] = await desk.check("1")
    answers["other purpose"] = await desk.check(code, purpose="login")
    answers["other number"] = await desk.check(code, to="+14155550123")
    answers["bound elsewhere"] = await desk.check(code, amount="1")
    for name in ("nonsense", "otp_0000000000001", "sms_" + first["request_id"][4:], "otp_"):
        answers[f"id {name}"] = await desk.check(code, request_id=name)
    other = await desk.issue("other")
    answers["other account"] = await other.check(code, request_id=first["request_id"])
    test = await desk.issue(mode=Mode.TEST)
    answers["other mode"] = await test.check(code)
    for _ in range(CHECKS_MAX):
        answers["locked"] = await desk.check(wrong)
    answers["locked, right"] = await desk.check(code)
    desk.later(60)
    await desk.sent()
    code = await desk.code()
    answers["replaced"] = await desk.check(code, request_id=first["request_id"])
    assert (await desk.check(code)).json()["valid"] is True
    answers["used"] = await desk.check(code)
    await desk.sent()
    code = await desk.code()
    desk.later(300)
    answers["expired"] = await desk.check(code)
    assert {response.body for response in answers.values()} == {b'{"valid":false}'}
    told = [
        (
            response.status,
            {name: value for name, value in response.headers.items() if name not in OWN_TO_EACH},
        )
        for response in answers.values()
    ]
    assert all(each == told[0] for each in told), dict(zip(answers, told, strict=True))
    assert told[0][0] == 200


async def test_language_makes_no_difference_to_an_answer(desk):
    for language in ("zh", "en"):
        response = await desk.client.post(VERIFY, GIVEN, language=language)
        assert response.body == b'{"valid":false}'


# --------------------------------------------------------------------------------------------- idempotency


@pytest.mark.parametrize("where", ["header", "body"])
async def test_a_repeated_wish_gets_the_first_reply_again(desk, where):
    async def ask() -> Response:
        in_body = where == "body"
        request = GOOD | ({"idempotency_key": "k"} if in_body else {})
        headers = {} if in_body else {"idempotency-key": "k"}
        reply: Response = await desk.client.post(OTP, request, headers=headers)
        return reply

    first = await ask()
    desk.later(10)  # within the pause
    again = await ask()
    assert (again.status, again.body) == (200, first.body)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    desk.later(7200)  # long after the code has expired
    assert (await ask()).body == first.body
    assert len((await desk.client.get("/v1/sms")).json()["data"]) == 1


async def test_a_wish_that_would_be_refused_by_now_gets_its_first_reply(desk):
    made = {"id": "login", "name": "login", "kind": "otp", "text": "{code}"}
    await desk.client.post("/v1/templates", made)
    wish = {"template_id": "login", "idempotency_key": "k"}
    first = await desk.ask(**wish)
    assert first.status == 200
    assert (await desk.client.call("DELETE", "/v1/templates/login")).status in (200, 204)
    again = await desk.ask(**wish)
    assert (again.body, again.headers["idempotent-replayed"]) == (first.body, "true")


async def test_another_wish_under_a_used_key_is_refused(desk):
    await desk.sent(idempotency_key="k")
    for other in ({"purpose": "login"}, {"to": "+14155550123"}, {"length": 7}):
        assert problem(await desk.ask(idempotency_key="k", **other))[:2] == (422, "idempotency_key_reused")


async def test_a_repeated_check_says_valid_again(desk):
    await desk.sent()
    code = await desk.code()
    first = await desk.check(code, idempotency_key="k")
    desk.later(3600)
    again = await desk.check(code, {"idempotency-key": "k"})
    assert (again.status, again.body) == (200, first.body)
    assert json.loads(again.body)["valid"] is True
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")


async def test_a_repeated_wrong_check_is_counted_once(desk):
    await desk.sent()
    wrong = await desk.wrong()
    for turn in range(2 * CHECKS_MAX):
        response = await desk.check(wrong, idempotency_key="k")
        assert response.body == b'{"valid":false}'
        assert ("idempotent-replayed" in response.headers) == (turn > 0)
    assert (await desk.check(await desk.code())).json()["valid"] is True


async def test_another_check_under_a_used_key_is_refused(desk):
    await desk.sent()
    await desk.check(await desk.wrong(), idempotency_key="k")
    response = await desk.check(await desk.code(), idempotency_key="k")
    assert problem(response)[:2] == (422, "idempotency_key_reused")


async def test_the_two_calls_do_not_share_keys_nor_do_accounts_and_modes(desk):
    await desk.sent(idempotency_key="k")
    assert (await desk.check(await desk.code(), idempotency_key="k")).json()["valid"] is True
    other = await desk.issue("other")
    assert "idempotent-replayed" not in (await other.ask(idempotency_key="k")).headers
    test = await desk.issue(mode=Mode.TEST)
    assert problem(await test.ask(idempotency_key="k"))[1] == "idempotency_key_reused"
