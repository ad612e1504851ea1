"""What `doctor` looks at, one function a check: the machine, the directory, the server."""

import os
import shutil
import stat
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from posthouse.bootstrap.house import Trouble, found
from posthouse.bootstrap.premises import held
from posthouse.cli.checks_of_data import examine_data
from posthouse.cli.finding import Finding, well, wrong
from posthouse.settings import BadSettings, Settings, load
from posthouse.storage.engine.sqlite import BrokenLibrary, driver

FREE_MIN_BYTES = 1 << 30
FSYNCS, FSYNC_MAX_S = 20, 0.020


def examine(data: Path) -> list[Finding]:
    """Every check, as far as those before it let it be made."""
    return list(_examine(data))


def _examine(data: Path) -> Iterator[Finding]:
    yield _python()
    library = _library()
    yield library
    try:
        settings = load(data)
    except BadSettings as error:
        yield wrong("settings", str(error), "correct or remove it")
        return
    yield _directory(data)
    if not data.is_dir():
        return
    yield _space(data)
    yield _fsync(data)
    yield from _server(data, settings)
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
    return Finding("disk", free >= FREE_MIN_BYTES, told, "make room: below 1 GB a busy day can fill it")


def _fsync(data: Path) -> Finding:
    name = "fsync"
    try:
        with tempfile.TemporaryFile(dir=data) as file:
            took = [_timed(lambda: _write_through(file.fileno())) for _ in range(FSYNCS)]
    except OSError as error:
        return wrong(name, f"cannot be measured ({error.strerror})", "make the directory writable")
    median = statistics.median(took)
    told = f"{median * 1000:.1f} ms (median of {FSYNCS})"
    return Finding(
        name,
        median <= FSYNC_MAX_S,
        told,
        "use a faster disk: every commit waits for it, above 20 ms it is felt",
    )


def _write_through(handle: int) -> None:
    os.write(handle, b"\0" * 4096)
    os.fsync(handle)


def _timed(do: Callable[[], None]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


def _server(data: Path, settings: Settings) -> Iterator[Finding]:
    """The lock and the port: either a server holds the one and answers on the other, or both are free."""
    from posthouse.bootstrap.server import listen
    from posthouse.cli.sending import ready

    address = held(data)
    if address is not None:
        yield well("server", f"one runs on this directory{f', {address}' if address else ''}")
        told = ready(address) if address else "it has not said its address yet"
        yield Finding(
            "readiness", told == "ok", told, "look at the server's log; restart it if it stays like this"
        )
        return
    yield well("server", "none runs on this directory")
    try:
        listen(settings.host, settings.port).close()
    except Trouble as error:
        yield wrong(
            "port",
            f"{settings.host}:{settings.port} is not free",
            f"{error} POSTHOUSE_PORT does the same.",
        )
    else:
        yield well("port", f"{settings.host}:{settings.port} is free")
