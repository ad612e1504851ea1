"""The watch: trouble is told when it begins and when it ends; books each minute, the ledger each night."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from posthouse.core.errors import Code
from posthouse.core.message import Outcome
from posthouse.core.ports.queries import CheckBooks, Drift
from posthouse.core.ports.store import Query, Unavailable
from posthouse.core.verdict import Reason
from posthouse.observe import Metrics
from posthouse.workers.watch import Audited, AuditFailed, Watch, until_quiet_s
from tests.fakes import ScriptedStore
from tests.virtual_time import VirtualClock, in_virtual_time

R = TypeVar("R")

ZONE = ZoneInfo("Asia/Shanghai")
HOUR_S = 3600.0


class Books(ScriptedStore):
    """A store whose books are as they are told to be."""

    def __init__(self) -> None:
        super().__init__()
        self.drifts: tuple[Drift, ...] = ()
        self.away = False
        self.looks = 0

    async def read(self, query: Query[R]) -> R:
        assert isinstance(query, CheckBooks)
        self.looks += 1
        if self.away:
            raise Unavailable
        return self.drifts  # type: ignore[return-value] # the answer to that query, by the line above


class Room:
    """A watch with everything it looks at."""

    def __init__(self) -> None:
        self.store, self.metrics, self.stop = Books(), Metrics(), asyncio.Event()
        self.found: Audited | Exception = Audited(0)
        self.audits: list[float] = []
        self.watch = Watch(
            store=self.store,
            clock=VirtualClock(),
            metrics=self.metrics,
            audit=self.audit,
            zone=ZONE,
            stop=self.stop,
        )

    async def audit(self) -> Audited:
        self.audits.append(asyncio.get_running_loop().time())
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def run_for(self, seconds: float, loop: Callable[[], Any]) -> list[Any]:
        with capture_logs() as events:
            running = asyncio.create_task(loop())
            await asyncio.sleep(seconds)
            self.stop.set()
            await running
        return events

    def sample(self, name: str) -> float:
        [line] = [line for line in self.metrics.page().decode().splitlines() if line.startswith(name + " ")]
        return float(line.rpartition(" ")[2])


def named(events: list[Any]) -> list[str]:
    return [event["event"] for event in events]


@in_virtual_time
async def test_an_overload_is_told_once_when_it_begins_and_once_when_it_is_over():
    room = Room()

    async def crowd() -> None:
        for _ in range(300):
            room.metrics.refused("/", Code.OVERLOADED)
            await asyncio.sleep(0.1)

    crowding = asyncio.create_task(crowd())
    events = await room.run_for(60, room.watch.requests)
    await crowding
    assert named(events) == ["overload_began", "overload_ended"]
    assert events[1]["turned_away_since_start"] == 300


@in_virtual_time
async def test_other_refusals_are_no_overload():
    room = Room()
    room.metrics.refused("/", Code.INVALID_NUMBER)
    assert await room.run_for(5, room.watch.requests) == []


@pytest.mark.parametrize(
    ("trouble", "what"),
    [
        (lambda metrics: metrics.verdicts("main", Outcome.UNKNOWN, 3), "unknown"),
        (lambda metrics: metrics.verdicts("main", Outcome.NOT_SENT, 3), "not_sent"),
        (lambda metrics: [metrics.reason("main", Reason.BALANCE) for _ in range(3)], "balance"),
    ],
)
def test_a_channel_in_trouble_is_named_with_what_it_is_and_when_it_recovers(trouble, what):
    @in_virtual_time
    async def story() -> None:
        room = Room()
        room.metrics.verdicts("other", Outcome.ACCEPTED, 5)
        trouble(room.metrics)
        first, *more = await room.run_for(120, room.watch.run)
        assert (first["event"], first["channel"], first[what]) == ("channel_trouble", "main", 3)
        assert [(event["event"], event["channel"]) for event in more] == [("channel_recovered", "main")]

    story()


@in_virtual_time
async def test_a_wrong_number_is_no_trouble_of_the_channel():
    room = Room()
    room.metrics.verdicts("main", Outcome.REFUSED)
    room.metrics.reason("main", Reason.INVALID_NUMBER)
    assert await room.run_for(60, room.watch.run) == []


@in_virtual_time
async def test_the_books_are_looked_at_each_minute_and_a_drift_is_an_error():
    room = Room()
    await room.run_for(59, room.watch.run)
    assert room.store.looks == 1
    assert room.sample('posthouse_ledger_drifts{check="books"}') == 0
    room.stop.clear()
    room.store.drifts = (Drift(7, "sum of purses", "5", "6"),)
    [event] = [event for event in await room.run_for(59, room.watch.run) if event["event"] == "ledger_drifts"]
    assert (event["log_level"], event["check"], event["drifts"]) == ("error", "books", 1)
    assert event["what"] == ("account 7, sum of purses",)
    assert room.sample('posthouse_ledger_drifts{check="books"}') == 1


@in_virtual_time
async def test_a_store_that_is_away_is_asked_again():
    room = Room()
    room.store.away = True
    events = await room.run_for(2, room.watch.run)
    assert set(named(events)) == {"store_busy"}
    assert room.store.looks > 2


@in_virtual_time
async def test_the_ledger_is_audited_after_the_start_and_then_in_the_quiet_hour_of_each_day():
    room = Room()
    events = await room.run_for(50 * HOUR_S, room.watch.run)
    quiet = until_quiet_s(VirtualClock().now() - round(50 * HOUR_S * 1e6), ZONE)
    assert room.audits[0] == 900
    assert room.audits[1] == pytest.approx(quiet)
    assert [b - a for a, b in zip(room.audits[1:], room.audits[2:], strict=False)] == [
        pytest.approx(24 * HOUR_S)
    ]
    assert named(events) == ["ledger_balances"] * 3
    assert room.sample('posthouse_ledger_drifts{check="full"}') == 0


@in_virtual_time
async def test_an_audit_that_finds_something_is_an_error_and_one_that_fails_is_tried_again():
    room = Room()
    room.found = Audited(12, ("a", "b", "c"))
    [event] = await room.run_for(1000, room.watch.run)
    assert (event["event"], event["drifts"], event["what"]) == ("ledger_drifts", 12, ("a", "b", "c"))
    room.stop.clear()
    room.found = AuditFailed("exit code 1")
    events = await room.run_for(48 * HOUR_S, room.watch.run)
    assert named(events).count("audit_failed") >= 2
    assert room.sample('posthouse_ledger_drifts{check="full"}') == 12  # as far as anybody knows


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (1_795_852_800_000_000, 12),  # 2026-11-28T16:00 in Shanghai
        (1_795_852_800_000_000 + 12 * 3_600_000_000, 24),  # 04:00 itself: the next one
        (1_795_852_800_000_000 + 11 * 3_600_000_000, 1),
    ],
)
def test_the_quiet_hour_is_that_of_the_zone(now, hours):
    assert until_quiet_s(now, ZONE) == hours * HOUR_S
