"""A whole copy of a database beside its writer, and what is counted to know the copy again."""

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, select

from posthouse.core.ports.queries import CheckLedger
from posthouse.storage.auditing import check_ledger
from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.ledger import PURSES
from posthouse.storage.schema import NONE_SKIPPED, balances, counters, fixed
from posthouse.storage.tx import Statement, Tx

Progress = Callable[[int, int], None]
"""(done, of)"""

_PAGES = 2048
_ACCOUNTS = 5000

_BALANCES = Statement(
    select(balances.c.account_id, *(balances.c[name] for name in PURSES))
    .where(balances.c.account_id > bindparam("after"))
    .order_by(balances.c.account_id)
    .limit(fixed(_ACCOUNTS))
    .offset(NONE_SKIPPED),
    "after",
)
_SECRET = Statement(select(counters.c.value).where(counters.c.name == fixed("secret")))


@dataclass(frozen=True, slots=True)
class Survey:
    """What a database holds.

    Attributes:
        fault: what its own check says against it.
        tables: the rows of each.
        books: a digest of every balance and the head of its chain.
        secret: the fingerprint of the secret key it belongs to, once it knows.
    """

    fault: str | None
    tables: dict[str, int]
    books: str
    secret: int | None


def copy(source: SQLite, target: SQLite, progress: Progress) -> int:
    """Copy what is committed now, while others read and write; answers when that was (microseconds UTC).

    A reader's snapshot is held from the first page to the last: writers go on, only their log grows.
    """
    with (
        closing(connect(str(source.path))) as live,
        closing(connect(str(target.path))) as new,
        target.path.open("rb") as written,
    ):
        new.execute("PRAGMA synchronous=OFF")  # who reads it is in this process

        def step(_status: int, left: int, pages: int) -> None:
            # A little at a time: the writer's own flush would wait for all that others left to the disk.
            os.fdatasync(written.fileno())
            progress(pages - left, pages)

        live.execute("BEGIN")
        at = time.time_ns() // 1000
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(new, pages=_PAGES, progress=step)
        live.execute("ROLLBACK")
        # One file, without a log beside it.
        new.execute("PRAGMA journal_mode=DELETE").fetchone()
    return at


def fold(engine: SQLite) -> None:
    """Put the log into the file itself, on the disk."""
    with closing(connect(str(engine.path))) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


def survey(engine: SQLite) -> Survey:
    """Check the file, and count everything in it."""
    with closing(connect(str(engine.path))) as connection:
        [told, *_] = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if told != "ok":
            return Survey(str(told), {}, "", None)
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        names = [name for [name] in connection.execute(sql).fetchall()]
        count = 'SELECT count(*) FROM "{}"'
        tables = {name: int(connection.execute(count.format(name)).fetchone()[0]) for name in names}
        tx = Tx(connection, engine.dialect)
        secret = tx.row(_SECRET)
        return Survey(None, tables, _books(tx), int(secret[0]) if secret is not None else None)


def drifts(engine: SQLite) -> int:
    """In how many places the ledger of a database at rest does not add up."""
    with closing(connect(str(engine.path))) as connection:
        return len(check_ledger(Tx(connection, engine.dialect), CheckLedger()).drifts)


def size(data: Path) -> int:
    """The bytes of a database and its log."""
    files = (data / SQLite.file, data / f"{SQLite.file}-wal")
    return sum(file.stat().st_size for file in files if file.exists())


def _books(tx: Tx) -> str:
    digest = hashlib.sha256()
    after = 0
    while rows := tx.rows(_BALANCES, after):
        for row in rows:
            *purses, chain = row
            digest.update(f"{purses}{bytes(chain).hex()}\n".encode())
        after = rows[-1][0]
    return digest.hexdigest()
