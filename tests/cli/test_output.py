"""Who gets JSON, who gets text; and shell completion."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from posthouse.cli.show import plain
from posthouse.storage.engine.sqlite import connect

COMMAND = [sys.executable, "-m", "posthouse"]


def on_a_terminal(words: list[str]) -> str:
    """What a command writes when its standard output is a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([*COMMAND, *words], stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    told = b""
    try:
        while chunk := os.read(master, 4096):
            told += chunk
    except OSError:  # the other side is closed
        pass
    assert process.wait(30) == 0
    os.close(master)
    return told.decode()


def test_a_terminal_gets_text_and_a_pipe_json(cli, monkeypatch):
    monkeypatch.delenv("POSTHOUSE_OUTPUT")
    words = ["accounts", "list", "--data", str(cli.data)]
    assert re.sub(r"\x1b\[\d*m", "", on_a_terminal(words)).startswith("account ")
    assert on_a_terminal([*words, "--json"]).startswith("{")
    piped = cli.well("accounts", "list")
    assert json.loads(piped)["data"][0]["account"] == "default"
    assert cli.well("accounts", "list", "--text").startswith("account ")


def test_the_environment_decides_where_no_option_does(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_OUTPUT", "json")
    assert cli.well("accounts", "list").startswith("{")
    assert cli.well("accounts", "list", "--text").startswith("account ")
    monkeypatch.setenv("POSTHOUSE_OUTPUT", "xml")
    assert "POSTHOUSE_OUTPUT" in cli.refused("accounts", "list")


def test_names_and_labels_are_shown_without_what_is_not_printable(cli):
    label = "\x1b[31mred\u202e\nnew line\u3000wide"
    shown = r"\x1b[31mred\u202e\nnew line" + "\u3000wide"
    sms_id = cli.json("send", "13800138000", "text", "--reference", "label")["sms_id"]
    database = connect(str(cli.data / "posthouse.db"))
    database.execute("UPDATE messages SET reference = ?, vendor = ?", (label, label))
    database.close()
    told = cli.well("messages", "get", sms_id)
    assert re.search(rf"^reference +{re.escape(shown)}$", told, re.MULTILINE)
    assert f" {shown} " in cli.well("messages", "list")
    assert cli.json("messages", "get", sms_id)["reference"] == label


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\x7f",
        "\x9b",
        "\xad",
        "\u200f",
        "\u2066",
        "\u2028",
        "\ufeff",
        "\ue000",
        "\U000e0041",
        "\ud800",
    ],
)
def test_every_character_that_is_not_printable_is_escaped(text):
    assert plain(f"a{text}b") == f"a{text.encode('unicode_escape').decode()}b"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("posthouse mess", "messages"), ("posthouse messages wa", "wait"), ("posthouse tail --err", "--errors")],
)
def test_the_shell_completes_commands_and_options(typed, offered):
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_POSTHOUSE_COMPLETE": "complete_bash"}
    told = subprocess.run(COMMAND, env=os.environ | words, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [offered]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_written_for_each_shell(shell):
    wanted = {"_POSTHOUSE_COMPLETE": f"source_{shell}"}
    told = subprocess.run(COMMAND, env=os.environ | wanted, capture_output=True, text=True, check=True)
    assert f"complete_{shell}" in told.stdout


def test_help_comes_at_once():
    """A fifth of a second on a quiet machine; here counted in processor time, and the best of three."""

    def took() -> float:
        before = os.times()
        subprocess.run([*COMMAND, "--help"], capture_output=True, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(took() for _ in range(3)) < 0.4


def test_help_tells_the_exit_codes():
    told = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    assert "Exit codes: 0 " in told
