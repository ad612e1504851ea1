"""One-time passwords on a real server: sent, read on the simulated handset, checked, shown nowhere else."""

import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.e2e.house import House, handset, number, record, trace, until
from tests.e2e.nursery import forked
from tests.e2e.premises import furnish, key_of
from tests.e2e.server import HOST, Server, environment, wait_until

SIX = re.compile(r"(?<!\d)\d{6}(?!\d)")


def ask(api: httpx2.Client, to: str, **fields: object) -> Any:
    """Ask for a code; it must be sent."""
    reply = api.post("/v1/sms/otp", json={"to": to, **fields})
    assert reply.status_code == 200, reply.text
    return reply.json()


def check(api: httpx2.Client, to: str, code: str, **fields: object) -> Any:
    """Check a code; the answer."""
    reply = api.post("/v1/sms/verify", json={"to": to, "code": code, **fields})
    assert reply.status_code == 200, reply.text
    return reply.json()


def shown(api: httpx2.Client, to: str, count: int = 1) -> list[str]:
    """The texts on a handset once there are so many, newest first."""
    wait_until(lambda: len(handset(api, to)) >= count, within_s=10.0, what=f"{count} on {to}")
    return [each["text"] for each in handset(api, to)]


def code_on(api: httpx2.Client, to: str) -> str:
    """The code on a handset; the same in all of its texts."""
    [code] = {str(code) for text in shown(api, to) for code in SIX.findall(text)}
    return code


def test_a_code_goes_to_the_handset_and_is_good_once(api):
    to = number()
    sent = ask(api, to)
    [text] = shown(api, to)
    code = code_on(api, to)
    assert text == f"您的验证码是{code},5分钟内有效,请勿告知他人。"
    assert check(api, to, f"{(int(code) + 1) % 10**6:06d}") == {"valid": False}
    told = check(api, to, code, request_id=sent["request_id"])
    assert (told["valid"], told["request_id"]) == (True, sent["request_id"])
    assert check(api, to, code) == {"valid": False}
    delivered = until(api, sent["sms_id"], "delivered")
    assert (delivered["purpose"], delivered["segments"], delivered["price"]["amount"]) == ("otp", 1, "0.05")


def test_abroad_the_text_is_english_and_ends_for_autofill(api):
    to = "+14155550123"
    ask(api, to, domain="example.com")
    [text] = shown(api, to)
    code = SIX.findall(text)[0]
    said = f"Your verification code is {code}. It expires in 5 minutes. Do not share it."
    assert text == f"{said}\n@example.com #{code}"
    assert check(api, to, code)["valid"] is True


def test_a_template_is_filled_with_the_code(api):
    to = number()
    made = {"kind": "otp", "name": "登录", "text": "{name}您好,验证码{code},{minutes}分钟有效"}
    template = api.post("/v1/templates", json=made).json()["template_id"]
    ask(api, to, template_id=template, params={"name": "欧阳"}, ttl_s=61, signature="驿站")
    [text] = shown(api, to)
    code = code_on(api, to)
    assert text == f"【驿站】欧阳您好,验证码{code},2分钟有效"
    assert check(api, to, code)["valid"] is True


def test_purposes_have_codes_of_their_own(api):
    to = number()
    purposes = ("登录", "pay", "reset", "bind", "close")
    for place, purpose in enumerate(purposes, 1):
        ask(api, to, purpose=purpose)
        shown(api, to, place)
    codes = [SIX.findall(text)[0] for text in reversed(shown(api, to, len(purposes)))]
    assert len(set(codes)) > 1
    for purpose, code in zip(purposes, codes, strict=True):
        for another in set(purposes) - {purpose}:
            if codes[purposes.index(another)] != code:
                assert check(api, to, code, purpose=another) == {"valid": False}
        assert check(api, to, code, purpose=purpose)["valid"] is True
    refused = api.post("/v1/sms/otp", json={"to": to, "purpose": "more"})
    assert (refused.status_code, refused.json()["code"]) == (429, "recipient_limited")


def test_a_second_one_too_soon_is_refused_with_the_time_to_wait(api):
    to = number()
    ask(api, to)
    refused = api.post("/v1/sms/otp", json={"to": to})
    assert (refused.status_code, refused.json()["code"]) == (429, "otp_cooldown")
    assert 50 <= int(refused.headers["retry-after"]) <= 60


def test_a_code_that_nobody_would_take_is_asked_for_again_at_once_and_no_more_than_five_times(api):
    to = number("0002")
    for _ in range(5):
        until(api, ask(api, to)["sms_id"], "failed")
    refused = api.post("/v1/sms/otp", json={"to": to})
    assert (refused.status_code, refused.json()["code"]) == (429, "recipient_limited")


def test_many_at_once_get_a_code_for_one_test_number_and_one_of_them_for_a_real_one(api):
    test, real = number(), number()
    assert api.post("/v1/test-numbers", json={"to": test, "code": "246810"}).status_code == 201
    with ThreadPoolExecutor(20) as crowd:
        of_test, of_real = (
            Counter(
                crowd.map(lambda _, to=to: api.post("/v1/sms/otp", json={"to": to}).status_code, range(40))
            )
            for to in (test, real)
        )
    assert of_test == {200: 40}
    assert of_real == {200: 1, 429: 39}


# --------------------------------------------------------------------------------- the simulator's fates


