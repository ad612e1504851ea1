"""The machine: what the figures need of it, which cores they use, and the conditions they were taken in."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from posthouse.storage.engine.sqlite import driver

_SYNCS, _BLOCK = 200, 4096


def lacking() -> str | None:
    """Why nothing can be measured here, in one sentence; None where all is well."""
    for program, package in (("wrk", "wrk"), ("taskset", "util-linux")):
        if shutil.which(program) is None:
            return f"make bench needs {program}; install it first, e.g. sudo apt-get install {package}"
    if len(os.sched_getaffinity(0)) < 2:
        return "make bench needs two cores, one for the server and one for the load; this process may use one"
    return None


def cores() -> tuple[int, int]:
    """The server's core, and that of the load."""
    server, load = sorted(os.sched_getaffinity(0))[:2]
    return server, load


def conditions(directory: Path) -> Mapping[str, str]:
    """What a reader must know to judge the figures; `directory` is where the data will be."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "revision": _revision(),
        "CPU": _cpu(),
        "cores": str(os.cpu_count()),
        "load average at start": f"{os.getloadavg()[0]:.2f}",
        "Python": platform.python_version(),
        "SQLite": str(driver().sqlite_version),
        "wrk": _first_line("wrk", "-v").removeprefix("wrk ").partition(" Copyright")[0],
        "kernel": platform.release(),
        "file system": _file_system(directory),
        "fdatasync": f"{_fdatasync_us(directory):,.0f} µs (mean of {_SYNCS} × 4 KiB)",
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Hardware", "Model"):
            return value.strip()
    return platform.machine()


def _file_system(directory: Path) -> str:
    """The type of the longest mount point above the directory."""
    place = str(directory.resolve())
    found = ("", "unknown")
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, kind, *_ = line.split()
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]


def _fdatasync_us(directory: Path) -> float:
    path = directory / "fdatasync"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        spent = 0.0
        for _ in range(_SYNCS):
            os.write(file, b"x" * _BLOCK)
            start = time.perf_counter()
            os.fdatasync(file)
            spent += time.perf_counter() - start
    finally:
        os.close(file)
        path.unlink()
    return spent / _SYNCS * 1e6


def _revision() -> str:
    described = _first_line("git", "describe", "--always", "--dirty")
    return described or "unknown"


def _first_line(*command: str) -> str:
    """The first line of a program's answer; empty where it has none. `wrk -v` exits with 1."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return ""
    lines = (done.stdout or "").splitlines()
    return lines[0] if lines else ""
