"""The writer: groups, their answers, and what callers learn when a statement, a commit or the disk fails."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.store import Command, Overloaded, Unavailable
from posthouse.storage.engine.sqlite import SQLite, connect, driver
from posthouse.storage.schema import counters
from posthouse.storage.tx import Statement
from posthouse.storage.writer import GROUP_MAX, LINE_MAX, SLOW_S, Handler, Writer

_PUT = Statement(insert(counters), "name", "value")


@dataclass(frozen=True, slots=True)
class Put(Command[str]):
    """Insert a name; the same name twice makes the statement fail."""

    name: str


@dataclass(frozen=True, slots=True)
class Ask(Command[str]):
    """Changes nothing; `no` is refused."""

    name: str


class Faulty:
    """A connection or cursor that fails where the engine's `fault` says so, before or after doing it."""

    def __init__(self, real: Any, fault: Callable[[str], Exception | None]) -> None:
        self._real, self._fault = real, fault

    def cursor(self) -> "Faulty":
        return Faulty(self._real.cursor(), self._fault)

    def execute(self, sql: str, values: Any = ()) -> Any:
        if error := self._fault(sql):
            raise error
        done = self._real.execute(sql, values)
        if error := self._fault(f"after {sql}"):
            raise error
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class FaultyEngine:
    """The SQLite engine; `faults` maps a statement to the errors its next executions raise."""

    def __init__(self, real: SQLite) -> None:
        self.real, self.begin, self.dialect = real, real.begin, real.dialect
        self.faults: dict[str, list[Exception]] = {}
        self.pauses: dict[str, float] = {}
        self.opened = 0

    def open_writer(self) -> Faulty:
        if error := self._fault("open"):
            raise error
        self.opened += 1
        return Faulty(self.real.open_writer(), self._fault)

    def _fault(self, what: str) -> Exception | None:
        time.sleep(self.pauses.pop(what, 0))
        errors = self.faults.get(what)
        return errors.pop(0) if errors else None


class Bench:
    """A writer on a database of its own, whose groups can be held back."""

    def __init__(self, real: SQLite) -> None:
        counters.create(real.sqlalchemy)
        self.engine = FaultyEngine(real)
        self.groups: list[tuple[int, int]] = []
        self.handled: list[list[str]] = []
        self.gate, self.busy = threading.Event(), threading.Event()
        self.gate.set()
        handlers: dict[type[Command[Any]], Handler] = {Put: self._put, Ask: self._ask}
        self.writer = Writer(self.engine, handlers, self._committed)

    def _put(self, group: Any, commands: Any) -> list[Any]:
        self.handled.append([command.name for command in commands])
        group.tx.many(_PUT, [(command.name, 1) for command in commands])
        return [f"put {command.name}" for command in commands]

    def _ask(self, _group: Any, commands: Any) -> list[Any]:
        return [Refusal(Code.NOT_FOUND) if c.name == "no" else f"asked {c.name}" for c in commands]

    def _committed(self, commands: int, rows: int, _seconds: float) -> None:
        self.groups.append((commands, rows))
        self.busy.set()
        self.gate.wait()

    async def hold(self) -> asyncio.Task[Any]:
        """Keep the writer busy with a commit until `gate` is set."""
        self.busy.clear()
        self.gate.clear()
        primer = asyncio.create_task(self.writer.write(Ask("primer")))
        await asyncio.to_thread(self.busy.wait)
        self.groups.clear()
        return primer

    async def line(self, *commands: Command[Any]) -> list[asyncio.Task[Any]]:
        """Put commands in line, without waiting for their answers."""
        tasks = [asyncio.create_task(self.writer.write(command)) for command in commands]
        await asyncio.sleep(0)
        return tasks

    async def together(self, *commands: Command[Any], **faults: Exception) -> list[Any]:
        """The answers of commands that waited together; exceptions are answers."""
        await self.hold()
        self.engine.faults = {name.replace("_", " "): [error] for name, error in faults.items()}
        tasks = await self.line(*commands)
        self.gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    def stored(self) -> list[str]:
        """What is on disk, as another process sees it."""
        connection = connect(str(self.engine.real.path))
        names = [row[0] for row in connection.execute("SELECT name FROM counters ORDER BY name")]
        connection.close()
        return names


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    with capture_logs():  # rendering a traceback takes longer than the test
        bench = Bench(SQLite(tmp_path))
        yield bench
        bench.gate.set()
        bench.writer.close()


