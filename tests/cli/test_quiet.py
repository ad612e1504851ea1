"""What quiet hours move, as the command line tells it: at sending, at moving, and in the story."""

import re
from datetime import UTC, datetime, timedelta

import pytest

NIGHT = (datetime.now(UTC) + timedelta(days=2)).replace(hour=22, minute=0, second=0, microsecond=0)
MORNING = NIGHT + timedelta(hours=10)
SALE = ("send", "13800138000", "hi", "--purpose", "marketing")
AT = ("--at", NIGHT.isoformat())


def told(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def shown(when):
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


BEHIND = f"{shown(MORNING)} (in quiet hours; asked for {shown(NIGHT)})"


@pytest.fixture
def quiet(cli):
    """An installation whose default account has quiet hours from 21 to 8."""
    (cli.data / "posthouse.toml").write_text('zone = "UTC"\n')
    cli.well("accounts", "set", "default", "--quiet-hours", "21:00-08:00")
    return cli


def test_sending_tells_that_quiet_hours_moved_the_message(quiet):
    for words in ((), ("--dry-run",)):
        assert re.search(rf"^at +{re.escape(BEHIND)}$", quiet.well(*SALE, *AT, *words), re.MULTILINE)
        record = quiet.json(*SALE, *AT, *words)
        assert (record["send_at"], record["postponed_from"]) == (told(MORNING), told(NIGHT))
        loud = quiet.json("send", "13800138000", "hi", *AT, *words)
        assert (loud["send_at"], loud["postponed_from"]) == (told(NIGHT), None)
    assert "in quiet hours" not in quiet.well("send", "13800138000", "hi", *AT)


def test_moving_tells_it_too(quiet):
    message = quiet.json(*SALE, "--at", (NIGHT - timedelta(hours=4)).isoformat())["sms_id"]
    assert quiet.well("messages", "reschedule", message, *AT) == f"{message} goes at {BEHIND}.\n"
    (moved,) = quiet.json("messages", "reschedule", message, *AT)["data"]
    assert (moved["send_at"], moved["postponed_from"]) == (told(MORNING), told(NIGHT))


def test_the_story_tells_when_and_why(quiet):
    message = quiet.json(*SALE, *AT)["sms_id"]
    story = quiet.well("messages", "trace", message)
    assert f"0.05 CNY held; quiet hours, to go at {shown(MORNING)}" in story
    assert f"now: scheduled for {shown(MORNING)}" in story
    later = NIGHT - timedelta(hours=5)
    quiet.well("messages", "reschedule", message, "--at", later.isoformat())
    story = quiet.well("messages", "trace", message)
    assert re.search(rf"rescheduled +to go at {re.escape(shown(later))}$", story, re.MULTILINE)


def test_the_story_names_template_and_version(cli):
    sent = cli.json("send", "13800138000", "-t", "1", "-v", "name=a", "-v", "code=1")
    assert ", template 1 version 1, account default" in cli.well("messages", "trace", sent["sms_id"])


def test_a_template_of_nobody_here_is_passed_on_and_that_is_told(cli):
    for words in ((), ("--dry-run",)):
        sent = cli.run("send", "13800138000", "-t", "parcell", *words)
        assert sent.exit_code == 0
        assert sent.stderr == (
            "Template parcell is not one of account default's: passed on as the vendor's own, unchecked.\n"
        )
        own = cli.run("send", "13800138000", "-t", "1", "-v", "name=a", "-v", "code=1", *words)
        assert (own.exit_code, own.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("Our casino",), "TEXT"),
        (("-t", "1", "-v", "name=casino", "-v", "code=1"), "-v name"),
        (("-t", "parcell", "-v", "name=casino"), "-v name"),
        (("hi", "--signature", "Casino"), "--signature"),
    ],
)
def test_a_word_of_the_list_is_told_with_its_place(cli, monkeypatch, words, place):
    cli.well("accounts", "words", "default", "--add", "casino")
    assert f" See {place}. " in cli.refused("send", "13800138000", *words)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert f"参数：{place}。" in cli.refused("send", "13800138000", *words)
