"""Runs a guide as its reader would: every block, in order, in one directory, against a real server.

- `sh`: a shell runs it; what it sets, the next block has. One that begins with `make run` starts a server.
- `console`: each line after `$` is run on a terminal, and shows what the page does, but for ids and times; at
  once, or when looked at again. An id the page shows stands for the one that came in its place.
- `json`: what the block before it printed, but for ids and times.
- `python`: a program of its own.
"""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.server import Server

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.1:8025"
WITHIN_S = 60
LOOKS_AGAIN_S = 15

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_VOLATILE = re.compile(r"(_id|_at|_cursor|_hash|key|_secret|reference|received)$")
_ID = re.compile(r"\b(?:sms|bat|req)_[0-9a-z]{13}\b")
_CHANGING = (
    (_ID, "ID"),
    (re.compile(r"\bsim-[0-9a-f]+-\d+\b"), "REF"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r"\+\d+ ms"), "+ms"),
    (re.compile(r"\s+"), " "),
)


class Block(NamedTuple):
    """A piece of code of a page, with the line it begins at."""

    kind: str
    code: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Every block of a page that names its language."""
    for found in _BLOCK.finditer(page):
        yield Block(found[1], found[2], page.count("\n", 0, found.start()) + 1)


def play(page: Path, place: Path) -> int:
    """Run the page in an empty directory; answers how many blocks were run."""
    (place / ".venv").mkdir()
    (place / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    reader = _Reader(place)
    try:
        count = 0
        for block in blocks(page.read_text()):
            try:
                count += reader.take(block)
            except (AssertionError, subprocess.SubprocessError) as error:
                raise AssertionError(f"{page.name}:{block.line}: {error}\n{block.code}") from error
        return count
    finally:
        reader.server.close()


class _Reader:
    """Somebody at a terminal, who types what the page says."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.server = Server(place / "var")
        own = {name: value for name, value in os.environ.items() if not name.startswith("POSTHOUSE_")}
        self._variables = own | {"LC_ALL": "C.UTF-8"}  # in English, unless the page says otherwise
        self._printed = ""
        self._ids: dict[str, str] = {}

    def take(self, block: Block) -> int:
        code = block.code.replace(ADDRESS, f"127.0.0.1:{self.server.port}")
        for shown, real in self._ids.items():
            code = code.replace(shown, real)
        if block.kind == "sh" and code.split()[:2] == ["make", "run"]:
            self.server.start()
        elif block.kind == "sh" and "posthouse tail" in code:
            self._printed = self._watch(code)
        elif block.kind == "sh":
            self._printed = self._shell(code)
        elif block.kind == "console":
            self._console(code)
        elif block.kind == "json":
            _same(json.loads(code), json.loads(self._printed), "$")
        elif block.kind == "python":
            self._printed = self._run([sys.executable, "-c", code])
        else:
            return 0
        return 1

    def _shell(self, code: str) -> str:
        kept = self._place / ".variables"
        # The first line of what follows is the first line of the page: bash counts from there.
        told = self._run(["bash", "-c", f"set -eo pipefail; set -a; {code}\nenv -0 > {kept}"])
        pairs = (pair.partition("=") for pair in kept.read_text().split("\0") if pair)
        self._variables = {name: value for name, _, value in pairs}
        return told

    def _watch(self, code: str) -> str:
        """What never ends by itself: ended as from the keyboard, once it has shown something."""
        words = shlex.split(code)
        with subprocess.Popen(
            words, cwd=self._place, env=self._variables, stdout=subprocess.PIPE, text=True
        ) as watching:
            assert watching.stdout is not None
            shown = watching.stdout.readline()
            watching.send_signal(signal.SIGINT)
            shown += watching.communicate(timeout=WITHIN_S)[0]
        assert watching.returncode == 0, f"exit {watching.returncode}"
        assert shown.strip(), "nothing was shown"
        return shown

    def _run(self, words: list[str]) -> str:
        done = subprocess.run(
            words,
            cwd=self._place,
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def _console(self, code: str) -> None:
        for command, expected in _dialogue(code):
            for told, real in self._ids.items():
                command = command.replace(told, real)  # noqa: PLW2901 - what is typed, with the real ids
            since = time.monotonic()
            while _plain(shown := self._on_terminal(command)) != _plain(expected):
                assert time.monotonic() - since < LOOKS_AGAIN_S, f"$ {command}\nshows\n{shown}"
            self._ids |= dict(zip(_ID.findall(expected), _ID.findall(shown), strict=True))

    def _on_terminal(self, command: str) -> str:
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as screen:
            process = subprocess.Popen(
                ["bash", "-c", command],
                cwd=self._place,
                env=self._variables | {"TERM": "dumb", "COLUMNS": "160"},
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
            )
            os.close(theirs)
            seen = b""
            with suppress(OSError):  # the terminal ends with its last writer
                while piece := screen.read(65536):
                    seen += piece
            process.wait(WITHIN_S)
        return _ESCAPE.sub("", seen.decode()).replace("\r\n", "\n")


def _dialogue(code: str) -> Iterator[tuple[str, str]]:
    """Each command with what is shown below it."""
    for part in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        while command.endswith("\\"):
            more, _, shown = shown.partition("\n")
            command = f"{command[:-1]} {more.strip()}"
        yield command, shown


def _plain(shown: str) -> list[str]:
    lines = []
    for line in shown.splitlines():
        text = line
        for changing, word in _CHANGING:
            text = changing.sub(word, text)
        if text.strip():
            lines.append(text.strip())
    return lines


def _same(told: Any, found: Any, where: str) -> None:
    """Whether a document is the one that is shown: the same members, and values but for what changes."""
    if isinstance(told, dict):
        assert isinstance(found, dict), f"{where} is {found!r}"
        assert list(told) == list(found), f"{where} has {list(found)}"
        for name, value in told.items():
            if not _VOLATILE.search(name) or value is None or isinstance(value, dict | list):
                _same(value, found[name], f"{where}.{name}")
    elif isinstance(told, list):
        assert isinstance(found, list), f"{where} is {found!r}"
        assert len(told) == len(found), f"{where} has {len(found)} entries"
        for index, (one, other) in enumerate(zip(told, found, strict=True)):
            _same(one, other, f"{where}[{index}]")
    else:
        assert _plain(str(told)) == _plain(str(found)), f"{where} is {found!r}, not {told!r}"