def disk_error() -> Exception:
    error: Exception = driver().OperationalError("disk I/O error")
    return error


async def test_commands_that_wait_together_share_one_commit(bench):
    answers = await bench.together(*(Put(f"{n:03}") for n in range(200)))
    assert bench.groups == [(200, 200)]
    assert answers == [f"put {n:03}" for n in range(200)]
    assert len(bench.stored()) == 200


async def test_answers_come_in_the_order_of_the_commands_whatever_their_kinds(bench):
    commands = [Put("a"), Ask("b"), Put("c"), Ask("no"), Put("d"), Ask("e")]
    answers = await bench.together(*commands)
    assert bench.handled == [["a", "c", "d"]]
    assert isinstance(answers.pop(3), Refusal)
    assert answers == ["put a", "asked b", "put c", "put d", "asked e"]
    assert bench.stored() == ["a", "c", "d"]


async def test_a_group_is_bounded(bench):
    await bench.together(*(Put(f"{n:04}") for n in range(GROUP_MAX + 5)))
    assert [commands for commands, _ in bench.groups] == [GROUP_MAX, 5]


async def test_an_answer_comes_after_the_commit(bench):
    primer = await bench.hold()
    assert not primer.done()
    bench.gate.set()
    assert await primer == "asked primer"
    assert await bench.writer.write(Put("a")) == "put a"
    assert bench.stored() == ["a"]


async def test_a_statement_that_fails_has_the_group_replayed_one_by_one_and_fails_alone(bench):
    await bench.writer.write(Put("taken"))
    answers = await bench.together(Put("a"), Put("taken"), Ask("b"), Put("c"))
    assert isinstance(answers[1], driver().IntegrityError)
    assert [answers[0], *answers[2:]] == ["put a", "asked b", "put c"]
    assert bench.groups == [(1, 1), (1, 0), (1, 1)]
    assert bench.stored() == ["a", "c", "taken"]


async def test_a_bad_command_alone_is_told_so_and_the_next_is_served(bench):
    await bench.writer.write(Put("taken"))
    with pytest.raises(driver().IntegrityError):
        await bench.writer.write(Put("taken"))
    assert await bench.writer.write(Put("next")) == "put next"


async def test_a_commit_that_fails_is_not_replayed_and_its_callers_learn_that_nobody_knows(bench):
    answers = await bench.together(Put("a"), Ask("b"), Put("c"), COMMIT=disk_error())
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    assert len({id(answer) for answer in answers}) == 3
    assert bench.handled == [["a", "c"]]
    assert bench.groups == []
    assert bench.stored() == []
    assert await bench.writer.write(Put("a")) == "put a"
    assert bench.engine.opened == 2
    assert bench.stored() == ["a"]


async def test_commits_fail_until_something_is_written_again_or_a_minute_has_passed(bench, monkeypatch):
    assert not bench.writer.failing
    await bench.together(Put("a"), COMMIT=disk_error())
    assert bench.writer.failing
    await bench.writer.write(Ask("b"))  # nothing to write: that needs no disk
    assert bench.writer.failing
    await bench.writer.write(Put("a"))
    assert not bench.writer.failing
    await bench.together(Put("b"), COMMIT=disk_error())
    monkeypatch.setattr("posthouse.storage.writer.FAILING_S", 0.0)
    assert not bench.writer.failing


async def test_a_commit_whose_answer_is_lost_leaves_on_disk_what_it_did(bench):
    answers = await bench.together(Put("a"), after_COMMIT=disk_error())
    assert [type(answer) for answer in answers] == [Unavailable]
    assert bench.stored() == ["a"]
    with pytest.raises(driver().IntegrityError):  # the writer sees what is there
        await bench.writer.write(Put("a"))
    assert bench.stored() == ["a"]


