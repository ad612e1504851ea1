"""`kill -9` in the middle of a batch, and before a schedule comes due."""

import asyncio
from datetime import UTC, datetime, timedelta

from posthouse.core.ports.queries import CheckLedger
from tests.e2e.client import Absent, Lost, clients, soon
from tests.e2e.house import number
from tests.e2e.premises import inside, key_of, rows

TURNS, RECIPIENTS = 3, 3000


async def test_a_batch_cut_off_by_a_kill_is_there_whole_or_not_at_all(server):
    staged = "SELECT count(*) FROM batches WHERE state = 'staged'"
    cut_off = 0
    server.start()
    async with clients(server.port, key_of(server.data), 1) as [caller]:
        for turn in range(TURNS):
            request = {"to": [number("11") for _ in range(RECIPIENTS)], "body": f"turn {turn}"}
            asking = asyncio.create_task(caller.post("/v1/sms/batch", request, f"batch-{turn}"))
            # Without a pause: its first chunk must not escape us.
            while not asking.done() and rows(  # noqa: ASYNC110
                server.data / "posthouse.db", staged
            ) == [(0,)]:
                await asyncio.sleep(0)
            server.kill()
            [(left,)] = rows(server.data / "posthouse.db", staged)
            cut_off += left
            [first] = await asyncio.gather(asking, return_exceptions=True)
            caller.close()
            await asyncio.to_thread(server.start)
            assert (await caller.get("/v1/account")).json["total_sent"] in (
                RECIPIENTS * turn,
                RECIPIENTS * (turn + 1),
            )
            again = await caller.post("/v1/sms/batch", request, f"batch-{turn}")
            assert again.status == 202
            if isinstance(first, BaseException):
                assert isinstance(first, Absent | Lost)
            else:
                assert first.body == again.body
            assert (await caller.get("/v1/account")).json["total_sent"] == RECIPIENTS * (turn + 1)
    print(f"{TURNS} batches killed, {cut_off} of them half stored and never seen")
    assert cut_off > 0
    delivered = (
        "SELECT count(*) FROM messages WHERE state = 'delivered'"
        " AND batch_id IN (SELECT id FROM batches WHERE state = 'published')"
    )
    await soon(
        lambda: rows(server.data / "posthouse.db", delivered) == [(RECIPIENTS * TURNS,)],
        within_s=30,
        what="all are delivered",
    )
    await asyncio.to_thread(server.stop)
    arrived = "SELECT count(*), count(DISTINCT recipient) FROM handset"
    assert rows(server.data / "sandbox.db", arrived) == [(RECIPIENTS * TURNS, RECIPIENTS * TURNS)]

    async def look(house):
        return await house.store.read(CheckLedger())

    audit = await asyncio.to_thread(inside, server.data, look)
    assert audit.drifts == ()
    everything = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM batches)"
    assert rows(server.data / "posthouse.db", everything) == [(RECIPIENTS * TURNS, TURNS)]


async def test_what_was_scheduled_is_sent_though_the_server_was_dead_at_its_time(server):
    server.start()
    to = number("11")
    send_at = (datetime.now(UTC) + timedelta(seconds=0.6)).isoformat()
    async with clients(server.port, key_of(server.data), 1) as [caller]:
        accepted = await caller.send(to, "in time", send_at=send_at)
        assert accepted.json["state"] == "scheduled"
        server.kill()
        caller.close()
        await soon(
            lambda: datetime.now(UTC) > datetime.fromisoformat(send_at), within_s=5, what="its time is over"
        )
        await asyncio.to_thread(server.start)
        path = f"/v1/sms/{accepted.json['sms_id']}"

        async def is_delivered():
            return (await caller.get(path)).json["state"] == "delivered"

        await soon(is_delivered, within_s=5, what="it is delivered")
