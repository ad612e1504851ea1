"""Thousands of messages scheduled over one minute, and the server restarted in the midst of it."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.premises import a_server, plant
from tests.e2e.client import clients, soon
from tests.e2e.premises import key_of, rows
from tests.e2e.server import Server

ROWS = (58,)

A_SECOND = 170
"""Ten thousand a minute, and some."""

SECONDS = 6
"""Of the smallest run; at scale 10 it is the minute. One that is planted needs less."""

A_MINUTE = 60
LATE_US = 1_000_000
SLACK = 5
"""A small run shares its machine with other tests: so many times later is still in time."""

GONE_WITHIN_S = 4.0


_AN_HOUR_LATER = (
    "UPDATE messages SET look_at = look_at + 3600000000 WHERE id = (SELECT min(id) FROM messages)"
)


class Pause(NamedTuple):
    """When the server was away, in microseconds UTC."""

    since: int
    until: int

    def expected(self, due_at: int, at: int) -> int:
        """When a message that went at `at` should have gone: what had a second left goes upon the return."""
        return self.until if at >= self.since and self.since - LATE_US < due_at < self.until else due_at


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Schedule, restart in the middle, and hold what the handsets got against the times asked for.

    Planted: one message's time is moved behind the sender's back.
    """
    seconds = 1 if planted else SECONDS * scale
    async with a_server() as server:
        await asyncio.to_thread(server.start)
        due = await _schedule(server, A_SECOND * seconds, seconds)
        if planted:
            plant(server.data / SQLite.file, _AN_HOUR_LATER)
        pause = await _restart(server, due)
        got = await _received(server, due)
    late = [max(0, at - pause.expected(due[message_id], at)) for message_id, at in got]
    counted = {
        "scheduled": len(due),
        "away ms": (pause.until - pause.since) // 1000,
        "lost": len(due.keys() - dict(got).keys()),
        "doubled": len(got) - len(dict(got)),
        "early": sum(at < due[message_id] for message_id, at in got),
        "median ms": sorted(late)[len(late) // 2] // 1000,
        "latest ms": max(late) // 1000,
    }
    allowed = LATE_US if seconds >= A_MINUTE else LATE_US * SLACK
    return Outcome(
        injected=f"{len(due):,} messages due over {seconds} s, and a restart in the middle",
        counted=counted,
        bar="each once, none early, each within a second of its time, or of the server's return",
        held=not (counted["lost"] or counted["doubled"] or counted["early"]) and max(late) <= allowed,
    )


async def _schedule(server: Server, count: int, seconds: int) -> dict[int, int]:
    """Batches of messages, each with a time of its own; answers when each is due, by its id."""
    begin = datetime.now(UTC) + timedelta(seconds=3 + seconds / 20)
    wanted = [
        {
            "to": f"+86137{number:06d}11",
            "body": "in time",
            "send_at": (begin + timedelta(seconds=seconds * number / count)).isoformat(),
        }
        for number in range(count)
    ]
    async with clients(server.port, key_of(server.data), 1) as [caller]:
        for start in range(0, count, 5000):
            answer = await caller.post("/v1/sms/batch", {"messages": wanted[start : start + 5000]})
            if answer.status != HTTPStatus.ACCEPTED:
                raise RuntimeError(answer.json)
    stored: list[tuple[int, int]] = rows(server.data / SQLite.file, "SELECT id, send_at FROM messages")
    return dict(stored)


async def _restart(server: Server, due: dict[int, int]) -> Pause:
    times = sorted(due.values())
    middle = times[len(times) // 2]
    await asyncio.sleep(max(0, middle - _now()) / 1_000_000)
    since = _now()
    server.terminate()
    await asyncio.to_thread(server.died, within_s=10)
    await asyncio.to_thread(server.start)
    return Pause(since, _now())


async def _received(server: Server, due: dict[int, int]) -> list[tuple[int, int]]:
    """(message, when a handset got it), however often."""
    handsets = server.data / "sandbox.db"

    def all_there() -> bool:
        [(found,)] = rows(handsets, "SELECT count(DISTINCT message_id) FROM handset")
        return bool(found >= len(due))

    left_s = (max(due.values()) - _now()) / 1_000_000
    with suppress(AssertionError):  # what is missing is counted
        await soon(all_there, within_s=max(0.0, left_s) + GONE_WITHIN_S, what="all went", tick_s=0.25)
    found: list[Any] = rows(handsets, "SELECT message_id, received_at FROM handset ORDER BY id")
    return [(message_id, at) for message_id, at in found]


def _now() -> int:
    return time.time_ns() // 1000
