"""From an empty directory to a delivered message, stopped and started again: on real processes."""

import json
import re
import shutil
import subprocess
import time
from decimal import Decimal

import pytest

from tests.e2e.house import House, available, handset, kinds, number, record, send, trace, until
from tests.e2e.server import Server, command, wait_until


def test_init_prints_one_credential_in_all_its_forms_and_keeps_its_secrets_to_the_owner(house):
    assert house.issued.keys() == {"account", "key", "api_key", "api_secret"}
    assert house.issued["account"] == "default"
    assert house.issued["key"].startswith("ph_live_")
    files = {path.name: path for path in house.server.data.iterdir()}
    for name in ("secret.key", "posthouse.db", "sandbox.db"):
        assert files[name].stat().st_mode & 0o077 == 0, name
    stored = b"".join(path.read_bytes() for path in files.values())
    assert house.issued["key"].encode() not in stored
    assert house.issued["api_secret"].encode() not in stored


def test_a_first_message_is_accepted_then_delivered_within_a_second_or_so(api):
    to = number()
    before = Decimal(available(api))
    accepted = send(api, to, "您好, first message", reference="first", metadata={"order": "4711"})
    since = time.monotonic()
    assert accepted["to"] == to
    assert accepted["state"] == "queued"
    assert accepted["vendor"] is None
    assert accepted["segments"] == 1
    assert accepted["price"] == {"amount": "0.05", "currency": "CNY"}
    delivered = until(api, accepted["sms_id"], "delivered")
    assert time.monotonic() - since < 2.0
    assert delivered["vendor"] == "sandbox"
    assert delivered["simulated"] is True
    assert delivered["attempts"] == 1
    assert delivered["reference"] == "first"
    assert delivered["metadata"] == {"order": "4711"}
    assert [(shown["sms_id"], shown["text"]) for shown in handset(api, to)] == [
        (accepted["sms_id"], "您好, first message")
    ]
    assert before - Decimal(available(api)) == Decimal("0.05")


def test_a_delivered_message_explains_itself(api):
    accepted = send(api, number())
    until(api, accepted["sms_id"], "delivered")
    story = trace(api, accepted["sms_id"])
    assert story["message"] == record(api, accepted["sms_id"])
    assert kinds(story) == ["accepted", "sending", "sent", "delivered"]
    [attempt] = story["attempts"]
    assert (attempt["number"], attempt["channel"], attempt["outcome"]) == (1, "sandbox", "delivered")
    assert attempt["started_at"] <= attempt["answered_at"] <= attempt["settled_at"]
    assert story["events"][1]["data"]["considered"] == [{"channel": "sandbox", "why": "chosen"}]


def test_the_account_counts_what_it_sent_and_what_it_spent(api):
    before = api.get("/v1/account").json()
    until(api, send(api, number())["sms_id"], "delivered")
    after = api.get("/v1/account").json()
    assert after["total_sent"] == before["total_sent"] + 1
    assert Decimal(after["balance"]["spent"]) - Decimal(before["balance"]["spent"]) == Decimal("0.05")
    assert after["status"] == "approved"


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    yield server
    server.close()


def test_the_printed_line_sends_a_message_and_a_second_start_shows_the_same_key_and_still_has_it(server):
    house = House(server.start(), _shown_key(server))
    [line] = [line for line in server.log_tail().splitlines() if line.startswith("curl ")]
    with house.caller() as api:
        sms_id = _pasted(line)["sms_id"] if shutil.which("curl") else send(api, number())["sms_id"]
        until(api, sms_id, "delivered")
    server.stop()
    server.log.unlink()
    server.start()
    assert _shown_key(server) == house.key
    assert (server.data / "key").read_text().strip() == house.key
    assert (server.data / "key").stat().st_mode & 0o077 == 0
    with house.caller() as api:
        assert record(api, sms_id)["state"] == "delivered"
        until(api, send(api, number())["sms_id"], "delivered")
    assert command(server.data, "ledger", "check")["drifts"] == []


def _pasted(line):
    """What a shell answers to the printed line."""
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=20, check=True)
    return json.loads(done.stdout)


def _shown_key(server):
    """The key in what the server printed, and in the line that is there to be pasted."""
    wait_until(lambda: "curl" in server.log_tail(), within_s=5, what="the server does not say how to send")
    said = server.log_tail()
    keys = set(re.findall(r"ph_live_\w+", said))
    assert len(keys) == 1, said
    return keys.pop()
