"""The engines that the contract suite runs on."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.migrating import migrate
from posthouse.storage.store import Committed, Store


class SQLiteBackend:
    """A fresh SQLite database in a directory, and a way to damage it."""

    def __init__(self, directory: Path) -> None:
        (directory / SQLite.file).write_bytes(_template())
        self._directory = directory

    def open(self, committed: Committed | None = None) -> Store:
        """The store, as a newly started process would open it."""
        return Store(SQLite(self._directory), committed)

    def plant(self, sql: str) -> None:
        """Damage that no command could do; it must change something."""
        connection = connect(str(self._directory / SQLite.file))
        assert connection.execute(sql).rowcount > 0
        connection.close()

    def count(self, table: str) -> int:
        """How many rows a table has."""
        connection = connect(str(self._directory / SQLite.file))
        [(count,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - a name of ours
        connection.close()
        return int(count)


ENGINES = {"sqlite": SQLiteBackend}


@lru_cache(maxsize=1)
def _template() -> bytes:
    """A migrated database, made once and kept in memory: xdist's workers end without a chance to clean up."""
    with TemporaryDirectory() as directory:
        engine = SQLite(Path(directory))
        migrate(engine.sqlalchemy)
        engine.sqlalchemy.dispose()
        return engine.path.read_bytes()
