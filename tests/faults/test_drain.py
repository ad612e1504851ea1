"""SIGTERM under load: what is in flight is answered, the server leaves in time, the rest is sent later."""

import asyncio
import time

from tests.e2e.client import Absent, Client, Lost, clients
from tests.e2e.premises import key_of, rows
from tests.faults.load import Journal
from tests.faults.settling import settle

BATCH = 2000
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
            if answer.status == 202:
                self.journal.note(key, answer.json["sms_id"])

    async def batch(self, client: Client) -> None:
        """Many messages in one request."""
        wanted = {f"b-{turn}": f"+86138{turn:06d}11" for turn in range(BATCH)}
        self.journal.asked |= wanted
        messages = [{"to": to, "reference": key} for key, to in wanted.items()]
        asked_at = time.monotonic()
        answer = await client.post("/v1/sms/batch", {"messages": messages, "body": "all of us"})
        self.answered.append((asked_at, answer.status))


async def test_sigterm_answers_what_is_in_flight_and_leaves_the_rest_to_the_next_start(server):
    server.start()
    flight = Flight()
    async with clients(server.port, key_of(server.data), 7) as callers, asyncio.TaskGroup() as tasks:
        for number, client in enumerate(callers[1:]):
            tasks.create_task(flight.single(client, f"s{number}"))
        await flight.journal.has_acknowledged(200)
        tasks.create_task(flight.batch(callers[0]))
        await asyncio.sleep(0.01)  # its request is out
        stopped_at = time.monotonic()
        server.terminate()
    assert await asyncio.to_thread(server.died, within_s=LEAVES_WITHIN_S) == 0, server.log_tail()
    assert time.monotonic() - stopped_at < LEAVES_WITHIN_S
    statuses = [status for asked_at, status in flight.answered if asked_at < stopped_at]
    assert set(statuses) == {202}
    assert [asked_at for asked_at in flight.unanswered if asked_at < stopped_at] == []

    queued = "SELECT count(*) FROM messages WHERE state = 'queued'"
    [(left,)] = rows(server.data / "posthouse.db", queued)
    print(f"{len(statuses)} requests were out before SIGTERM, {left} messages left to the next start")
    await asyncio.to_thread(server.start)
    findings = await settle(server, flight.journal)
    assert findings.faults == {}
    batch = "SELECT count(*) FROM messages WHERE reference LIKE 'b-%'"
    assert rows(server.data / "posthouse.db", batch) == [(BATCH,)]
    assert findings.unknown_then_settled == 0, "a stopping server leaves no call unanswered"
