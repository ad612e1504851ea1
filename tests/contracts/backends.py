"""The engines that the contract suite runs on."""

import atexit
import shutil
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.migrating import migrate
from posthouse.storage.store import Committed, Store


class SQLiteBackend:
    """A fresh SQLite database in a directory, and a way to damage it."""

    def __init__(self, directory: Path) -> None:
        shutil.copy(_template(), directory / SQLite.file)
        self._directory = directory

    def open(self, committed: Committed | None = None) -> Store:
        """The store, as a newly started process would open it."""
        return Store(SQLite(self._directory), committed)

    def plant(self, sql: str) -> None:
        """Damage that no command could do; it must change something."""
        connection = connect(str(self._directory / SQLite.file))
        assert connection.execute(sql).rowcount > 0
        connection.close()


ENGINES = {"sqlite": SQLiteBackend}


@lru_cache(maxsize=1)
def _template() -> Path:
    directory = Path(mkdtemp(prefix="posthouse-template-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    engine = SQLite(directory)
    migrate(engine.sqlalchemy)
    engine.sqlalchemy.dispose()
    return engine.path
