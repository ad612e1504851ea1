"""Runs the programs of a guide, and types the code that one of them asks for."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.request import Request, urlopen

from tests.e2e.server import wait_until

WITHIN_S = 60
PROMPT = "Code: "
NODE_OLDEST = 20

_STANDS_ALONE = re.compile(r"(?<!\d)\d{4,10}(?!\d)")


def on_node() -> bool:
    """Whether programs for Node can be run here."""
    if shutil.which("node") is None:
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=10, check=False)
    return said.returncode == 0 and int(said.stdout[1:].partition(".")[0]) >= NODE_OLDEST


def run(words: list[str], *, within: Path, variables: Mapping[str, str]) -> str:
    """Run a program that must end well; answers what it printed."""
    done = subprocess.run(
        words,
        cwd=within,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def type_the_code(words: list[str], *, within: Path, variables: Mapping[str, str]) -> str:
    """Run a program that asks for a code; it must end well. Answers what it printed.

    The code is the one in the newest message that reached a handset since the program began.
    """
    before = set(_messages(variables))
    with subprocess.Popen(
        words, cwd=within, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        shown = ""
        while not shown.endswith(PROMPT):
            piece = process.stdout.read(1)
            assert piece, f"it ended without asking for a code: {shown}"
            shown += piece
        process.stdin.write(f"{_code(variables, before)}\n")
        shown += process.communicate(timeout=WITHIN_S)[0]
    assert process.returncode == 0, f"exit {process.returncode}: {shown}"
    return shown


def _code(variables: Mapping[str, str], before: set[str]) -> str:
    def newest() -> str | None:
        return next((text for key, text in _messages(variables).items() if key not in before), None)

    text = wait_until(newest, within_s=WITHIN_S, what="no message reached a handset")
    assert text is not None
    found = _STANDS_ALONE.search(text)
    assert found is not None, "the message holds no code"
    return found[0]


def _messages(variables: Mapping[str, str]) -> dict[str, str]:
    """What the handsets of the program's account got, newest first: text by id."""
    request = Request(  # noqa: S310 - the server that the guide started
        f"{variables['INFRAI_BASE_URL']}/v1/sandbox/messages",
        headers={"Authorization": f"Bearer {variables['POSTHOUSE_API_KEY']}"},
    )
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
        return {each["sms_id"]: each["text"] for each in json.load(answer)["data"]}


PYTHON = [sys.executable, "-c"]
NODE = ["node", "--input-type=module", "--eval"]