async def test_a_commit_that_fails_in_a_replay_leaves_the_rest_of_the_replay_alone(bench):
    await bench.writer.write(Put("taken"))
    answers = await bench.together(Put("a"), Put("taken"), Put("c"), COMMIT=disk_error())
    assert [type(answer) for answer in answers] == [Unavailable, driver().IntegrityError, str]
    assert bench.stored() == ["c", "taken"]


async def test_a_transaction_that_cannot_begin_is_refused_and_the_next_is_served(bench):
    bench.engine.faults[bench.engine.begin] = [disk_error()]
    with pytest.raises(Unavailable):
        await bench.writer.write(Put("a"))
    assert bench.handled == []
    assert await bench.writer.write(Put("a")) == "put a"
    assert bench.engine.opened == 2


async def test_while_the_database_cannot_be_opened_callers_are_refused_and_do_not_wait(bench):
    bench.engine.faults = {"COMMIT": [disk_error()], "open": [disk_error(), disk_error()]}
    for _ in range(3):
        with pytest.raises(Unavailable):
            await bench.writer.write(Put("a"))
    assert await bench.writer.write(Put("a")) == "put a"
    assert bench.stored() == ["a"]


async def test_a_rollback_that_fails_costs_the_connection_and_nothing_else(bench):
    await bench.writer.write(Put("taken"))
    answers = await bench.together(Put("a"), Put("taken"), ROLLBACK=disk_error())
    assert answers[0] == "put a"
    assert isinstance(answers[1], driver().IntegrityError)
    assert bench.stored() == ["a", "taken"]


async def test_a_line_that_is_full_refuses_and_the_commands_in_it_are_done(bench):
    await bench.hold()
    tasks = await bench.line(*(Ask(str(n)) for n in range(LINE_MAX - 1)))  # one is being done
    with pytest.raises(Overloaded):
        await bench.writer.write(Put("too much"))
    bench.gate.set()
    answers = await asyncio.gather(*tasks)
    assert answers[-1] == f"asked {LINE_MAX - 2}"
    assert bench.stored() == []
    assert await bench.writer.write(Put("now")) == "put now"


async def test_a_caller_who_leaves_does_not_disturb_the_others(bench):
    await bench.hold()
    tasks = await bench.line(Put("a"), Put("b"), Put("c"))
    tasks[1].cancel()
    await asyncio.sleep(0)
    bench.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [str, asyncio.CancelledError, str]
    assert bench.stored() == ["a", "b", "c"]


async def test_closing_finishes_what_waits_and_refuses_what_comes_later(bench):
    await bench.hold()
    tasks = await bench.line(*(Put(f"{n:04}") for n in range(GROUP_MAX + 1)))
    closing = asyncio.create_task(asyncio.to_thread(bench.writer.close))
    await asyncio.sleep(0)
    bench.gate.set()
    await closing
    assert await asyncio.gather(*tasks) == [f"put {n:04}" for n in range(GROUP_MAX + 1)]
    with pytest.raises(Unavailable):
        await bench.writer.write(Put("late"))


def test_what_waits_is_done_even_when_nobody_is_left_to_hear_of_it(bench):
    async def leave() -> None:
        await bench.hold()
        await bench.line(Put("a"), Put("b"))

    asyncio.run(leave())
    bench.gate.set()
    bench.writer.close()
    assert bench.stored() == ["a", "b"]


def test_a_writer_outlives_the_event_loop_that_used_it_first(bench):
    assert asyncio.run(bench.writer.write(Put("a"))) == "put a"
    assert asyncio.run(bench.writer.write(Put("b"))) == "put b"


async def test_a_disk_that_takes_its_time_is_told_once_a_group(bench):
    bench.engine.pauses["COMMIT"] = SLOW_S + 0.05
    with capture_logs() as events:
        await bench.together(*(Put(f"{n}") for n in range(3)))
        await bench.writer.write(Put("quick"))
    [event] = events
    assert (event["event"], event["log_level"]) == ("slow_commit", "warning")
    assert event["seconds"] > SLOW_S


async def test_commands_wait_until_their_commit(bench):
    assert bench.writer.waiting == 0
    primer = await bench.hold()
    tasks = await bench.line(Put("a"), Put("b"))
    assert bench.writer.waiting >= 2
    bench.gate.set()
    await asyncio.gather(primer, *tasks)
    assert bench.writer.waiting == 0
