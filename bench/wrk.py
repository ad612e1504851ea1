"""Load from wrk on its own core."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.server import Server

CONNECTIONS = 64
TEXT = "Posthouse: your order is on its way."
_SCRIPT = Path(__file__).parent / "load.lua"
_TOLD = re.compile(r"^bench (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)
_GRACE_S = 30


class Burst(NamedTuple):
    """What wrk counted: answers in all, those that were not 2xx, and trouble with connections."""

    answers: int
    duration_us: int
    not_2xx: int
    broken: int
    late: int
    p50_us: int
    p99_us: int

    @property
    def per_s(self) -> float:
        """Good answers a second."""
        return self.good / self.duration_us * 1e6

    @property
    def good(self) -> int:
        """Answers of 2xx."""
        return self.answers - self.not_2xx

    @property
    def faults(self) -> list[str]:
        """What makes the burst worth nothing."""
        counts = {
            "answers other than 2xx": self.not_2xx,
            "broken connections": self.broken,
            "time-outs": self.late,
        }
        return [f"{count:,} {name}" for name, count in counts.items() if count]


def send(server: Server, *, core: int, seconds: int) -> Burst:
    """Single messages, each answered before the next on its connection."""
    return _run(f"http://127.0.0.1:{server.port}/v1/sms/send", ["send", server.key, TEXT], core, seconds)


def otp(server: Server, *, core: int, seconds: int) -> Burst:
    """Codes, each for a number of its own."""
    return _run(f"http://127.0.0.1:{server.port}/v1/sms/otp", ["otp", server.key], core, seconds)


def verify(server: Server, *, core: int, seconds: int) -> Burst:
    """Checks of wrong codes, each for a number of its own."""
    return _run(f"http://127.0.0.1:{server.port}/v1/sms/verify", ["verify", server.key], core, seconds)


def fixed(server: Server, *, core: int, seconds: int) -> Burst:
    """A fixed reply of the same server, which bounds what it could do."""
    return _run(f"http://127.0.0.1:{server.port}/livez", ["fixed"], core, seconds)


def _run(url: str, words: list[str], core: int, seconds: int) -> Burst:
    command = [
        "taskset",
        "-c",
        str(core),
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
    ]
    done = subprocess.run(
        [*command, "-s", str(_SCRIPT), url, "--", *words],
        check=True,
        capture_output=True,
        text=True,
        timeout=seconds + _GRACE_S,
    )
    told = _TOLD.search(done.stdout)
    if told is None:
        raise RuntimeError(f"wrk said nothing to be understood: {done.stdout[-300:]}{done.stderr[-300:]}")
    return Burst(*map(int, told.groups()))
