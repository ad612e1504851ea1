"""The server under measurement: a process pinned to one core, and what the kernel and `/metrics` tell."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from bench.client import Client, Unexpected
from bench.installation import Installation, environment

READY_S = 120.0
STOP_S = 20.0
_LOOK_S = 0.005
_TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """What the server has used and done since it started."""

    cpu_us: float
    commits: float
    commands: float
    rows: float

    def since(self, before: "Usage") -> "Usage":
        """The difference."""
        return Usage(*(now - then for now, then in zip(self, before, strict=True)))

    @property
    def per_commit(self) -> str:
        """Commands and rows a commit, for a note."""
        if not self.commits:
            return "no commits"
        commands, rows = self.commands / self.commits, self.rows / self.commits
        return f"{commands:,.1f} commands and {rows:,.0f} rows per commit"


class Server:
    """`posthouse serve`, or the API alone; ready when the block is entered, ended when it is left."""

    def __init__(self, installation: Installation, *, core: int, api_only: bool = False) -> None:
        self.key = installation.key
        self.ready_s = 0.0
        self._data = installation.data
        self._core = core
        self._api_only = api_only
        self._log = installation.data / "log"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        role = "api" if self._api_only else "all"
        program = ["posthouse", "serve", "--data", str(self._data), "--port", str(self.port), "--role", role]
        start = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(self._core), sys.executable, "-m", *program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                cwd=Path(__file__).parent.parent,
            )
        try:
            self._wait_until_ready(start)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self) -> Client:
        """A connection of its own."""
        return Client(self.port, self.key)

    def usage(self) -> Usage:
        """CPU time of all its threads, and the commits."""
        with self.client() as client:
            page = client.call("GET", "/metrics").decode()
        values = dict(line.rsplit(" ", 1) for line in page.splitlines() if line and line[0] != "#")
        # The name of the program stands in parentheses and may hold anything.
        words = self._proc("stat").rpartition(")")[2].split()
        return Usage(
            (int(words[11]) + int(words[12])) * _TICK_US,
            float(values["posthouse_commit_commands_count"]),
            float(values["posthouse_commit_commands_sum"]),
            float(values["posthouse_commit_rows_total"]),
        )

    def memory_mb(self) -> tuple[float, float]:
        """Resident memory now, and at its highest."""
        values = dict(line.split(":", 1) for line in self._proc("status").splitlines() if ":" in line)
        now, peak = (int(values[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
        return now, peak

    def total_sent(self) -> int:
        """Messages ever accepted of the account, once that has stopped to grow."""
        with self.client() as client:
            seen = -1
            while (total := int(client.get("/v1/account")["total_sent"])) != seen:
                seen = total
                time.sleep(0.2)
        return seen

    def _proc(self, name: str) -> str:
        if self._process is None:
            raise RuntimeError("the server does not run")
        return Path(f"/proc/{self._process.pid}/{name}").read_text(encoding="utf-8")

    def _wait_until_ready(self, start: float) -> None:
        while (elapsed := time.perf_counter() - start) < READY_S:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with Client(self.port, self.key, timeout_s=5.0) as client:
                    client.call("GET", "/readyz")
            except (OSError, Unexpected):
                time.sleep(_LOOK_S)
                continue
            self.ready_s = time.perf_counter() - start
            return
        tail = self._log.read_text(encoding="utf-8", errors="replace")[-1000:]
        raise RuntimeError(f"The server is not ready after {elapsed:.0f} s. The end of its log:\n{tail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
