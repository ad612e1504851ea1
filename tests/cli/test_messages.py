"""Sending and looking up, with a server and without."""

import json
import subprocess
import time

import pytest

FINAL = {"delivered", "undelivered", "failed", "expired", "canceled", "unconfirmed"}


def settled(cli, sms_id):
    """The message once it is final; a second is what the sandbox may take."""
    message = cli.json("messages", "get", sms_id)
    for _ in range(100):
        if message["state"] in FINAL:
            break
        time.sleep(0.05)
        message = cli.json("messages", "get", sms_id)
    return message


def test_without_a_server_the_database_takes_the_message(cli):
    record = cli.json("send", "13800138000", "您好")
    assert (record["to"], record["state"], record["segments"]) == ("+8613800138000", "queued", 1)
    assert record["price"] == {"amount": "0.05", "currency": "CNY"}
    assert cli.json("messages", "get", record["sms_id"])["state"] == "queued"
    (account,) = cli.json("accounts", "list")["data"]
    assert account["balance"]["held"] == "0.05"
    assert "will be sent" in cli.well("send", "13800138000", "您好")


def test_lists_mask_numbers_and_filter_states(cli):
    sent = [cli.json("send", "13800138000", f"number {index}")["sms_id"] for index in range(3)]
    listed = cli.json("messages", "list", "--limit", "2")["data"]
    assert [message["sms_id"] for message in listed] == [sent[2], sent[1]]
    assert {message["to"] for message in listed} == {"138****8000"}
    assert cli.json("messages", "list", "--state", "delivered")["data"] == []
    assert "13800138000" not in cli.well("messages", "list")
    assert cli.run("messages", "list", "--state", "lost").exit_code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("send", "13800138000"), 2),
        (("send", "13800138000", "-t", "1", "-v", "code"), 2),
        (("send", "12", "text"), 1),
        (("send", "13800138000", ""), 1),
        (("send", "13800138000", "text", "-t", "1"), 1),
    ],
)
def test_what_cannot_be_sent_is_refused_and_costs_nothing(cli, words, code):
    assert cli.run(*words).exit_code == code
    assert cli.json("messages", "list")["data"] == []
    assert cli.json("accounts", "list")["data"][0]["balance"]["held"] == "0.00"


def test_a_server_starts_on_an_empty_directory_sends_and_stops(empty, serve):
    server = serve()
    key = (empty.data / "key").read_text().strip()
    assert key in server.curl
    assert (empty.data / "key").stat().st_mode & 0o777 == 0o600
    pasted = json.loads(subprocess.check_output(["sh", "-c", server.curl], stderr=subprocess.DEVNULL))
    sent = empty.json("send", "13900139000", "through the server")
    assert settled(empty, pasted["sms_id"])["state"] == "delivered"
    assert settled(empty, sent["sms_id"])["state"] == "delivered"
    story = empty.well("messages", "trace", sent["sms_id"])
    for word in ("accepted", "0.05 CNY held", "sending", "sandbox", "chosen", "delivered", "settled"):
        assert word in story
    assert "13900139000" not in story
    trace = empty.json("messages", "trace", sent["sms_id"])
    assert trace["attempts"][0]["outcome"] == "delivered"
    assert empty.well("ledger", "check").startswith("no drift")
    empty.well("doctor")
    assert "serves" in empty.refused("serve")
    assert "already" in empty.refused("init")
    assert server.stop() == 0


def test_what_was_accepted_without_a_server_is_sent_by_the_next_one(empty, serve):
    empty.well("init")
    waiting = empty.json("send", "13900139000", "later")["sms_id"]
    serve()
    assert settled(empty, waiting)["state"] == "delivered"


def test_the_servers_refusal_is_the_commands(empty, serve, monkeypatch):
    serve()
    assert "to" in empty.refused("send", "12", "text")
    monkeypatch.setenv("POSTHOUSE_API_KEY", "wrong")
    assert empty.refused("send", "13900139000", "text")


def test_keys_work_at_once_and_stop_within_a_second(empty, serve, monkeypatch):
    server = serve()
    issued = empty.json("keys", "create", "--account", "default")
    monkeypatch.setenv("POSTHOUSE_API_KEY", issued["key"])
    assert empty.json("send", "13900139000", "text")["state"] == "queued"
    empty.well("keys", "revoke", issued["api_key"])
    time.sleep(1)
    assert empty.refused("send", "13900139000", "text")
    assert server.process.poll() is None
