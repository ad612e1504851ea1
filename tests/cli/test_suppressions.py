"""`posthouse suppressions`: numbers put on an account's list, shown, taken off."""

import pytest

from posthouse.cli import suppressions

NUMBER, OTHER = "13800138000", "+15555550123"


def listed(cli, *words):
    return cli.json("suppressions", "list", *words)["data"]


def test_numbers_are_put_on_the_list_shown_masked_and_taken_off(cli):
    told = cli.json("suppressions", "add", NUMBER, OTHER, "--purpose", "marketing", "--reason", "replied TD")
    assert told == {"account": "default", "added": 2, "already": 0, "refused": 0}
    second, first = listed(cli)
    assert (first["to"], first["purpose"], first["reason"]) == ("138****8000", "marketing", "replied TD")
    assert second["to"] == "+1555****0123"
    assert [row["to"] for row in listed(cli, "--whole")] == [OTHER, f"+86{NUMBER}"]
    shown = cli.well("suppressions", "list")
    assert NUMBER not in shown
    assert first["suppression_id"] in shown
    assert cli.well("suppressions", "remove", first["suppression_id"], OTHER)
    assert listed(cli) == []
    assert cli.well("suppressions", "list") == "No number is suppressed.\n"


def test_a_number_stands_there_once_for_each_purpose_and_is_taken_off_as_a_whole(cli):
    cli.well("suppressions", "add", NUMBER)
    for purpose in ("otp", "notification", "marketing"):
        cli.well("suppressions", "add", NUMBER, "--purpose", purpose)
    assert cli.json("suppressions", "add", NUMBER, f"+86{NUMBER}")["already"] == 1
    cli.well("suppressions", "add", OTHER)
    assert len(listed(cli, "--to", NUMBER)) == 4
    assert cli.json("suppressions", "remove", NUMBER)["removed"] == 4
    assert [row["to"] for row in listed(cli, "--whole")] == [OTHER]


def test_a_suppressed_number_is_sent_nothing_until_it_is_taken_off(cli):
    cli.well("suppressions", "add", NUMBER)
    assert cli.refused("send", NUMBER, "hi")
    assert cli.json("send", "13800138001", "hi")["state"] == "queued"
    cli.well("suppressions", "remove", NUMBER)
    assert cli.json("send", NUMBER, "hi")["state"] == "queued"


def test_each_account_has_a_list_of_its_own(cli):
    cli.well("accounts", "create", "acme")
    cli.well("suppressions", "add", NUMBER, "--account", "acme")
    assert listed(cli) == []
    (entry,) = listed(cli, "--account", "acme")
    assert cli.refused("suppressions", "remove", entry["suppression_id"])
    assert len(listed(cli, "--account", "acme")) == 1
    for words in (("add", NUMBER), ("list",), ("remove", NUMBER)):
        assert "nobody" in cli.refused("suppressions", *words, "--account", "nobody")


def test_a_file_is_taken_in_and_its_faulty_lines_are_told_by_number(cli, tmp_path):
    file = tmp_path / "stop.txt"
    lines = ("\ufeff# those who wrote TD", "13800138000", "", "12", " +8613800138001 ", "13800138000", "")
    file.write_text("\r\n".join(lines))
    result = cli.run("suppressions", "add", "--file", str(file), "--json")
    assert result.exit_code == 1
    assert result.stdout == '{"account":"default","added":2,"already":0,"refused":1}\n'
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{file}:4: '12': ")
    assert {row["to"] for row in listed(cli, "--whole")} == {"+8613800138000", "+8613800138001"}
    file.write_text("13800138000\n13800138002\n")
    told = cli.well("suppressions", "add", "--file", str(file))
    assert told == "The list of account default has 1 more; 1 stood there before.\n"


def test_a_long_file_is_taken_in_and_a_longer_one_refused_whole(cli, tmp_path, monkeypatch):
    file = tmp_path / "stop.txt"
    numbers = [f"13800{n:06d}" for n in range(1201)]
    monkeypatch.setattr(suppressions, "NUMBERS_MAX", 1200)
    file.write_text("\n".join(numbers))
    assert "1,200" in cli.refused("suppressions", "add", "--file", str(file))
    assert listed(cli) == []
    file.write_text("\n".join(numbers[:-1]))
    assert cli.json("suppressions", "add", "--file", str(file))["added"] == 1200


def test_of_many_faulty_lines_the_first_are_told_and_the_rest_counted(cli, tmp_path):
    file = tmp_path / "stop.txt"
    file.write_text("12\n" * 30)
    result = cli.run("suppressions", "add", "--file", str(file))
    lines = result.stderr.splitlines()
    assert (result.exit_code, result.stdout, len(lines), lines[-1]) == (1, "", 21, "… and 10 more.")


def test_what_is_no_number_or_not_there_is_told_in_one_sentence(cli, tmp_path):
    assert "NUMBER" in cli.refused("suppressions", "add", "12")
    assert "--reason" in cli.refused("suppressions", "add", NUMBER, "--reason", "a\nb")
    told = cli.refused("suppressions", "remove", NUMBER)
    assert told == "The number 138****8000 is not on the list of account default."
    assert cli.refused("suppressions", "remove", "sup_0000000000000")
    assert cli.refused("suppressions", "remove", "sup_nonsense")
    assert cli.refused("suppressions", "list", "--to", "12")
    assert cli.refused("suppressions", "add", "--file", str(tmp_path / "missing"))
    assert listed(cli) == []


@pytest.mark.parametrize("words", [("add",), ("add", NUMBER, "--purpose", "spam"), ("list", "--limit", "0")])
def test_what_cannot_be_meant_is_a_usage_error(cli, words):
    assert cli.run("suppressions", *words).exit_code == 2
