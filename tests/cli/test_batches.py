"""`posthouse batches` and `messages reschedule`: another time, or none, with a server and without."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from posthouse.cli.asking import ask
from tests.cli.conftest import Cli, Server


def at(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0)


def told(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation with a server on it, whose clocks show UTC."""
    cli = Cli(tmp_path_factory.mktemp("batches") / "var")
    server = Server(cli.data)
    (cli.data / "posthouse.toml").write_text('zone = "UTC"\n')
    yield cli, server
    server.stop()


@pytest.fixture
def shared(house):
    return house[0]


@pytest.fixture
def batch(house):
    """The id of a batch that a server took in: 3 messages for tomorrow, 1 of them for marketing."""
    cli, server = house
    items = [{"to": f"+861380013800{n}"} for n in range(2)]
    items.append({"to": "+8613800138009", "purpose": "marketing"})
    body = {"messages": items, "body": "hi", "send_at": at(24).isoformat(), "reference": "spring"}
    key = (cli.data / "key").read_text().strip()
    status, reply = ask(f"http://127.0.0.1:{server.port}", "POST", "/v1/sms/batch", key=key, body=body)
    assert status == 202, reply
    return reply["batch_id"]


def test_a_batch_is_listed_looked_up_moved_and_stopped_beside_a_running_server(shared, batch):
    (listed,) = shared.json("batches", "list")["data"]
    assert listed == shared.json("batches", "get", batch)
    assert (listed["batch_id"], listed["states"], listed["account"]) == (batch, {"scheduled": 3}, "default")
    assert shared.json("batches", "list", "--reference", "autumn")["data"] == []
    for words in (("list",), ("get", batch)):
        assert "scheduled:3" in shared.well("batches", *words)
    later = at(48)
    moved = shared.json("batches", "reschedule", batch, "--at", later.isoformat())
    assert moved == {"batch_id": batch, "moved": 3, "send_at": told(later), "postponed_to": None}
    messages = shared.json("messages", "list", "--batch", batch)["data"]
    assert {message["send_at"] for message in messages} == {told(later)}
    assert shared.json("batches", "cancel", batch) == {"batch_id": batch, "canceled": 3}
    assert shared.json("batches", "get", batch)["states"] == {"canceled": 3}
    assert "Nothing is left" in shared.well("batches", "cancel", batch)
    assert "waits" in shared.refused("batches", "reschedule", batch, "--at", "2h")
    assert shared.json("accounts", "list")["data"][0]["balance"]["held"] == "0.00"


def test_marketing_goes_after_quiet_hours_and_the_answer_says_when(shared, batch):
    night = at(48).replace(hour=22, minute=0, second=0)
    morning = (night + timedelta(days=1)).replace(hour=8)
    shared.well("accounts", "set", "default", "--quiet-hours", "21:00-08:00")
    moved = shared.json("batches", "reschedule", batch, "--at", night.isoformat())
    assert (moved["moved"], moved["send_at"], moved["postponed_to"]) == (3, told(night), told(morning))
    found = {
        message["purpose"]: message for message in shared.json("messages", "list", "--batch", batch)["data"]
    }
    assert found["notification"]["send_at"] == told(night)
    assert (found["marketing"]["send_at"], found["marketing"]["postponed_from"]) == (
        told(morning),
        told(night),
    )
    assert "quiet hours" in shared.well("batches", "reschedule", batch, "--at", night.isoformat())
    shared.well("accounts", "set", "default", "--quiet-hours", "none")


def test_messages_are_moved_one_by_one(cli):
    first, second = (cli.json("send", f"1380013800{n}", "hi", "--at", "2h")["sms_id"] for n in range(2))
    later = at(24)
    answer = cli.well("messages", "reschedule", first, "--at", later.isoformat())
    assert answer.startswith(f"{first} goes at ")
    assert cli.json("messages", "get", first)["send_at"] == told(later)
    cli.well("messages", "cancel", first)
    result = cli.run("messages", "reschedule", first, second, "sms_x", "--at", later.isoformat(), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["data"] == [
        {"sms_id": first, "send_at": None, "postponed_from": None, "code": "not_reschedulable"},
        {"sms_id": second, "send_at": told(later), "postponed_from": None, "code": None},
        {"sms_id": "sms_x", "send_at": None, "postponed_from": None, "code": "not_found"},
    ]
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [first, "sms_x"]


def test_a_time_that_will_not_do_is_refused_and_nothing_moves(cli):
    message = cli.json("send", "13800138000", "hi", "--at", "2h")
    move = ("messages", "reschedule", message["sms_id"], "--at")
    late = cli.run(*move, "tomorrow")
    assert (late.exit_code, "--at" in late.stderr) == (2, True)
    assert cli.refused(*move, "2020-01-01")
    assert cli.refused(*move, "91d")
    assert cli.json("messages", "get", message["sms_id"])["send_at"] == message["send_at"]


def test_a_batch_that_is_not_there_is_said(cli):
    for words in (("get",), ("cancel",), ("reschedule", "--at", "2h")):
        assert "batch" in cli.refused("batches", *words, "bat_0000000000000")
        assert "'nonsense'" in cli.refused("batches", *words, "nonsense")
    assert cli.well("batches", "list") == "There is no batch.\n"
    assert "nobody" in cli.refused("batches", "list", "--account", "nobody")
