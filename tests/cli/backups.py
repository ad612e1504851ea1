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
