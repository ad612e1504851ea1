"""The writer: one thread, one connection; commands that wait together are committed together.

Requests that arrive while one commit runs form the next group. Each caller is answered after its
own commit. A failed statement rolls the group back and replays it one by one, so that a bad command
fails alone. A failed commit is never replayed: its callers learn that the outcome is unknown, and
the connection is opened afresh, to see what is there.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import structlog
from sqlalchemy.engine.interfaces import Dialect

from posthouse.core.errors import Refusal
from posthouse.core.ports.store import Command, Overloaded, Unavailable
from posthouse.observe import failpoint
from posthouse.storage.group import Group
from posthouse.storage.tx import Tx

log = structlog.get_logger(__name__)

LINE_MAX = 20_000
GROUP_MAX = 1_000
PASSES_MAX = 20
"""How many passes of the event loop a group may gather while each still brings something new: with 64
clients 64 commands a commit instead of 24, and half the latency."""

Handler = Callable[[Group, Sequence[Any]], list[Any]]
SLOW_S = 1.0
"""A group that takes longer is told: the disk is slow, or another process holds the database."""

FAILING_S = 60.0
"""For how long a commit that failed counts: a server that nobody calls any more must be tried again."""

Committed = Callable[[int, int, float], None]
Job = tuple[Command[Any], "asyncio.Future[Any]"]


class Engine(Protocol):
    """What the writer needs of a database."""

    begin: str
    dialect: Dialect

    def open_writer(self) -> Any:  # noqa: ANN401 - a DB-API connection has no common type
        """A connection in autocommit mode."""
        ...


class Writer:
    """Takes commands from the event loop and answers them after their commit."""

    def __init__(
        self,
        engine: Engine,
        handlers: dict[type[Command[Any]], Handler],
        committed: Committed,
    ) -> None:
        """`committed` is told of every group: its commands, its rows, its seconds."""
        self._engine = engine
        self._handlers = handlers
        self._committed = committed
        self._line: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._gathered: list[Job] = []
        self._waiting = 0
        self._connection: Any = engine.open_writer()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._closing = False
        self._failed_at: float | None = None
        self._thread.start()

    async def write(self, command: Command[Any]) -> Any:  # noqa: ANN401 - typed by Store.write
        """Put a command in line and wait for its commit."""
        if self._closing:
            raise Unavailable
        if self._waiting >= LINE_MAX:
            raise Overloaded
        loop = self._loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._gathered:
            # Requests that arrive together go over together, and into one commit.
            loop.call_soon(self._gather, 0, PASSES_MAX)
        self._gathered.append((command, future))
        self._waiting += 1
        return await future

    def _gather(self, seen: int, passes: int) -> None:
        """Hand over once a pass of the event loop brought nothing new."""
        count = len(self._gathered)
        if count > seen and passes and self._loop is not None:
            self._loop.call_soon(self._gather, count, passes - 1)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._gathered:
            self._line.put(self._gathered)
            self._gathered = []

    @property
    def waiting(self) -> int:
        """How many commands wait for their commit."""
        return self._waiting

    @property
    def failing(self) -> bool:
        """Whether commits failed within the last minute, and nothing was written since."""
        return self._failed_at is not None and time.monotonic() - self._failed_at < FAILING_S

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._closing = True
        self._hand_over()
        self._line.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            first = self._line.get()
            if first is None:
                break
            jobs, last = first, False
            while len(jobs) < GROUP_MAX:
                try:
                    more = self._line.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                jobs += more
            for start in range(0, len(jobs), GROUP_MAX):
                self._commit(jobs[start : start + GROUP_MAX])
            if last:
                break
        if self._connection is not None:
            self._connection.close()

    def _commit(self, jobs: list[Job]) -> None:
        commands = [command for command, _ in jobs]
        try:
            answers = self._group(commands)
        except _StatementFailed as failed:
            if len(jobs) == 1:
                _log_failure(commands[0], failed)
                answers = [failed.cause]
            else:
                answers = [self._alone(command) for command in commands]
        if any(isinstance(answer, Unavailable) for answer in answers):
            self._failed_at = time.monotonic()
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has closed: nobody waits for the answers any more
                loop.call_soon_threadsafe(self._resolve, jobs, answers)

    def _resolve(self, jobs: list[Job], answers: list[Any]) -> None:
        self._waiting -= len(jobs)
        for (_, future), answer in zip(jobs, answers, strict=True):
            if future.done():  # the caller has gone; its command is committed all the same
                continue
            if isinstance(answer, Refusal):
                # A fresh traceback each time: one refusal object must not be raised in two tasks.
                future.set_exception(answer.with_traceback(None))
            elif isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _alone(self, command: Command[Any]) -> Any:  # noqa: ANN401
        try:
            return self._group([command])[0]
        except _StatementFailed as failed:
            _log_failure(command, failed)
            return failed.cause

    def _group(self, commands: list[Command[Any]]) -> list[Any]:
        """One transaction. Answers in the order of the commands; an exception is an answer too."""
        failpoint("before-transaction")
        by_kind: dict[type[Command[Any]], list[int]] = {}
        for index, command in enumerate(commands):
            by_kind.setdefault(type(command), []).append(index)
        answers: list[Any] = [None] * len(commands)
        if not self._is_open():
            return [Unavailable() for _ in commands]
        since = time.monotonic()
        try:
            cursor = self._connection.cursor()
            cursor.execute(self._engine.begin)
        except Exception as error:
            log.exception("begin_failed", error=_words(error))
            self._abandon()
            return [Unavailable() for _ in commands]
        try:
            group = Group(Tx(self._connection, self._engine.dialect))
            for kind, indexes in by_kind.items():
                done = self._handlers[kind](group, [commands[index] for index in indexes])
                for index, answer in zip(indexes, done, strict=True):
                    answers[index] = answer
            failpoint("mid-transaction")
            group.flush()
        except Exception as error:
            self._rollback()
            raise _StatementFailed(error) from error
        failpoint("before-commit")
        try:
            cursor.execute("COMMIT")
        except Exception as error:
            log.exception("commit_failed", commands=len(commands), error=_words(error))
            self._abandon()
            return [Unavailable() for _ in commands]
        failpoint("after-commit")
        self._succeeded(len(commands), group.tx.written, time.monotonic() - since)
        return answers

    def _succeeded(self, commands: int, rows: int, took_s: float) -> None:
        if took_s > SLOW_S:
            log.warning("slow_commit", seconds=round(took_s, 3), commands=commands)
        if rows:  # a commit of nothing succeeds on a full disk too
            self._failed_at = None
        self._committed(commands, rows, took_s)

    def _rollback(self) -> None:
        try:
            self._connection.cursor().execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - the engine may have rolled back already
            self._abandon()

    def _abandon(self) -> None:
        """Give the connection up: a fresh one, opened for the next group, sees what is really there."""
        try:
            self._connection.close()
        except Exception as error:  # noqa: BLE001 - it is being thrown away
            log.warning("close_failed", error=repr(error)[:200])
        self._connection = None

    def _is_open(self) -> bool:
        """Open the connection if it was given up; callers are told at once when that fails."""
        if self._connection is None:
            try:
                self._connection = self._engine.open_writer()
            except Exception as error:
                log.exception("reopen_failed", error=repr(error)[:200])
                return False
        return True


class _StatementFailed(Exception):
    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        module = type(error).__module__
        operational = (
            type(error).__name__ in ("OperationalError", "InterfaceError") and "posthouse" not in module
        )
        self.cause: Exception = Unavailable() if operational else error


def _words(error: BaseException | None) -> str:
    """What the database itself says. The words of any other exception may quote a number or a text."""
    own = type(error).__module__.partition(".")[0] in ("sqlite3", "pysqlite3")
    return repr(error)[:200] if own else type(error).__name__


def _log_failure(command: Command[Any], failed: _StatementFailed) -> None:
    """Tell what the statement said: its caller may learn no more than "unavailable"."""
    log.error(
        "command_failed",
        command=type(command).__name__,
        error=_words(failed.__cause__),
        exc_info=failed.__cause__,
    )
