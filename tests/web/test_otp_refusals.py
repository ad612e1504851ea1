"""What `POST /v1/sms/otp` and `/v1/sms/verify` refuse: by which code, for which field, for how long."""

from typing import Any

import pytest

from posthouse.core.ids import VERIFICATION, read
from posthouse.core.ports.admin import AccountStatus
from posthouse.services.verify import FAILED_MAX
from tests.web.codes import GIVEN, GOOD, OTP, TO, VERIFY, Desk, open_desk, problem
from tests.web.office import Office


@pytest.fixture
async def desk(office: Office) -> Desk:
    return await open_desk(office)


WISHES: list[tuple[dict[str, Any], str, str]] = [
    ({"to": "12"}, "invalid_number", "to"),
    ({"to": ""}, "invalid_number", "to"),
    ({"to": "+1555\u200b5550123"}, "invisible_characters", "to"),
    ({"to": None}, "wrong_type", "to"),
    ({"to": 13800138000}, "wrong_type", "to"),
    ({"to": [TO]}, "wrong_type", "to"),
    ({"purpose": ""}, "invalid_value", "purpose"),
    ({"purpose": " "}, "invalid_value", "purpose"),
    ({"purpose": "a\nb"}, "invalid_value", "purpose"),
    ({"purpose": "a\u200bb"}, "invalid_value", "purpose"),
    ({"purpose": "x" * 65}, "invalid_value", "purpose"),
    ({"purpose": None}, "wrong_type", "purpose"),
    ({"length": 3}, "invalid_value", "length"),
    ({"length": 11}, "invalid_value", "length"),
    ({"length": 0}, "invalid_value", "length"),
    ({"length": -6}, "invalid_value", "length"),
    ({"length": 10**30}, "invalid_value", "length"),
    ({"length": 6.5}, "wrong_type", "length"),
    ({"length": "6"}, "wrong_type", "length"),
    ({"length": True}, "wrong_type", "length"),
    ({"ttl_s": 59}, "invalid_value", "ttl_s"),
    ({"ttl_s": 601}, "invalid_value", "ttl_s"),
    ({"ttl_s": "300"}, "wrong_type", "ttl_s"),
    ({"template_id": "none"}, "template_not_otp", "template_id"),
    ({"template_id": "news"}, "template_not_otp", "template_id"),
    ({"template_id": "plain"}, "template_not_otp", "template_id"),
    ({"template_id": ""}, "invalid_value", "template_id"),
    ({"template_id": 1}, "wrong_type", "template_id"),
    ({"template_id": "login"}, "missing_param", "params.name"),
    ({"template_id": "login", "params": {"name": "a", "b": "c"}}, "unknown_param", "params.b"),
    ({"template_id": "login", "params": {"name": "a", "code": "1"}}, "unknown_param", "params.code"),
    ({"template_id": "login", "params": {"name": "a【b】"}}, "invalid_param", "params.name"),
    ({"template_id": "login", "params": {"name": "a\x00"}}, "invalid_text", "params.name"),
    ({"template_id": "login", "params": {"name": []}}, "wrong_type", "params.name"),
    ({"template_id": "login", "params": []}, "wrong_type", "params"),
    ({"params": {"name": "a"}}, "unknown_param", "params.name"),
    ({"signature": "【x】"}, "invalid_signature", "signature"),
    ({"signature": ""}, "invalid_signature", "signature"),
    ({"signature": "x" * 100}, "invalid_signature", "signature"),
    ({"from": ""}, "invalid_sender", "from"),
    ({"from": "a\nb"}, "invalid_sender", "from"),
    ({"from": "x" * 100}, "invalid_sender", "from"),
    ({"vendor": "nobody"}, "unknown_vendor", "vendor"),
    ({"ip": "nowhere"}, "invalid_value", "ip"),
    ({"ip": ""}, "invalid_value", "ip"),
    ({"ip": "1.2.3.256"}, "invalid_value", "ip"),
    ({"ip": "x" * 65}, "invalid_value", "ip"),
    ({"ip": 1}, "wrong_type", "ip"),
    ({"domain": "https://example.com"}, "invalid_value", "domain"),
    ({"domain": "x" * 101}, "invalid_value", "domain"),
    ({"app_hash": "short"}, "invalid_value", "app_hash"),
    ({"app_hash": "x" * 21}, "invalid_value", "app_hash"),
    ({"domain": "example.com", "app_hash": "FA+9qCX9VSu"}, "invalid_value", "app_hash"),
    ({"amount": ""}, "invalid_value", "amount"),
    ({"amount": "x" * 101}, "invalid_value", "amount"),
    ({"amount": 99}, "wrong_type", "amount"),
    ({"payee": ""}, "invalid_value", "payee"),
    ({"payee": "a\x00b"}, "invalid_text", "payee"),
    ({"another_channel": "yes"}, "wrong_type", "another_channel"),
    ({"another_channel": None}, "wrong_type", "another_channel"),
    ({"callback_url": "https://example.com"}, "unsupported_field", "callback_url"),
    ({"body": "hi"}, "unknown_field", "body"),
    ({"code": "123456"}, "unknown_field", "code"),
    ({"idempotency_key": ""}, "idempotency_key_invalid", "idempotency_key"),
    ({"idempotency_key": 5}, "wrong_type", "idempotency_key"),
]


