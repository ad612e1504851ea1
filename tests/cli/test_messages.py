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


def test_keys_work_at_once(empty, serve, monkeypatch):
    serve()
    issued = empty.json("keys", "create", "--account", "default")
    monkeypatch.setenv("POSTHOUSE_API_KEY", issued["key"])
    assert empty.json("send", "13900139000", "text")["state"] == "queued"


def test_a_cancel_stops_what_waits_and_gives_the_money_back(cli):
    first, second, other = (cli.json("send", "13800138000", f"text {n}")["sms_id"] for n in range(3))
    assert cli.well("messages", "cancel", first) == f"{first} is canceled.\n"
    assert cli.json("messages", "get", first)["state"] == "canceled"
    again = cli.run("messages", "cancel", second, "sms_0000000000000", other, "--json")
    assert again.exit_code == 1
    told = {item["sms_id"]: item for item in json.loads(again.stdout)["data"]}
    assert [told[each]["canceled"] for each in (second, "sms_0000000000000", other)] == [True, False, True]
    assert told["sms_0000000000000"]["code"] == "not_found"
    assert "sms_0000000000000" in again.stderr
    assert cli.json("accounts", "list")["data"][0]["balance"]["held"] == "0.00"


def test_a_cancel_works_beside_a_running_server_and_what_was_sent_is_not_canceled(empty, serve):
    serve()
    later = empty.json("send", "13900139000", "later", "--at", "2h")
    assert later["state"] == "scheduled"
    empty.well("messages", "cancel", later["sms_id"])
    sent = empty.json("send", "13900139000", "now", "--wait")
    assert sent["state"] == "delivered"
    assert empty.refused("messages", "cancel", sent["sms_id"])


def test_lists_take_every_filter(cli):
    first = cli.json("send", "13800138000", "one", "--reference", "a")["sms_id"]
    second = cli.json("send", "13800138001", "two", "--reference", "b", "--at", "1h")["sms_id"]

    def listed(*words):
        return [message["sms_id"] for message in cli.json("messages", "list", *words)["data"]]

    assert listed("--to", "13800138000") == [first]
    assert listed("--to", "+8613800138001") == [second]
    assert listed("--reference", "b") == [second]
    assert listed("--state", "scheduled", "--state", "queued") == [second, first]
    assert listed("--since", "1h") == [second, first]
    assert listed("--until", "1h") == []
    assert listed("--since", "2999-01-01") == []
    assert listed("--account", "default") == [second, first]
    assert "nobody" in cli.refused("messages", "list", "--account", "nobody")
    assert cli.refused("messages", "list", "--batch", "nonsense")
    assert "U+200B" in cli.refused("messages", "list", "--to", "138\u200b00138000")
    assert cli.run("messages", "list", "--since", "yesterday").exit_code == 2
    assert "No message fits" in cli.well("messages", "list", "--reference", "c")


@pytest.mark.parametrize(
    ("number", "code", "state"),
    [("13900139000", 0, "delivered"), ("13900130009", 4, "undelivered"), ("13900130002", 4, "failed")],
)
def test_a_wait_ends_with_the_fate_and_its_exit_code(empty, serve, number, code, state):
    serve()
    sms_id = empty.json("send", number, "text")["sms_id"]
    waited = empty.run("messages", "wait", sms_id)
    assert waited.exit_code == code
    assert f"{sms_id} is {state}" in waited.stdout
    asked = empty.run("messages", "wait", sms_id, "--until", "sent", "--json")
    assert (asked.exit_code, json.loads(asked.stdout)["state"]) == (code, state)


def test_a_wait_may_be_content_with_sent_and_is_bounded(empty, serve):
    serve()
    sms_id = empty.json("send", "13900130003", "text")["sms_id"]
    assert empty.run("messages", "wait", sms_id, "--until", "sent").exit_code == 0
    late = empty.run("messages", "wait", sms_id, "--timeout", "0.2")
    assert late.exit_code == 5
    assert "is sent after 0.2 s" in late.stdout


def test_a_wait_without_a_server_says_that_nothing_moves(cli):
    sms_id = cli.json("send", "13800138000", "text")["sms_id"]
    waited = cli.run("messages", "wait", sms_id, "--timeout", "0")
    assert waited.exit_code == 5
    assert "posthouse serve" in waited.stderr
    assert "posthouse serve" in cli.refused("send", "13800138000", "text", "--wait")
    assert len(cli.json("messages", "list")["data"]) == 1


def test_sending_may_stay_and_tell_the_story(empty, serve):
    serve()
    story = empty.well("send", "13900139000", "text", "--wait")
    lines = [line.split()[2] for line in story.splitlines() if line.lstrip().startswith("+")]
    assert lines == ["accepted", "sending", "sent", "delivered"]
    assert story.rstrip().endswith("is delivered.")
    failed = empty.run("send", "13900130002", "text", "--wait")
    assert failed.exit_code == 4
    assert "(blocked)" in failed.stdout


def test_every_option_of_sending_reaches_the_message(empty, serve):
    words = (
        "--from",
        "1069",
        "--signature",
        "驿站",
        "--reference",
        "r-1",
        "--purpose",
        "otp",
        "--via",
        "sandbox",
    )
    empty.well("init")
    alone = empty.json("send", "13900139000", "text", *words)
    serve()
    key = empty.json("keys", "create", "--account", "default")["key"]
    (empty.data / "key").write_text(key)
    served = empty.json("send", "13900139000", "text", *words)
    for record in (alone, served):
        assert (record["from"], record["signature"], record["reference"], record["purpose"]) == (
            "1069",
            "驿站",
            "r-1",
            "otp",
        )


@pytest.mark.parametrize("running", [True, False])
def test_a_dry_run_tells_size_price_and_route_and_sends_nothing(empty, serve, running):
    if running:
        serve()
    else:
        empty.well("init")
    told = empty.well("send", "+15555550123", f"It’s {'x' * 70}", "--dry-run")
    for word in (
        "2 (ucs2",
        "0.10 CNY",
        "sandbox: chosen",
        "U+2019",
        "write ' instead",
        "1 instead of 2",
        "Nothing was sent",
    ):
        assert word in told
    assert empty.json("send", "13800138000", "您好", "--dry-run")["segments"] == 1
    assert empty.refused("send", "12", "text", "--dry-run")
    assert empty.json("messages", "list")["data"] == []
