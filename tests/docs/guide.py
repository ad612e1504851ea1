"""Runs a guide as its reader would: every block, in order, in one directory, against a real server.

- `sh`: a shell runs it; what it sets, the next block has. One that begins with `make run` starts a server.
- `console`: each line after `$` is run on a terminal, and shows what the page does, but for ids and times; at
  once, or when looked at again.
- `json`: what the block before it printed, but for ids, codes and times.
- `python`, `ts`: a program of its own. One that asks `Code: ` is told what the simulated handset got last.
- `pip install`: not done, for it is installed here already; from the path the page names, as is looked at.

An id or a code the page shows stands for the one that came in its place.
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
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from tests.docs.programs import NODE, PROMPT, PYTHON, on_node, run, type_the_code
from tests.e2e.server import Server

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.1:8025"
WITHIN_S = 60
LOOKS_AGAIN_S = 15

_PIP = re.compile(r"^pip install (\S+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_VOLATILE = re.compile(r"(_id|_at|_cursor|_hash|key|_secret|reference|received|retry_after_s)$")
_ID = re.compile(r"\b(?:sms|bat|req|otp|tst|grd|inb)_[0-9a-z]{13}\b")
# As the usual text of a code has it, and no other.
_CODE = re.compile(r"(?:verification code is |您的验证码是)(\d{6})(?=\. It expires|,\d+分钟内有效)")
_CHANGING = (
    (_ID, "ID"),
    (_CODE, "CODE"),
    (re.compile(r"\bsim-[0-9a-f]+-\d+\b"), "REF"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r"\+\d+ ms"), "+ms"),
    (re.compile(r"(?:for another|还剩) [\d,]+ (?:s|秒)"), "SOON"),
    (re.compile(r"\s+"), " "),
)


_PROGRAMS = {"python": PYTHON, "ts": NODE}


class Block(NamedTuple):
    """A piece of code of a page, with the line it begins at."""

    kind: str
    code: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Every block of a page that names its language."""
    for found in _BLOCK.finditer(page):
        yield Block(found[1], found[2], page.count("\n", 0, found.start()) + 1)


class Played(NamedTuple):
    """How many blocks of a page were run, and how many could not be for want of Node."""

    run: int
    left_out: int


def play(page: Path, place: Path) -> Played:
    """Run the page in a directory with nothing but the checkout's `.venv` and `sdk`."""
    (place / ".venv").mkdir()
    (place / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (place / "sdk").symlink_to(ROOT / "sdk")
    reader = _Reader(place)
    try:
        count = 0
        for block in blocks(page.read_text()):
            try:
                count += reader.take(block)
            except (AssertionError, subprocess.SubprocessError) as error:
                raise AssertionError(f"{page.name}:{block.line}: {error}\n{block.code}") from error
        return Played(count, reader.left_out)
    finally:
        reader.server.close()


class _Reader:
    """Somebody at a terminal, who types what the page says."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.server = Server(place / "var")
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("POSTHOUSE_", "INFRAI_", "npm_"))
        }
        self._variables = own | {
            "LC_ALL": "C.UTF-8",  # in English, unless the page says otherwise
            "HOME": str(place),  # whose credentials are not ours
            "INFRAI_BASE_URL": f"http://127.0.0.1:{self.server.port}",  # the usual one is elsewhere
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # it is active
            "npm_config_offline": "true",
            "npm_config_update_notifier": "false",
        }
        self._printed = ""
        self._stands_for: dict[str, str] = {}
        self._node = on_node()
        self.left_out = 0

    def take(self, block: Block) -> int:
        code = self._as_it_came(block.code.replace(ADDRESS, f"127.0.0.1:{self.server.port}"))
        if not self._node and (block.kind == "ts" or code.startswith("npm ")):
            self.left_out += 1
            return 0
        if block.kind == "sh":
            self._typed(code)
        elif block.kind == "console":
            self._console(code)
        elif block.kind == "json":
            _same(json.loads(code), json.loads(self._printed), "$")
            self._note(code, self._printed)
        elif block.kind in _PROGRAMS:
            start = type_the_code if PROMPT in code else run
            self._printed = start(
                [*_PROGRAMS[block.kind], code], within=self._place, variables=self._variables
            )
        else:
            return 0
        return 1

    def _typed(self, code: str) -> None:
        if code.split()[:2] == ["make", "run"]:
            self.server.start()
        elif "posthouse tail" in code:
            self._printed = self._watch(code)
        else:
            for path in _PIP.findall(code):
                _have(path)
            self._printed = self._shell(_PIP.sub("", code))

    def _as_it_came(self, code: str) -> str:
        for shown, real in self._stands_for.items():
            code = code.replace(shown, real)
        return code

    def _note(self, told: str, found: str) -> None:
        """From here on what the page shows stands for what came."""
        for changing in (_ID, _CODE):
            self._stands_for |= dict(zip(changing.findall(told), changing.findall(found), strict=True))

    def _shell(self, code: str) -> str:
        kept = self._place / ".variables"
        # The first line of what follows is the first line of the page: bash counts from there.
        words = ["bash", "-c", f"set -eo pipefail; set -a; {code}\nenv -0 > {kept}"]
        told = run(words, within=self._place, variables=self._variables)
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

    def _console(self, code: str) -> None:
        for typed, expected in _dialogue(code):
            command = self._as_it_came(typed)
            since = time.monotonic()
            while _plain(shown := self._on_terminal(command)) != _plain(expected):
                assert time.monotonic() - since < LOOKS_AGAIN_S, f"$ {command}\nshows\n{shown}"
            self._note(expected, shown)

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


def _have(path: str) -> None:
    """Whether what the page installs is what is installed here: our client, from this checkout."""
    told = metadata.distribution("posthouse-sdk").read_text("direct_url.json")
    assert told is not None, "the client is not installed from a path"
    assert json.loads(told)["url"] == (ROOT / path).resolve().as_uri()


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
