"""A data directory of its own for a figure, and what its files tell when looked at from outside."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posthouse.storage.engine.sqlite import SQLite, connect

CREDIT = "900000000"
_COMMAND_S = 60


@dataclass(frozen=True, slots=True)
class Installation:
    """A directory that was initialised, with the key of an account that can pay for everything."""

    data: Path
    key: str

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        rows = self._ask(SQLite(self.data).path, "SELECT state, SUM(count) FROM state_counts GROUP BY state")
        return {state: count for state, count in rows if count}

    def handsets(self) -> tuple[int, int]:
        """How many messages reached a handset of the sandbox, and how many of these more than once."""
        [(reached, receptions)] = self._ask(
            self.data / "sandbox.db", "SELECT COUNT(DISTINCT message_id), COUNT(*) FROM handset"
        )
        return reached, receptions - reached

    def slow_down(self, rate_per_s: int) -> None:
        """Let the sandbox take so many messages a second; for a directory that nobody serves."""
        connection = connect(str(SQLite(self.data).path))
        try:
            connection.execute("UPDATE channels SET rate_per_s = ?", (rate_per_s,))
        finally:
            connection.close()

    def command(self, *words: str) -> str:
        """What one of the product's commands prints about this directory."""
        return _posthouse(*words, "--data", str(self.data))

    def waits_us(self, channel: str, since: int) -> list[int]:
        """How long messages accepted since then took until this channel's vendor had them."""
        rows = self._ask(
            SQLite(self.data).path,
            "SELECT a.answered_at - m.created_at FROM messages m JOIN attempts a ON a.message_id = m.id "
            "JOIN channels c ON c.id = a.channel_id "
            "WHERE m.created_at >= ? AND c.name = ? AND a.answered_at IS NOT NULL",
            since,
            channel,
        )
        return [wait for (wait,) in rows]

    @staticmethod
    def _ask(path: Path, sql: str, *values: object) -> list[Any]:
        """One query on a file that the server may have open."""
        connection = connect(str(path))
        try:
            connection.execute("PRAGMA query_only=ON")
            return list(connection.execute(sql, values).fetchall())
        finally:
            connection.close()


def establish(data: Path) -> Installation:
    """Initialise a directory and give its account money, by the product's own commands."""
    told = json.loads(_posthouse("init", "--data", str(data), "--json"))
    _posthouse("accounts", "credit", str(told["account"]), CREDIT, "--data", str(data))
    return Installation(data, str(told["key"]))


def environment() -> dict[str, str]:
    """The caller's environment without settings for the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("POSTHOUSE_")}


def remove(base: Path, own: Path) -> None:
    """Remove a run's directories, and those of runs whose process has gone."""
    for run in base.glob("run-*"):
        if run == own or not Path("/proc", run.name.removeprefix("run-")).exists():
            shutil.rmtree(run, ignore_errors=True)


def _posthouse(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "posthouse", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=_COMMAND_S,
        env=environment(),
    )
    if done.returncode:
        raise RuntimeError(f"posthouse {words[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout
