"""What `doctor` looks at, one function a check: the machine, the settings, the directory."""

import errno
import os
import shutil
import stat
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from posthouse.bootstrap.house import found
from posthouse.cli.checks_of_data import examine_data
from posthouse.cli.checks_of_server import examine_server
from posthouse.cli.config import faults_of
from posthouse.cli.finding import Finding, well, wrong
from posthouse.settings import BadSettings, load
from posthouse.storage.engine.sqlite import BrokenLibrary, driver

FREE_MIN_BYTES = 1 << 30
SYNCS, SYNC_MAX_S = 20, 0.020


def examine(data: Path) -> list[Finding]:
    """Every check, as far as those before it let it be made."""
    return list(_examine(data))


def _examine(data: Path) -> Iterator[Finding]:
    yield _python()
    library = _library()
    yield library
    yield _directory(data)
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return
    faults = faults_of(data)
    yield from (wrong("settings", fault, "`posthouse config show` tells what counts") for fault in faults)
    try:
        settings = load(data)
    except BadSettings:
        return
    if not faults:
        yield well("settings", "understood")
    yield _space(data)
    yield _sync(data)
    yield from examine_server(data, settings)
    if not library.ok:
        return
    if not found(data):
        yield wrong(
            "installation",
            f"there is none in {data}",
            f"run `posthouse init --data {data}`, or give --data",
        )
        return
    yield from examine_data(data, settings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "use Python 3.11 or newer")


def _library() -> Finding:
    try:
        module = driver()
    except BrokenLibrary as error:
        return wrong("SQLite library", "none that is safe", str(error))
    return well("SQLite library", f"{module.sqlite_version} ({module.__name__})")


def _directory(data: Path) -> Finding:
    name = "data directory"
    if not data.is_dir():
        return wrong(
            name,
            f"{data} is not there",
            f"run `posthouse init --data {data}`, or give the right --data",
        )
    mode = stat.S_IMODE(data.stat().st_mode)
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return wrong(name, f"{data} is not ours to write", f"chown it to user {os.getuid()}")
    if mode & 0o007:
        return wrong(name, f"{data} is open to everybody ({mode:04o})", f"chmod 700 {data}")
    return well(name, f"{data} ({mode:04o})")


def _space(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    told = f"{free / (1 << 30):,.1f} GB free"
    fix = f"make room (`df -h {data}`): below 1 GB a busy day fills it, and then nothing is accepted"
    return Finding("disk", free >= FREE_MIN_BYTES, told, fix)


def _sync(data: Path) -> Finding:
    name = "disk sync"
    try:
        with tempfile.TemporaryFile(dir=data) as file:
            took = [_timed(lambda: _write_through(file.fileno())) for _ in range(SYNCS)]
    except OSError as error:
        full = error.errno == errno.ENOSPC
        remedy = "make room on this disk" if full else "make the directory writable"
        return wrong(name, f"cannot be measured ({error.strerror})", remedy)
    median, worst = statistics.median(took), max(took)
    told = (
        f"{median * 1000:.2f} ms, {worst * 1000:.2f} ms at worst, of {SYNCS}: "
        f"up to {1 / max(median, 1e-6):,.0f} commits a second, each of many messages"
    )
    return Finding(
        name,
        median <= SYNC_MAX_S,
        told,
        f"use a faster disk: every reply waits for it, and above {SYNC_MAX_S * 1000:.0f} ms it is felt",
    )


def _write_through(handle: int) -> None:
    os.write(handle, b"\0" * 4096)
    os.fdatasync(handle)


def _timed(do: Callable[[], None]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin
