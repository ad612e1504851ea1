"""The sandbox's memory: what its handsets received and for what receipts are owed, in a file of its own.

One thread holds the one connection; whatever calls wait while a transaction runs share the next.
WAL with `synchronous=OFF` is right here: a commit survives `kill -9` of this process, which is what
the simulator must survive to be an honest vendor; it need not survive the loss of power, and
pays for no flush.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

GROUP_MAX = 256
BUSY_MS = 5000

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS handset (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, message_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
        recipient TEXT NOT NULL, sender TEXT, sealed BLOB NOT NULL, reference TEXT NOT NULL,
        received_at INTEGER NOT NULL, due_at INTEGER)""",
    # Not unique: a message that was sent twice must show twice.
    "CREATE INDEX IF NOT EXISTS handset_key ON handset (key)",
    "CREATE INDEX IF NOT EXISTS handset_recipient ON handset (account_id, recipient, id)",
    "CREATE INDEX IF NOT EXISTS handset_due ON handset (due_at, id) WHERE due_at IS NOT NULL",
)

R = TypeVar("R")


class Connection(Protocol):
    """The part of a DB-API connection that is used here."""

    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> Any:  # noqa: ANN401 - a cursor
        """Run a statement."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


Job = Callable[[Connection], object]


class Received(NamedTuple):
    """A message on a handset; the fields are the columns.

    `due_at` is when its receipts are owed; None if there are none, or once they were settled.
    """

    key: str
    message_id: int
    account_id: int
    recipient: str
    sender: str | None
    sealed: bytes
    reference: str
    received_at: int
    due_at: int | None


class Due(NamedTuple):
    """A message whose receipts are due."""

    id: int
    due_at: int
    reference: str
    recipient: str


class Handsets:
    """The file, used from its own thread only; nothing here blocks the event loop."""

    def __init__(self, path: str, connect: Callable[[str], Connection]) -> None:
        self._path = path
        self._connect = connect
        self._jobs: SimpleQueue[tuple[Job, asyncio.Future[Any]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def receive(self, received: Sequence[Received]) -> None:
        """Store messages and when their receipts will be due; returns after the commit."""
        await self._do(lambda connection: _insert(connection, received))

    async def references(self, keys: Sequence[str]) -> dict[str, str]:
        """The references of the attempts that arrived, by their keys."""

        def job(connection: Connection) -> dict[str, str]:
            sql = (
                "SELECT key, reference FROM handset WHERE key IN (SELECT value FROM json_each(?)) ORDER BY id"
            )
            return dict(connection.execute(sql, (json.dumps(list(keys)),)).fetchall())

        return await self._do(job)

    async def newest(self, account_id: int, recipient: str | None, limit: int) -> list[Received]:
        """What an account's handsets received (one of them, or all), newest first."""

        def job(connection: Connection) -> list[Received]:
            one, values = ("AND recipient = ? ", [recipient]) if recipient is not None else ("", [])
            sql = f"SELECT {', '.join(Received._fields)} FROM handset WHERE account_id = ? {one}"  # noqa: S608
            rows = connection.execute(f"{sql}ORDER BY id DESC LIMIT ?", (account_id, *values, limit))
            return [Received(*row) for row in rows.fetchall()]

        return await self._do(job)

    async def due(self, settled: Sequence[int], now: int, limit: int) -> tuple[list[Due], int | None]:
        """Owe nothing for `settled`; answer what is due now or, if nothing is, when something will be."""

        def job(connection: Connection) -> tuple[list[Due], int | None]:
            if settled:
                sql = "UPDATE handset SET due_at = NULL WHERE id IN (SELECT value FROM json_each(?))"
                connection.execute(sql, (json.dumps(list(settled)),))
            sql = f"SELECT {', '.join(Due._fields)} FROM handset"  # noqa: S608 - our own names
            rows = connection.execute(f"{sql} WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", (now, limit))
            if due := [Due(*row) for row in rows.fetchall()]:
                return due, None
            sql = "SELECT min(due_at) FROM handset WHERE due_at IS NOT NULL"
            return [], connection.execute(sql).fetchone()[0]

        return await self._do(job)

    async def forget(self, before: int, limit: int) -> None:
        """Delete messages received before a time, at most the `limit` oldest."""
        sql = """DELETE FROM handset WHERE received_at < ? AND id <=
            (SELECT max(id) FROM (SELECT id FROM handset ORDER BY id LIMIT ?))"""
        await self._do(lambda connection: connection.execute(sql, (before, limit)).rowcount)

    async def close(self) -> None:
        """Finish what waits and close the file. A later call opens it again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(thread.join)

    async def _do(self, job: Callable[[Connection], R]) -> R:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
            self._thread.start()
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._jobs.put((job, answer))
        return await answer

    def _run(self) -> None:
        connection: Connection | None = None
        open_ = True
        while open_:
            group: list[tuple[Job, asyncio.Future[Any]]] = []
            for entry in self._waiting():
                if entry is None:
                    open_ = False
                    break
                group.append(entry)
            if not group:
                continue
            try:
                connection = connection or self._open()
                results = _together(connection, [job for job, _ in group])
            # Whatever the file's trouble is, the callers must hear of it and the thread must live.
            except Exception as error:  # noqa: BLE001 - see above
                _answer([(future, error) for _, future in group])
            else:
                _answer([(future, result) for (_, future), result in zip(group, results, strict=True)])
        if connection is not None:
            connection.close()

    def _waiting(self) -> Iterator[tuple[Job, asyncio.Future[Any]] | None]:
        """At least one entry, and whatever else is there, up to a bound."""
        yield self._jobs.get()
        for _ in range(GROUP_MAX - 1):
            try:
                yield self._jobs.get_nowait()
            except Empty:
                return

    def _open(self) -> Connection:
        connection = self._connect(self._path)
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        for statement in _SCHEMA:
            connection.execute(statement)
        return connection


def _together(connection: Connection, jobs: list[Job]) -> list[object]:
    """All jobs in one transaction, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [job(connection) for job in jobs]
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return results


_ROW = f"({', '.join('?' * len(Received._fields))})"
_INSERTS = {
    size: f"INSERT INTO handset ({', '.join(Received._fields)}) VALUES {', '.join([_ROW] * size)}"  # noqa: S608
    for size in (100, 25, 5, 1)
}


def _insert(connection: Connection, rows: Sequence[Received]) -> None:
    """Insert with as few statements as may be.

    Each step lets go of the interpreter's lock, and a busy event loop takes its time to give it
    back: `executemany` would ask for it once a row.
    """
    at = 0
    for size, sql in _INSERTS.items():
        while len(rows) - at >= size:
            connection.execute(sql, [value for row in rows[at : at + size] for value in row])
            at += size


def _answer(answers: list[tuple[asyncio.Future[Any], object]]) -> None:
    """Resolve futures on their loops, one call for each loop; a loop that is gone needs no answer."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], object]]] = {}
    for future, result in answers:
        by_loop.setdefault(future.get_loop(), []).append((future, result))
    for loop, mine in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, mine)
        except RuntimeError:
            continue


def _resolve(answers: list[tuple[asyncio.Future[Any], object]]) -> None:
    for future, result in answers:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
