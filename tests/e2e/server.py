"""A real server in a process of its own: started as users start it, and ended by its own pid."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from posthouse.observe import FAILPOINTS

T = TypeVar("T")

HOST = "127.0.0.1"
STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 10.0
"""As the design promises for SIGTERM."""

TICK_S = 0.01


class Process(Protocol):
    """The part of `subprocess.Popen` that is used here."""

    @property
    def pid(self) -> int:
        """The process."""
        ...

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        ...

    def wait(self, timeout: float) -> int:
        """Wait for the end; raises TimeoutExpired."""
        ...

    def send_signal(self, sig: int) -> None:
        """Send it to this process."""
        ...


Launch = Callable[[list[str], dict[str, str], Path], Process]
"""(arguments of `posthouse`, environment, where its output goes) → the process."""


class Server:
    """`posthouse serve` on a data directory and a port of its own; may be started again and again."""

    def __init__(self, data: Path, launch: "Launch | None" = None) -> None:
        """`launch` starts the process; by default a fresh interpreter, as users do."""
        self.data = data
        self.port = free_port()
        self.log = data.with_name(f"{data.name}.log")
        self._launch = launch or _fresh
        self._process: Process | None = None

    def spawn(self, failpoint: str | None = None) -> Self:
        """Start the process and return at once; with `failpoint` (`name:N`) it will kill itself there."""
        if failpoint is not None and failpoint.partition(":")[0] not in FAILPOINTS:
            raise LookupError(failpoint)
        words = ["serve", "--data", str(self.data), "--port", str(self.port)]
        self._process = self._launch(words, environment(failpoint), self.log)
        return self

    def start(self, failpoint: str | None = None) -> Self:
        """Start the process and wait until it is ready."""
        self.spawn(failpoint)
        wait_until(self.is_ready, within_s=STARTS_WITHIN_S, what=self._failed_to_start)
        return self

    def is_ready(self) -> bool:
        """Whether it says so; fails when the process has ended instead."""
        assert self.is_alive(), self._failed_to_start()
        asking = HTTPConnection(HOST, self.port, timeout=2.0)
        try:
            asking.request("GET", "/readyz")
            return asking.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            asking.close()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Whose process it is."""
        return self._running().pid

    def signal(self, sig: signal.Signals) -> None:
        """Send it a signal."""
        self._running().send_signal(sig)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._running().send_signal(signal.SIGKILL)
        self._ended(within_s=STOPS_WITHIN_S)

    def terminate(self) -> None:
        """Ask it to stop, and return at once."""
        self._running().send_signal(signal.SIGTERM)

    def stop(self) -> float:
        """Ask it to stop; it must leave well and in time. Answers the seconds it took."""
        since = time.monotonic()
        self.terminate()
        assert self._ended(within_s=STOPS_WITHIN_S) == 0, self.log_tail()
        return time.monotonic() - since

    def died(self, *, within_s: float) -> int:
        """Wait for the process to end by itself; its exit status, negative for a signal."""
        return self._ended(within_s=within_s)

    def close(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        if self.is_alive():
            self.kill()

    def log_tail(self) -> str:
        """The last of what it said."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def _running(self) -> Process:
        assert self._process is not None, "the server was never started"
        return self._process

    def _ended(self, *, within_s: float) -> int:
        try:
            return self._running().wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still alive after {within_s} s\n{self.log_tail()}") from None

    def _failed_to_start(self) -> str:
        return f"the server is not ready\n{self.log_tail()}"


def command(data: Path, *words: str, exit_code: int = 0) -> Any:
    """Run a `posthouse` command with `--json`; it must end so. Answers what it printed."""
    done = subprocess.run(
        [*_COMMAND, *words, "--data", str(data), "--json"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=STARTS_WITHIN_S,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr.decode(errors="replace")
    return json.loads(done.stdout)


def wait_until(
    condition: Callable[[], T], *, within_s: float, what: str | Callable[[], str], tick_s: float = TICK_S
) -> T:
    """Look again and again, until the condition's answer is true; fail after so many seconds."""
    deadline = time.monotonic() + within_s
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {within_s} s: {what if isinstance(what, str) else what()}")
        time.sleep(tick_s)
    return answer


def free_port() -> int:
    """A free port below those the kernel gives to clients.

    One of those could become the source of our own connection to a server that is down, and a
    connection to itself succeeds.
    """
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port


def environment(failpoint: str | None = None) -> dict[str, str]:
    """Ours without anything that sets Posthouse."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POSTHOUSE_")}
    return clean if failpoint is None else clean | {"POSTHOUSE_FAILPOINT": failpoint}


_COMMAND = (sys.executable, "-m", "posthouse")


def _fresh(words: list[str], variables: dict[str, str], log: Path) -> Process:
    with log.open("ab") as output:
        return subprocess.Popen(
            [*_COMMAND, *words], env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
