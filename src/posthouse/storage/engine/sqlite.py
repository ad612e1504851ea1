"""SQLite: one file in the data directory, WAL, FULL, one writer connection, readers apart."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine

FIXED = (3, 51, 3)
BACKPORTS = ((3, 44, 6), (3, 50, 7))
BUSY_TIMEOUT_S = 5.0


class BrokenLibrary(Exception):
    """Every SQLite library found can lose commits in WAL mode with two connections."""


def driver() -> ModuleType:
    """A DB-API module whose SQLite library is free of the WAL-reset bug.

    Versions 3.7.0 to 3.51.2 can lose commits (https://sqlite.org/wal.html#walresetbug, read
    2026-11-21); 3.51.3, and the backports 3.44.6 and 3.50.7, cannot.

    Raises:
        BrokenLibrary: saying what to install.
    """
    found: list[str] = []
    for name in ("pysqlite3", "sqlite3"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if library_is_fixed(module.sqlite_version_info):
            _bind_quickly(module)
            return module
        found.append(f"{name} has SQLite {module.sqlite_version}")
    msg = (
        f"{'; '.join(found)}: this library can lose committed data in WAL mode. "
        "Install the driver that brings a fixed one (pip install 'pysqlite3>=0.6.1'), "
        "or use SQLite 3.51.3 or newer."
    )
    raise BrokenLibrary(msg)


def _bind_quickly(module: ModuleType) -> None:
    """Give None, bool and bytes an adapter: binding one costs 2.7 µs of failed look-ups without, 0.3 with."""
    module.register_adapter(type(None), {}.get)  # the quickest callable that turns None into None
    module.register_adapter(bool, int)
    module.register_adapter(bytes, bytes)


def library_is_fixed(version: tuple[int, ...]) -> bool:
    """Whether a SQLite of this version keeps its commits."""
    return version >= FIXED or any(version[:2] == fixed[:2] and version >= fixed for fixed in BACKPORTS)


def connect(path: str) -> Any:  # noqa: ANN401 - a DB-API connection has no common type
    """A raw connection in autocommit mode that may be handed from thread to thread."""
    connection = driver().connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S)
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


def _leave_begin_to_us(connection: Any, _record: object) -> None:  # noqa: ANN401 - as `connect`
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class SQLite:
    """The engine that the store drives."""

    name = "sqlite"
    file = "posthouse.db"
    begin = "BEGIN IMMEDIATE"

    def __init__(self, directory: Path) -> None:
        self.path = directory / self.file
        self.sqlalchemy: Engine = create_engine(f"sqlite:///{self.path}", module=driver())
        # The driver would begin a transaction before DML only, and a killed migration leave half a schema.
        event.listen(self.sqlalchemy, "connect", _leave_begin_to_us)
        event.listen(self.sqlalchemy, "begin", _begin)
        self.dialect = self.sqlalchemy.dialect

    def open_writer(self) -> Any:  # noqa: ANN401 - as `connect`
        """The one connection that writes: every commit is on disk when it returns."""
        connection = connect(str(self.path))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA journal_size_limit=67108864")
        return connection

    def open_reader(self) -> Any:  # noqa: ANN401 - as `connect`
        """A connection that cannot write."""
        connection = connect(str(self.path))
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA cache_size=-8192")
        return connection
