"""Quiet hours, limits and words of an account, from the command line."""

import pytest

NONE: dict[str, object] = {"quiet_hours": None, "recipient_limits": {}}


def test_quiet_hours_and_limits_are_set_shown_and_ended(cli):
    expected = cli.json("accounts", "set", "default")
    assert expected | NONE == expected
    for words, change in (
        (("--quiet-hours", "21:00-08:00"), {"quiet_hours": "21:00-08:00"}),
        (("--limit", "marketing=2/day"), {"recipient_limits": {"marketing": {"day": 2}}}),
        (
            ("--limit", "otp=1/minute", "--limit", "otp=5/hour", "--limit", "notification=10/day"),
            {"recipient_limits": {"otp": {"minute": 1, "hour": 5}, "notification": {"day": 10}}},
        ),
        (("--region", "us"), {"region": "US"}),
    ):
        expected |= change
        assert cli.json("accounts", "set", "default", *words) == expected
        assert cli.json("accounts", "set", "default") == expected
    (listed,) = cli.json("accounts", "list")["data"]
    assert {name: listed[name] for name in NONE} == {name: expected[name] for name in NONE}
    shown = cli.well("accounts", "set", "default")
    assert "21:00-08:00" in shown
    assert "otp=1/minute otp=5/hour notification=10/day" in shown
    ended = cli.json("accounts", "set", "default", "--quiet-hours", "none", "--limit", "none")
    assert ended == expected | NONE


@pytest.mark.parametrize(
    "words",
    [
        *(("--quiet-hours", hours) for hours in ("", "night", "21:00", "21:00-21:00", "25:00-08:00")),
        *(
            ("--limit", limit)
            for limit in ("", "2", "2/day", "spam=2/day", "otp=0/day", "otp=1001/day", "otp=2/week")
        ),
        ("--limit", "none", "--limit", "otp=2/day"),
    ],
)
def test_what_are_no_hours_or_limits_is_a_usage_error(cli, words):
    assert cli.run("accounts", "set", "default", *words).exit_code == 2
    assert cli.json("accounts", "set", "default") | NONE == cli.json("accounts", "set", "default")


def test_hours_that_end_as_they_begin_are_told_so(cli):
    told = cli.run("accounts", "set", "default", "--quiet-hours", "08:00-08:00").stderr
    assert "begin and end are the same" in told


def words_of(cli):
    return cli.json("accounts", "words", "default")["words"]


def test_words_are_added_removed_replaced_and_cleared(cli, tmp_path):
    assert cli.well("accounts", "words", "default") == "Account default lets every word pass.\n"
    told = cli.json("accounts", "words", "default", "--add", "free money", "--add", "稳赚不赔")
    assert told == {"account": "default", "count": 2, "words": ["free money", "稳赚不赔"]}
    assert cli.well("accounts", "words", "default") == "free money\n稳赚不赔\n"
    cli.well("accounts", "words", "default", "--remove", "free money", "--add", "casino")
    assert words_of(cli) == ["稳赚不赔", "casino"]
    file = tmp_path / "words.txt"
    file.write_text("\ufeff一夜暴富\r\n\r\n  lottery win \r\n一夜暴富\r\n")
    told = cli.well("accounts", "words", "default", "--file", str(file))
    assert told == "Account default has 2 words on its list.\n"
    assert words_of(cli) == ["一夜暴富", "lottery win"]
    cli.well("accounts", "words", "default", "--clear")
    assert words_of(cli) == []
    told = cli.well("accounts", "words", "default", "--add", "casino")
    assert told == "Account default has 1 word on its list.\n"


def test_a_word_that_is_none_or_not_there_changes_nothing(cli, tmp_path):
    cli.well("accounts", "words", "default", "--add", "casino")
    assert "50" in cli.refused("accounts", "words", "default", "--add", "x" * 51)
    assert "--add" in cli.refused("accounts", "words", "default", "--add", " ")
    assert "'poker'" in cli.refused("accounts", "words", "default", "--add", "a", "--remove", "poker")
    assert "nobody" in cli.refused("accounts", "words", "nobody")
    assert cli.refused("accounts", "words", "default", "--file", str(tmp_path / "missing"))
    file = tmp_path / "words.txt"
    file.write_text("\n".join(map(str, range(10_001))))
    assert "10,000" in cli.refused("accounts", "words", "default", "--file", str(file))
    file.write_bytes(b"\xff\xfe")
    assert "UTF-8" in cli.refused("accounts", "words", "default", "--file", str(file))
    for both in (("--clear", "--add", "a"), ("--clear", "--file", str(file))):
        assert cli.run("accounts", "words", "default", *both).exit_code == 2
    assert words_of(cli) == ["casino"]