async def test_a_bad_wish_is_refused_by_its_field_in_both_languages(desk):
    for name, kind, text in (
        ("login", "otp", "{name}: {code}"),
        ("news", "notification", "{code}"),
        ("plain", "otp", "{name}"),
    ):
        await desk.client.post("/v1/templates", {"id": name, "name": name, "kind": kind, "text": text})
    told, same = [], []
    for fields, code, param in WISHES:
        english, chinese = [
            await desk.client.post(OTP, GOOD | fields, language=language) for language in ("en", "zh")
        ]
        told += [
            (fields, problem(each)) for each in (english, chinese) if problem(each) != (400, code, param)
        ]
        same += [fields] if english.json()["detail"] == chinese.json()["detail"] else []
    assert (told, same) == ([], [])
    assert desk.office.backend.count("messages") == desk.office.backend.count("verifications") == 0


CHECKS: list[tuple[dict[str, Any], str, str]] = [
    ({"to": "12"}, "invalid_number", "to"),
    ({"to": 1}, "wrong_type", "to"),
    ({"to": "+1555\u200b5550123"}, "invisible_characters", "to"),
    ({"code": 123456}, "wrong_type", "code"),
    ({"code": None}, "wrong_type", "code"),
    ({"code": ""}, "invalid_value", "code"),
    ({"code": "1" * 65}, "invalid_value", "code"),
    ({"purpose": ""}, "invalid_value", "purpose"),
    ({"purpose": "a\nb"}, "invalid_value", "purpose"),
    ({"purpose": "x" * 65}, "invalid_value", "purpose"),
    ({"request_id": 1}, "wrong_type", "request_id"),
    ({"request_id": "x" * 65}, "invalid_value", "request_id"),
    ({"amount": ""}, "invalid_value", "amount"),
    ({"payee": "x" * 101}, "invalid_value", "payee"),
    ({"length": 6}, "unknown_field", "length"),
    ({"idempotency_key": "a\nb"}, "idempotency_key_invalid", "idempotency_key"),
]


async def test_a_bad_check_is_refused_by_its_field_and_not_counted(desk):
    answers = [problem(await desk.client.post(VERIFY, GIVEN | fields)) for fields, _, _ in CHECKS]
    assert answers == [(400, code, param) for _, code, param in CHECKS]
    assert desk.office.backend.count("challenges") == 0


@pytest.mark.parametrize(("path", "name"), [(OTP, "to"), (VERIFY, "to"), (VERIFY, "code")])
async def test_what_is_missing_is_named(desk, path, name):
    request = {key: value for key, value in GIVEN.items() if key != name and (path == VERIFY or key == "to")}
    assert problem(await desk.client.post(path, request)) == (400, "missing_field", name)


async def test_a_second_one_too_soon_says_when_to_come_back(desk):
    await desk.sent()
    desk.later(0.5)
    response = await desk.ask()
    assert problem(response) == (429, "otp_cooldown", "to")
    assert (response.headers["retry-after"], response.json()["retryable"]) == ("60", True)
    desk.later(59.5)
    await desk.sent()


async def test_a_sixth_within_an_hour_says_when_to_come_back(desk):
    for purpose in "abcde":
        await desk.sent(purpose=purpose)
    response = await desk.ask(purpose="f")
    assert problem(response) == (429, "recipient_limited", "to")
    assert response.headers["retry-after"] == "3600"


async def test_an_empty_balance_is_told_and_nothing_stored(desk):
    await desk.office.administer.create_account("poor", balance=0, status=AccountStatus.APPROVED)
    client = await desk.issue("poor")
    assert problem(await client.ask())[:2] == (402, "insufficient_balance")
    assert desk.office.backend.count("verifications") == 0


@pytest.mark.parametrize("path", [OTP, VERIFY])
async def test_an_unverified_account_may_not(desk, path):
    await desk.office.administer.create_account("new", balance=1_000_000, status=AccountStatus.PENDING)
    client = await desk.issue("new")
    assert problem(await client.client.post(path, GIVEN if path == VERIFY else GOOD))[:2] == (
        403,
        "account_not_verified",
    )


@pytest.mark.parametrize("path", [OTP, VERIFY])
async def test_a_key_must_be_allowed_to_write(desk, path):
    reader = await desk.issue(scopes=frozenset({"messages:read"}))
    response = await reader.client.post(path, GIVEN if path == VERIFY else GOOD)
    assert (response.status, response.json()["code"]) == (403, "forbidden")


async def test_a_spray_over_many_numbers_pauses_checks_and_says_until_when(desk):
    await desk.office.administer.credit("acme", 100_000_000)
    to = code = ""
    for number in range(FAILED_MAX):
        to = f"+861390000{number:04d}"
        await desk.sent(to=to)
        code = await desk.code(number=to)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        assert (await desk.check(wrong, to=to)).json() == {"valid": False}
    response = await desk.check(code, to=to)
    assert problem(response)[:2] == (429, "checks_paused")
    assert response.headers["retry-after"] == "60"
    desk.later(60)
    assert (await desk.check(code, to=to)).json()["valid"] is True  # nothing was used up meanwhile


async def test_ids_of_requests_are_ids_of_ours(desk):
    assert read(VERIFICATION, (await desk.sent())["request_id"])
