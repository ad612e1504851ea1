"""Server processes forked from one that has imported everything: what dies fifty times must start quickly.

Each is a process of its own with its own files, threads and loop, running the same command; what it
spares is the second that a fresh interpreter needs for its imports. Where the start itself is tried,
servers start afresh.
"""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["posthouse.bootstrap.alone", "posthouse.bootstrap.server", "posthouse.cli"])


class Forked:
    """A forked server, as `subprocess.Popen` would show it."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid or 0

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for the end."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired("posthouse", timeout)
        return status

    def send_signal(self, sig: int) -> None:
        """Send it to this process, if it still runs."""
        if self._process.exitcode is None and self._process.pid is not None:
            os.kill(self._process.pid, sig)


def forked(words: list[str], variables: dict[str, str], log: Path) -> Forked:
    """Start `posthouse` with these arguments."""
    process = _context.Process(target=_run, args=(words, variables, str(log)))
    process.start()
    return Forked(process)


def _run(words: list[str], variables: dict[str, str], log: str) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(variables)
    from posthouse.cli import app  # noqa: PLC0415 - only in the forked process

    app(words, prog_name="posthouse")