@pytest.mark.parametrize(
    ("digits", "states", "count"),
    [
        ("0001", ("failed",), 0),
        ("0002", ("failed",), 0),
        ("0003", ("sent",), 1),
        ("0004", ("sent",), 1),
        ("0005", ("delivered",), 1),
        ("0006", ("delivered",), 1),
        ("0007", ("delivered",), 1),
        ("0008", ("delivered",), 1),
        ("0009", ("undelivered",), 1),
    ],
)
def test_whatever_becomes_of_the_message_a_code_that_arrived_is_good(api, digits, states, count):
    to = number(digits)
    sent = ask(api, to)
    until(api, sent["sms_id"], *states, within_s=10.0)
    assert len(handset(api, to)) == count
    if count:
        assert check(api, to, code_on(api, to))["valid"] is True
    else:
        assert check(api, to, "000000", request_id="otp_none") == {"valid": False}


# ------------------------------------------------------------------------------------- nowhere else


@pytest.fixture
def data(tmp_path):
    furnish(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def server(data):
    server = Server(data, forked)
    yield server
    server.close()


def test_no_surface_shows_a_code(data, server):
    (data / "posthouse.toml").write_text('log_level = "debug"\n', encoding="utf-8")
    codes, pages = [], []
    with House(server.start(), key_of(data), {}).caller() as api:
        made = {"kind": "otp", "name": "登录", "text": "{name} {code}"}
        template = api.post("/v1/templates", json=made).json()["template_id"]
        sent = []
        for place, digits in enumerate(("8000", "0003", "0005", "0008", "8001")):
            to = number(digits)
            named = {"template_id": template, "params": {"name": "Ada"}} if place % 2 else {}
            sent.append(ask(api, to, length=10, purpose=f"p{place}", domain="example.com", **named))
            [text] = shown(api, to)
            codes += re.findall(r"(?<!\d)\d{10}(?!\d)", text)[:1]
            check(api, to, codes[-1][:-1] + str((int(codes[-1][-1]) + 1) % 10), purpose=f"p{place}")
        until(api, sent[0]["sms_id"], "delivered")
        to = sent[0]["to"]
        for code in codes:
            api.post(
                "/v1/sms/verify", json={"to": to, "code": code, "purpose": "p0", "idempotency_key": code[:4]}
            )
        for each in sent:
            pages += [record(api, each["sms_id"]), trace(api, each["sms_id"]), each]
        for path in ("/v1/sms", "/v1/sms?limit=100", "/v1/account", "/v1/verifications"):
            pages.append(api.get(path).text)
        shared = {"X-API-Key": "none", "X-API-Secret": "none"}
        pages.append(api.get("/api/sms/records", headers=shared).text)
        pages.append(httpx2.get(f"http://{HOST}:{server.port}/metrics").text)
    for words in (("messages", "export"), ("messages", "export", "--format", "ndjson"), ("messages", "list")):
        pages.append(posthouse(*words, data=data))
    server.stop()
    pages.append(server.log.read_text(encoding="utf-8"))
    assert len(codes) == len(set(codes)) == 5
    everything = "\n".join(map(str, pages))
    assert sent[0]["sms_id"] in everything
    assert "accepted" in pages[-1]  # the log tells every message
    assert [code for code in codes if code in everything] == []
    assert "验证码是" not in everything


def posthouse(*words: str, data: Any) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "posthouse", *words, "--data", str(data)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


# ------------------------------------------------------------------------------------------- restarts


@pytest.mark.parametrize("end", [Server.stop, Server.kill])
def test_a_code_outlives_the_server_that_sent_it(data, server, end):
    to, other = number(), number()
    with House(server.start(), key_of(data), {}).caller() as api:
        sent = ask(api, to)
        code = code_on(api, to)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        for _ in range(4):
            assert check(api, to, wrong) == {"valid": False}
        ask(api, other)
        used = code_on(api, other)
        first = api.post("/v1/sms/verify", json={"to": other, "code": used, "idempotency_key": "k"})
    end(server)
    with House(server.start(), key_of(data), {}).caller() as api:
        refused = api.post("/v1/sms/otp", json={"to": to})
        assert refused.json()["code"] == "otp_cooldown"
        assert check(api, to, code)["request_id"] == sent["request_id"]
        assert check(api, to, code) == {"valid": False}
        assert check(api, other, used) == {"valid": False}
        again = api.post("/v1/sms/verify", json={"to": other, "code": used, "idempotency_key": "k"})
        assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
        assert again.json()["valid"] is True


def test_checks_that_were_used_stay_used_after_a_kill(data, server):
    to = number()
    with House(server.start(), key_of(data), {}).caller() as api:
        ask(api, to)
        code = code_on(api, to)
        for _ in range(5):
            check(api, to, f"{(int(code) + 1) % 10**6:06d}")
    server.kill()
    with House(server.start(), key_of(data), {}).caller() as api:
        assert check(api, to, code) == {"valid": False}


@pytest.mark.parametrize("failpoint", ["attempt-committed", "vendor-taken", "vendor-replied"])
def test_a_server_that_dies_while_it_sends_sends_the_same_code(data, server, failpoint):
    to = number()
    with House(server.start(failpoint), key_of(data), {}).caller() as api:
        sent = ask(api, to)
        server.died(within_s=10.0)
    with House(server.start(), key_of(data), {}).caller() as api:
        until(api, sent["sms_id"], "delivered", within_s=15.0)
        assert check(api, to, code_on(api, to))["request_id"] == sent["request_id"]
