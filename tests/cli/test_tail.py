"""`posthouse tail`: what happens to messages, live, with a server and without."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import Happened, State
from posthouse.storage.engine.sqlite import connect

PATIENCE_S = 20


class Tail:
    """`posthouse tail` in a process of its own, read line by line."""

    def __init__(self, data, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "posthouse", "tail", "--data", str(data), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._end = threading.Timer(PATIENCE_S, self.process.kill)
        self._end.start()

    def line(self):
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return line

    def until(self, kind):
        """The events up to the first of this kind."""
        found = [json.loads(self.line())]
        while found[-1]["kind"] != kind:
            found.append(json.loads(self.line()))
        return found

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        rest, errors = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, rest, errors

    def close(self):
        self._end.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def tail(empty):
    opened = []

    def start(*words):
        opened.append(Tail(empty.data, *words))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_a_whole_life_is_seen_as_it_happens(empty, serve, tail):
    serve()
    empty.well("send", "13900139000", "earlier", "--wait")
    watching = tail("--json", "-n", "1")
    assert [event["kind"] for event in watching.until("delivered")] == ["delivered"]
    sent = empty.json("send", "13900139000", "text")["sms_id"]
    seen = watching.until("delivered")
    assert [event["kind"] for event in seen] == ["accepted", "sending", "sent", "delivered"]
    assert {event["sms_id"] for event in seen} == {sent}
    assert {event["to"] for event in seen} == {"139****9000"}
    assert [event["channel"] for event in seen] == [None, "sandbox", "sandbox", "sandbox"]
    assert watching.interrupt() == (0, "", "")


def test_without_a_server_the_database_is_followed(cli, tail):
    cli.well("send", "13800138000", "first")
    watching = tail("--json")
    assert json.loads(watching.line())["kind"] == "accepted"
    second = cli.json("send", "13800138000", "second")["sms_id"]
    assert json.loads(watching.line())["sms_id"] == second
    cli.well("messages", "cancel", second)
    assert json.loads(watching.line())["kind"] == "canceled"
    assert watching.interrupt() == (0, "", "")


def told(cli, *words):
    return [json.loads(line) for line in cli.well("tail", "--json", *words).splitlines()]


def test_the_last_ones_come_first_and_a_count_ends_it(cli):
    sent = [cli.json("send", f"1380013800{n}", "text")["sms_id"] for n in range(3)]
    assert [event["sms_id"] for event in told(cli, "-n", "2", "--count", "2")] == sent[1:]
    lines = cli.well("tail", "--count", "3").splitlines()
    assert len(lines) == 4  # the day before them
    assert lines[0].startswith("-- 2")
    assert all(sms_id in line and "accepted" in line for sms_id, line in zip(sent, lines[1:], strict=True))


def test_numbers_are_masked_unless_they_are_asked_for(cli):
    cli.well("send", "13800138000", "text")
    assert "138****8000" in cli.well("tail", "--count", "1")
    assert "13800138000" not in cli.well("tail", "--count", "1")
    assert "+8613800138000" in cli.well("tail", "--count", "1", "--reveal")


def test_filters_leave_out_the_rest(empty, serve):
    server = serve()
    empty.well("accounts", "create", "acme")
    blocked, well = (
        json.loads(empty.run("send", number, "text", "--wait", "--json").stdout)["sms_id"]
        for number in ("13900130002", "13900130000")
    )
    (failed,) = told(empty, "--state", "failed", "--count", "1")
    assert failed["sms_id"] == blocked
    errors = told(empty, "--errors", "-n", "100", "--count", "2")
    assert {event["sms_id"] for event in errors} == {blocked}
    assert {event["data"]["reason"] for event in errors if event["data"]} == {"blocked"}
    (other,) = told(empty, "--to", "13900130000", "--state", "delivered", "--count", "1")
    assert other["sms_id"] == well
    (sending,) = told(empty, "--vendor", "sandbox", "-n", "1", "--count", "1")
    assert sending["vendor"] == "sandbox"
    (mine,) = told(empty, "--account", "default", "-n", "1", "--count", "1")
    assert mine["account"] == "default"
    assert server.stop() == 0


def test_every_kind_of_event_may_be_asked_for(cli):
    waiting = cli.json("send", "13800138000", "text", "--at", "2h")["sms_id"]
    _happen(cli, waiting, "rescheduled", {"to": "2030-01-01T00:00:00.000000Z"})
    assert [event["kind"] for event in told(cli, "--state", "rescheduled", "--count", "1")] == ["rescheduled"]
    for kind in (*State, *Happened):
        assert told(cli, "--state", kind, "--state", "accepted", "--count", "1")


def test_what_a_vendor_wrote_cannot_move_the_cursor(cli):
    sms_id = cli.json("send", "13800138000", "\u3000text")["sms_id"]
    wrote = "\x1b]0;mine\x07 \x1b[2J\u202eon\u2069 two\nlines\ttabs \u200b 您好！"
    _happen(cli, sms_id, "refused", {"attempt": 1, "code": wrote, "text": wrote})
    shown = r"\x1b]0;mine\x07 \x1b[2J\u202eon\u2069 two\nlines\ttabs \u200b 您好！"
    for words in (("tail", "--count", "2"), ("messages", "trace", sms_id)):
        (line,) = [line for line in cli.well(*words).splitlines() if "refused" in line]
        assert line.endswith(f'code {shown}, "{shown}"')
    assert told(cli, "--state", "refused", "--count", "1")[0]["data"]["code"] == wrote
    assert cli.json("messages", "trace", sms_id)["events"][-1]["data"]["code"] == wrote


def _happen(cli, sms_id: str, kind: str, data: dict[str, object]) -> None:
    """Write an event as a server would."""
    database = connect(str(cli.data / "posthouse.db"))
    database.execute(
        "INSERT INTO events (message_id, sequence, account_id, kind, at, data)"
        " SELECT message_id, 2, account_id, ?, at, ? FROM events WHERE message_id = ?",
        (kind, json.dumps(data), read(MESSAGE, sms_id)),
    )
    database.close()


def test_who_is_not_there_is_said(cli):
    assert "acme" in cli.refused("tail", "--account", "acme")
    assert cli.run("tail", "--state", "lost").exit_code == 2
    assert "number" in cli.refused("tail", "--to", "12")


def test_a_reader_that_has_enough_ends_it_quietly(cli):
    for n in range(3):
        cli.well("send", f"1380013800{n}", "text")
    line = f"{sys.executable} -m posthouse tail --data {cli.data} --json --count 3 | head -1"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == ""


def test_a_reader_that_is_gone_leaves_no_traceback(cli):
    cli.well("send", "13800138000", "text")
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "posthouse", "tail", "--data", str(cli.data), "--count", "1"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")
