"""`messages release`: what a restored backup holds back goes on when the operator says so, and not before."""

import pytest

from tests.cli.backups import TEXT, restored, rows
from tests.cli.conftest import Cli


@pytest.fixture
def holding(backed_up: Cli, other: Cli, file) -> Cli:
    """A restored installation that holds three messages."""
    for number in ("13900130002", "13900130003"):
        backed_up.json("send", number, TEXT)
    backed_up.well("backup", str(file), "--force")
    assert restored(other, backed_up, file)["held"] == {"queued": 3}
    return other


def held(cli: Cli) -> int:
    [(count,)] = rows(cli.data, "SELECT count(*) FROM held_messages")
    return int(count)


def test_messages_are_released_one_by_one_or_all(holding):
    first, *_ = [message["sms_id"] for message in holding.json("messages", "list")["data"]]
    assert holding.json("messages", "release", first) == {"released": 1, "not_held": []}
    assert held(holding) == 2
    assert holding.json("messages", "release", "--state", "scheduled")["released"] == 0
    assert "2" in holding.well("messages", "release", "--all")
    assert held(holding) == 0
    waiting = "SELECT count(*) FROM messages WHERE state = 'queued' AND due_at IS NOT NULL"
    assert rows(holding.data, waiting) == [(3,)]


def test_a_dry_run_shows_what_is_held_and_leaves_it(holding):
    shown = holding.well("messages", "release", "--all", "--dry-run")
    assert len([line for line in shown.splitlines() if line.startswith("sms_")]) == 3
    assert "Would be released: 3." in shown
    told = holding.json("messages", "release", "--all", "--dry-run")
    assert told["would_release"] == 3
    listed = {message["sms_id"] for message in holding.json("messages", "list")["data"]}
    assert {message["sms_id"] for message in told["data"]} == listed
    [first] = holding.json("messages", "release", told["data"][0]["sms_id"], "--dry-run")["data"]
    assert first == told["data"][0]
    assert set(first) == {"sms_id", "state", "due_at", "held_at"}
    assert held(holding) == 3


def test_what_is_not_held_is_told(holding):
    [first, *_] = [message["sms_id"] for message in holding.json("messages", "list")["data"]]
    holding.well("messages", "release", first)
    assert "is not held" in holding.refused("messages", "release", first)
    assert "is not held" in holding.refused("messages", "release", "nonsense")
    assert "is not held" in holding.refused("messages", "release", first, "--dry-run")


@pytest.mark.parametrize("words", [[], ["sms_1", "--all"], ["--state", "nowhere"]])
def test_a_release_that_says_not_what_is_not_understood(holding, words):
    assert holding.run("messages", "release", *words).exit_code == 2
    assert held(holding) == 3


def test_a_held_message_can_be_cancelled(holding):
    [first, *_] = [message["sms_id"] for message in holding.json("messages", "list")["data"]]
    holding.well("messages", "cancel", first)
    assert held(holding) == 2
    assert holding.json("messages", "release", "--all")["released"] == 2
    assert holding.json("ledger", "check")["ok"]
