"""The command line on real directories."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner, Result

from posthouse.cli import app

START_MAX_S = 30


@pytest.fixture(autouse=True)
def own_environment(monkeypatch, tmp_path):
    """Nothing of the caller's shell counts, and what a command sets up for logs ends with its test."""
    for name in [name for name in os.environ if name.startswith("POSTHOUSE_")]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    monkeypatch.setenv("POSTHOUSE_OUTPUT", "text")  # as on a terminal; tests of JSON ask for it
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


class Cli:
    """Runs commands against one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--data", str(self.data)])

    def well(self, *words: str) -> str:
        """The output of a command that must succeed."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.well(*words, "--json"))

    def refused(self, *words: str) -> str:
        """The one sentence of a command that must fail with exit code 1."""
        result = self.run(*words)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        lines = result.stderr.splitlines()
        assert len(lines) == 1, result.stderr
        return lines[0]


@pytest.fixture
def empty(tmp_path):
    return Cli(tmp_path / "var")


@pytest.fixture(scope="session")
def initialised(tmp_path_factory):
    """A directory as `init` leaves it, to be copied: that takes a fiftieth of the time."""
    data = tmp_path_factory.mktemp("initialised") / "var"
    with pytest.MonkeyPatch.context() as shell:
        for name in [name for name in os.environ if name.startswith("POSTHOUSE_")]:
            shell.delenv(name)
        Cli(data).json("init")
    return data


@pytest.fixture
def cli(empty, initialised):
    shutil.copytree(initialised, empty.data)
    return empty


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`posthouse serve` in a process of its own."""

    def __init__(self, data: Path, *words: str) -> None:
        self.port = free_port()
        serve = ["serve", "--data", str(data), "--port", str(self.port), *words]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "posthouse", *serve],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.greeting = ""
        while not self.greeting.rstrip().endswith("}'"):
            line = self.process.stdout.readline()
            assert line, self.process.communicate(timeout=START_MAX_S)[1]
            self.greeting += line

    @property
    def curl(self) -> str:
        found = re.search(r"^curl .*$", self.greeting, re.MULTILINE)
        assert found is not None
        return found[0]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=START_MAX_S)
        return self.process.returncode


@pytest.fixture
def serve(empty):
    started: list[Server] = []

    def start(*words: str) -> Server:
        started.append(Server(empty.data, *words))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture
def furnished(cli: Cli) -> Cli:
    """An installation with a queued message and settings of its own."""
    cli.json("send", "13900130001", "only for the eyes of the recipient")
    (cli.data / "posthouse.toml").write_text('zone = "Europe/Berlin"\n')
    return cli


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "backup"


@pytest.fixture
def backed_up(furnished: Cli, file: Path) -> Cli:
    file.parent.mkdir()
    furnished.well("backup", str(file))
    return furnished


@pytest.fixture
def other(tmp_path) -> Cli:
    return Cli(tmp_path / "other")
