"""`posthouse messages export`: streamed, whole, and safe to open in a spreadsheet."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from posthouse.storage.engine.sqlite import connect

COPIES = """
WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {count})
INSERT INTO messages SELECT {columns} FROM messages, copies WHERE messages.id = (SELECT max(id) FROM messages)
"""


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def fill(cli, count):
    """Many messages at once, as copies of the newest."""
    database = connect(str(cli.data / "posthouse.db"))
    names = [row[1] for row in database.execute("PRAGMA table_info(messages)")]
    columns = ", ".join("id + n * 4096" if name == "id" else name for name in names)
    database.execute(COPIES.format(count=count, columns=columns))
    database.close()


def test_csv_has_a_row_for_each_message_with_its_whole_number(cli):
    sent = [cli.json("send", f"1380013800{n}", "text", "--reference", f"r{n}") for n in range(3)]
    found = rows(cli.well("messages", "export"))
    assert [row["sms_id"] for row in found] == [record["sms_id"] for record in reversed(sent)]
    assert [row["to"] for row in found] == ["+8613800138002", "+8613800138001", "+8613800138000"]
    assert (found[0]["amount"], found[0]["currency"], found[0]["simulated"]) == ("0.05", "CNY", "true")
    assert found[0]["created_at"] == sent[2]["created_at"]
    assert "text" not in found[0].values()


def test_ndjson_has_the_records_themselves(cli):
    sent = cli.json("send", "13800138000", "text")
    (line,) = cli.well("messages", "export", "--format", "ndjson").splitlines()
    assert json.loads(line) == sent | {"account": "default"}


@pytest.mark.parametrize(
    "evil",
    [
        *("=1+1", "+1+1", "-2+3", "@SUM(A1)", "  =1+1", "=cmd|' /C calc'!A0"),
        *("＝1+1", "＋1+1", "－2+3", "＠SUM(A1)", "\ufeff=1+1", "\u200b\u2060=1+1", " \u200d ＝1+1", "＋1"),
    ],
)
def test_nothing_in_csv_is_a_formula(cli, evil):
    cli.well("send", "13800138000", "text")
    with closing(connect(str(cli.data / "posthouse.db"))) as database:
        database.execute("UPDATE messages SET reference = ?", (evil,))
    (row,) = rows(cli.well("messages", "export"))
    assert row["reference"] == f"'{evil}"
    assert row["to"] == "+8613800138000"


def test_a_number_is_no_formula(cli):
    cli.well("send", "13800138000", "text", "--reference=-17", "--from", "+861069")
    cli.well("send", "13800138000", "text", "--reference=１ + 1")
    wide, row = rows(cli.well("messages", "export"))
    assert (row["reference"], row["from"]) == ("-17", "+861069")
    assert wide["reference"] == "１ + 1"


def test_filters_and_masks(cli):
    cli.well("send", "13800138000", "text", "--reference", "a")
    cli.well("send", "13800138001", "text", "--reference", "b")
    (row,) = rows(cli.well("messages", "export", "--reference", "a", "--masked"))
    assert row["to"] == "138****8000"
    assert rows(cli.well("messages", "export", "--state", "delivered")) == []


def test_a_file_is_ones_own_and_appears_whole_or_not_at_all(cli, tmp_path, monkeypatch):
    cli.well("send", "13800138000", "文字", "--signature", "驿站")
    target = tmp_path / "messages.csv"
    result = cli.run("messages", "export", "--output", str(target), "--bom")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 messages" in result.stderr
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_bytes().startswith(b"\xef\xbb\xbfsms_id,")
    assert "驿站" in target.read_text(encoding="utf-8-sig")
    before = target.read_bytes()
    monkeypatch.setattr("posthouse.cli.exporting._cell", lambda _: 1 // 0)
    assert cli.run("messages", "export", "--output", str(target), "--force").exit_code == 1
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "messages" in path.name] == ["messages.csv"]


def test_what_is_there_already_is_written_over_when_asked_to(cli, tmp_path):
    target = tmp_path / "messages.csv"
    target.write_text("mine")
    assert "--force" in cli.refused("messages", "export", "--output", str(target))
    assert target.read_text() == "mine"
    cli.well("messages", "export", "--output", str(target), "--force")
    assert target.read_text().startswith("sms_id,")


@pytest.mark.parametrize("kind", ["directory", "pipe", "link"])
def test_what_is_no_file_is_never_written_over(cli, tmp_path, monkeypatch, kind):
    target, mine = tmp_path / "target", tmp_path / "mine"
    mine.write_text("mine")
    match kind:
        case "directory":
            target.mkdir()
        case "pipe":
            os.mkfifo(target)
        case "link":
            target.symlink_to(mine)
    before = target.lstat()
    monkeypatch.setattr("posthouse.cli.exporting._copy", lambda *_: 1 // 0)  # it does not even begin
    assert "name a file" in cli.refused("messages", "export", "--output", str(target), "--force")
    assert (target.lstat().st_ino, target.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert mine.read_text() == "mine"


def test_a_link_where_the_draft_is_to_be_is_not_followed(cli, tmp_path):
    target, mine = tmp_path / "messages.csv", tmp_path / "mine"
    mine.write_text("mine")
    (tmp_path / f".messages.csv.{os.getpid()}").symlink_to(mine)
    cli.well("messages", "export", "--output", str(target))
    assert mine.read_text() == "mine"
    assert not target.is_symlink()


def test_a_file_that_appears_meanwhile_is_left_alone(cli, tmp_path, monkeypatch):
    cli.well("send", "13800138000", "text")
    target = tmp_path / "messages.csv"
    monkeypatch.setattr("posthouse.cli.exporting._cell", lambda _: target.write_text("mine"))
    assert "is there already" in cli.refused("messages", "export", "--output", str(target))
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if "messages" in path.name] == ["messages.csv"]


def test_an_export_that_is_told_to_end_leaves_nothing(cli, tmp_path, monkeypatch):
    cli.well("send", "13800138000", "text")
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        monkeypatch.setattr("posthouse.cli.exporting._cell", lambda _: os.kill(os.getpid(), signal.SIGTERM))
        result = cli.run("messages", "export", "--output", str(tmp_path / "messages.csv"))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir() if "messages" in path.name] == []


def test_a_target_that_cannot_be_written_is_named(cli, tmp_path):
    assert "nowhere" in cli.refused("messages", "export", "--output", str(tmp_path / "nowhere" / "x.csv"))


def test_many_messages_take_little_memory(cli):
    cli.well("send", "13800138000", "text")
    fill(cli, 60_000)
    line = (
        "import sys; from posthouse.__main__ import main\n"
        "try:\n    main()\n"
        "finally:\n    [peak] = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "    print(peak.split()[1], file=sys.stderr)"
    )
    words = ["messages", "export", "--data", str(cli.data)]
    ended = subprocess.run([sys.executable, "-c", line, *words], capture_output=True, text=True, check=False)
    found = rows(ended.stdout)
    assert len(found) == len({row["sms_id"] for row in found}) == 60_001
    assert int(ended.stderr.split()[-1]) < 150_000  # kB; the rows themselves would take more
