"""What one-time passwords say is in no file of an installation, before they go and after."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.house import House, handset, number, until
from tests.e2e.premises import furnish, key_of
from tests.e2e.server import Server, command

NAME = "欧阳修远之"


@pytest.fixture
def data(tmp_path) -> Path:
    """An installation of its own, whose files are searched."""
    data: Path = tmp_path / "data"
    furnish(data)
    return data


@pytest.fixture
def house(data) -> Iterator[House]:
    server = Server(data)
    try:
        yield House(server.start(), key_of(data), {})
    finally:
        server.close()


def filled(code: str) -> dict[str, str]:
    return {"name": NAME, "code": code}


def found(data: Path, *clear: str) -> list[tuple[str, str]]:
    """Which of these stand in a file in clear, and in which: in the data directory and the server's log."""
    files = [each for each in data.parent.rglob("*") if each.is_file()]
    assert "posthouse.db" in {each.name for each in files}
    texts = [(each.name, each.read_bytes()) for each in files]
    return [(name, word) for name, held in texts for word in clear if word.encode() in held]


def in_seconds(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


OWN: dict[str, object] = {"template_id": "1"}
VENDORS: dict[str, object] = {"template_id": "SMS_1", "purpose": "otp"}


def test_no_file_holds_the_code_of_a_scheduled_or_a_delivered_one_time_password(data, house):
    codes = [f"73910462{place:02}" for place in range(5)]
    with house.caller() as api:
        for code, template in zip(codes, [OWN, VENDORS, OWN, VENDORS], strict=False):
            to, later = number(), code in codes[:2]
            wanted = {"to": to, "params": filled(code), "send_at": in_seconds(3600 if later else 1)}
            reply = api.post("/v1/sms/send", json=wanted | template | {"idempotency_key": code[-2:]})
            assert reply.status_code == 202, reply.text
            if not later:
                until(api, reply.json()["sms_id"], "delivered", within_s=6.0)
                assert code in handset(api, to)[0]["text"]
        messages = [{"to": number(), "params": filled(codes[4])}]
        batch = OWN | {"messages": messages, "send_at": in_seconds(3600)}
        assert api.post("/v1/sms/batch", json=batch).status_code == 202
        assert found(data, NAME, *codes) == []
    house.server.kill()
    assert found(data, NAME, *codes) == []


def test_no_file_holds_the_text_of_a_one_time_password_and_nothing_but_the_handset_shows_it(data, house):
    codes = [f"73910463{place:02}" for place in range(3)]
    said = [{"to": number(), "body": f"{NAME} {code}"} for code in codes]
    with house.caller() as api:
        replies = [
            api.post("/v1/sms/send", json=wanted | {"purpose": "otp", "send_at": in_seconds(seconds)})
            for wanted, seconds in zip(said, (3600, 1), strict=False)
        ]
        assert [reply.status_code for reply in replies] == [202, 202]
        sms_id = replies[1].json()["sms_id"]
        until(api, sms_id, "delivered", within_s=6.0)
        assert said[1]["body"] in handset(api, said[1]["to"])[0]["text"]
        batch = {"messages": said[2:], "purpose": "otp", "send_at": in_seconds(3600)}
        assert api.post("/v1/sms/batch", json=batch).status_code == 202
        shown = [api.get(path).text for path in (f"/v1/sms/{sms_id}", f"/v1/sms/{sms_id}/trace", "/v1/sms")]
        assert [code for code in codes for text in shown if code in text] == []
        assert found(data, NAME, *codes) == []
    house.server.kill()
    assert found(data, NAME, *codes) == []


def test_a_text_that_is_sent_without_a_server_is_sealed_and_a_server_sends_it(data):
    to, code = number(), "7391046398"
    command(data, "send", to, f"{NAME} {code}", "--purpose", "otp")
    assert found(data, NAME, code) == []
    assert code not in str(command(data, "messages", "list"))
    server = Server(data)
    try:
        with House(server.start(), key_of(data), {}).caller() as api:
            [sms] = api.get("/v1/sms").json()["data"]
            until(api, sms["sms_id"], "delivered")
            assert code in handset(api, to)[0]["text"]
    finally:
        server.close()


def test_a_one_time_password_that_is_sent_without_a_server_is_sealed_and_a_server_sends_it(data):
    to, code = number(), "7391046299"
    words = ["-t", "1", "-v", f"code={code}", "-v", f"name={NAME}"]
    command(data, "send", to, *words)
    assert found(data, NAME, code) == []
    server = Server(data)
    try:
        with House(server.start(), key_of(data), {}).caller() as api:
            [sms] = api.get("/v1/sms").json()["data"]
            until(api, sms["sms_id"], "delivered")
            assert code in handset(api, to)[0]["text"]
    finally:
        server.close()
