"""SIGTERM under load: what is in flight is answered, the server leaves in time, the rest is sent later."""

import asyncio
import time
from collections import Counter
from http import HTTPStatus

from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.premises import a_server
from tests.e2e.client import Absent, Client, Lost, clients, soon
from tests.e2e.premises import key_of, rows
from tests.e2e.server import Server
from tests.faults.load import Journal
from tests.faults.settling import settle

ROWS = (37,)

BATCH, SINGLES = 2000, 6
LEAVES_WITHIN_S = 10.0


class Flight:
    """Clients that send until nobody answers, and remember when each request went out."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.answered: list[tuple[float, int]] = []
        self.unanswered: list[float] = []

    async def single(self, client: Client, name: str) -> None:
        """One message after the other."""
        for turn in range(100_000):
            key, to = f"{name}-{turn}", f"+86139{turn:06d}11"
            self.journal.asked[key] = to
            asked_at = time.monotonic()
            try:
                answer = await client.send(to, "on the way", key, reference=key)
            except Absent:
                return
            except Lost:
                self.unanswered.append(asked_at)
                return
            self.answered.append((asked_at, answer.status))
            if answer.status == HTTPStatus.ACCEPTED:
                self.journal.note(key, answer.json["sms_id"])

    async def batch(self, client: Client) -> None:
        """Many messages in one request."""
        wanted = {f"b-{turn}": f"+86138{turn:06d}11" for turn in range(BATCH)}
        self.journal.asked |= wanted
        messages = [{"to": to, "reference": key} for key, to in wanted.items()]
        asked_at = time.monotonic()
        try:
            answer = await client.post("/v1/sms/batch", {"messages": messages, "body": "all of us"})
        except (Absent, Lost):
            self.unanswered.append(asked_at)
            return
        self.answered.append((asked_at, answer.status))


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Stop a busy server politely; planted: not politely."""
    counted = Counter({"in flight": 0, "failed": 0, "left in line": 0, "exit ms": 0, "left undecided": 0})
    faults: list[str] = []
    for _ in range(scale):
        async with a_server() as server:
            faults += await _stop(server, counted, planted=planted)
    return Outcome(
        injected=f"{counted['stops']} stops with singles and a batch of {BATCH} in flight",
        counted=counted,
        bar=f"0 failed in flight; exit ≤ {LEAVES_WITHIN_S:.0f} s; nothing lost, nothing in doubt",
        held=not (counted["failed"] or counted["left undecided"] or faults) and counted["in flight"] > 0,
        detail="; ".join(faults),
    )


async def _stop(server: Server, counted: Counter[str], *, planted: bool) -> list[str]:
    await asyncio.to_thread(server.start)
    flight = Flight()
    async with (
        clients(server.port, key_of(server.data), SINGLES + 1) as callers,
        asyncio.TaskGroup() as tasks,
    ):
        for number, client in enumerate(callers[1:]):
            tasks.create_task(flight.single(client, f"s{number}"))
        await flight.journal.has_acknowledged(200)
        tasks.create_task(flight.batch(callers[0]))
        await soon(
            lambda: rows(server.data / SQLite.file, "SELECT count(*) FROM batches") == [(1,)],
            within_s=10,
            what="the batch's first chunk is stored",
            tick_s=0.001,
        )
        stopped_at = time.monotonic()
        if planted:
            server.kill()
        else:
            server.terminate()
    status = await asyncio.to_thread(server.died, within_s=LEAVES_WITHIN_S)
    counted["stops"] += 1
    counted["exit ms"] = max(counted["exit ms"], round((time.monotonic() - stopped_at) * 1000))
    statuses = [status for asked_at, status in flight.answered if asked_at < stopped_at]
    counted["in flight"] += len(statuses)
    counted["failed"] += sum(status != HTTPStatus.ACCEPTED for status in statuses)
    counted["failed"] += sum(asked_at < stopped_at for asked_at in flight.unanswered)
    queued = "SELECT count(*) FROM messages WHERE state = 'queued'"
    counted["left in line"] += rows(server.data / SQLite.file, queued)[0][0]
    await asyncio.to_thread(server.start)
    findings = await settle(server, flight.journal)
    counted["left undecided"] += findings.unknown_then_settled
    batch = "SELECT count(*) FROM messages WHERE reference LIKE 'b-%'"
    [(batched,)] = rows(server.data / SQLite.file, batch)
    wrong = {
        f"exit status {status}": status,
        f"{batched} of the batch": batched != BATCH,
        str(findings.faults): findings.faults,
    }
    return [what for what, is_so in wrong.items() if is_so]
