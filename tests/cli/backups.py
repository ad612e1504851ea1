"""What the tests of backups share."""

from pathlib import Path
from typing import Any

from posthouse.storage.engine.sqlite import connect
from tests.cli.conftest import Cli

TEXT = "only for the eyes of the recipient"


def restored(other: Cli, backed_up: Cli, file: Path, *words: str) -> Any:
    return other.json("restore", str(file), "--secret-key", str(backed_up.data / "secret.key"), *words)


def rows(data: Path, sql: str) -> Any:
    connection = connect(str(data / "posthouse.db"))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def without(names: set[str], *extra: str) -> set[str]:
    return names - {"lock", "secret.key", *extra}


def names(data: Path) -> set[str]:
    return {path.name for path in data.iterdir()} if data.exists() else set()


def refused_whole(other: Cli, *words: str) -> str:
    """The sentence; and that nothing of a backup is there."""
    told = other.refused("restore", *words)
    assert without(names(other.data)) == set()
    return told
