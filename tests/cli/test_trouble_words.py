"""What stops a command is told in the words of a command line, with a remedy that works there."""

import errno
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from posthouse.bootstrap.mishaps import of_system
from posthouse.bootstrap.premises import locked, tell_address
from posthouse.core.catalogue import explain
from posthouse.core.errors import Code, Refusal
from tests.cli.conftest import Cli


class _Refusing(BaseHTTPRequestHandler):
    """A server that refuses everything with one document."""

    def do_POST(self) -> None:
        answer = json.dumps(self.server.problem).encode()  # type: ignore[attr-defined] # set by the fixture
        self.send_response(503)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture
def refusing(cli: Cli) -> Iterator[Any]:
    """Makes the server of `cli` refuse."""
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def refuse(refusal: Refusal) -> None:
        told = explain(refusal, "en")
        server.problem = {  # type: ignore[attr-defined] # for the handler
            "code": told.code,
            "detail": told.detail,
            "suggested_action": told.suggested_action,
        }

    (cli.data / "key").write_text("ph_live_none")
    with locked(cli.data):
        tell_address(cli.data, f"http://127.0.0.1:{server.server_port}")
        yield refuse
    server.shutdown()
    thread.join()
    server.server_close()


SEND = ("send", "13800138000", "text")


def test_a_server_whose_disk_is_full_is_said_to_have_a_full_disk(cli, refusing, monkeypatch):
    refusing(Refusal(Code.UNAVAILABLE))
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_bavail=0, f_frsize=4096))
    told = cli.refused(*SEND)
    assert f"The disk that holds {cli.data} is full: make room" in told


def test_a_server_that_could_not_confirm_is_told_without_advice_for_programs(cli, refusing):
    refusing(Refusal(Code.UNAVAILABLE))
    told = cli.refused(*SEND)
    assert "not certain" in told
    assert "messages list" in told
    assert "idempotency" not in told


def test_a_field_is_called_by_its_option_whoever_refuses(cli, refusing):
    refusing(Refusal(Code.INVALID_VALUE, param="vendor"))
    told = cli.refused(*SEND, "--via", "nobody")
    assert "--via holds a value" in told
    assert "--help" in told
    assert "vendor" not in told
    assert "API reference" not in told


def test_a_field_is_called_by_its_option_without_a_server(cli, monkeypatch):
    assert "See --via." in cli.refused(*SEND, "--via", "nobody")
    assert cli.refused("send", "138", "text").startswith("TO is not a phone number")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.refused("send", "138", "text").startswith("参数 TO 不是有效的手机号码")


@pytest.mark.parametrize(
    "words",
    [
        ("messages", "get", "sms_x"),
        ("messages", "trace", "sms_x"),
        ("messages", "wait", "sms_x"),
        ("messages", "cancel", "sms_x"),
        ("messages", "list", "--batch", "bat_x"),
        ("keys", "revoke", "sk_x"),
    ],
)
def test_what_is_not_here_may_be_in_another_directory(cli, tmp_path, words):
    told = cli.refused(*words)
    assert re.search(r"called 'sms_.*'|called 'bat_x'|with this id", told)
    assert "--data" in told
    assert "account" not in told
    assert "There is no installation" in Cli(tmp_path / "nowhere").refused(*words)


def test_a_key_may_be_revoked_twice(cli):
    key = cli.json("keys", "create", "--account", "default")["api_key"]
    once = cli.well("keys", "revoke", key)
    revoked_at = cli.json("keys", "list")["data"][-1]["revoked_at"]
    assert cli.well("keys", "revoke", key) == once
    assert cli.json("keys", "list")["data"][-1]["revoked_at"] == revoked_at


def test_nothing_is_accepted_under_the_secret_key_of_another_installation(cli):
    secret = cli.data / "secret.key"
    own = secret.read_text()
    secret.write_text("ab" * 32)
    assert "another secret key" in cli.refused(*SEND)
    secret.write_text(own)
    assert cli.json("messages", "list")["data"] == []


def test_a_secret_key_of_another_user_is_said_to_be_one(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    secret = cli.data / "secret.key"
    whole = Path.open

    def closed(path: Path, *args: Any, **named: Any) -> Any:
        if path == secret:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return whole(path, *args, **named)

    monkeypatch.setattr(Path, "open", closed)
    monkeypatch.setattr(Path, "read_text", lambda path, **named: closed(path, **named).read())
    told = cli.refused("accounts", "list")
    assert f"it belongs to {secret.owner()}" in told
    assert f"`chown {os.geteuid()} {secret}`" in told
    assert "put back" not in told
    checks = {check["name"]: check for check in json.loads(cli.run("doctor", "--json").stdout)["checks"]}
    assert "chown" in checks["secret key"]["fix"]


def test_a_full_disk_is_the_one_that_was_written_to(tmp_path):
    def full(*name: str) -> str | None:
        return of_system(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *name), tmp_path)

    elsewhere = full(str(tmp_path / "export" / "e.csv"))
    assert elsewhere is not None
    assert f"The disk that holds {tmp_path / 'export' / 'e.csv'} is full" in elsewhere
    assert f"`df -h {tmp_path / 'export'}`" in elsewhere
    output = full()
    assert output is not None
    assert output.startswith("Standard output")
    assert str(tmp_path) not in output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_output_that_is_full_is_called_so(cli):
    for words in (("accounts", "list"), ("messages", "export")):
        with Path("/dev/full").open("w") as target:
            done = subprocess.run(
                [sys.executable, "-m", "posthouse", *words, "--data", str(cli.data)],
                stdout=target,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr.startswith("Standard output")
        assert len(done.stderr.splitlines()) == 1


def test_an_empty_directory_becomes_ours_alone_and_another_stays_as_it_is(tmp_path):
    empty, used = Cli(tmp_path / "empty"), Cli(tmp_path / "used")
    for here in (empty, used):
        here.data.mkdir()
        here.data.chmod(0o755)
    (used.data / "posthouse.toml").touch()
    empty.well("init")
    used.well("init")
    assert empty.data.stat().st_mode & 0o777 == 0o700
    assert used.data.stat().st_mode & 0o777 == 0o755


def test_a_word_that_is_none_of_an_options_is_told_plainly(cli):
    told = cli.run("send", "13800138000", "hi", "--purpose", "spam")
    assert told.exit_code == 2
    assert "'--purpose': 'spam' is not one of 'otp', 'notification', 'marketing'." in told.stderr
