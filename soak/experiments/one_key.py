"""Two hundred clients with one idempotency key: one message, one answer; another request is refused."""

import asyncio
from collections import Counter
from http import HTTPStatus
from pathlib import Path

from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.premises import a_running, a_server, plant
from tests.e2e.client import Absent, Client, Lost, clients, soon
from tests.e2e.premises import key_of, rows
from tests.e2e.server import Server

ROWS = (31,)

CLIENTS, ACROSS = 200, 50
TO = "+8613900000011"

STORED = "SELECT state FROM messages WHERE reference = ?"
TWIN = """INSERT INTO messages SELECT {columns} FROM messages WHERE reference = 'one-key-0'"""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Ask at the same moment, key by key; then under one key across a kill."""
    counted = Counter({"requests": 0, "messages": 0, "answers": 0, "on handsets": 0, "mismatches refused": 0})
    keys = 10 * scale
    async with a_running() as server:
        async with clients(server.port, key_of(server.data), CLIENTS) as callers:
            await asyncio.gather(*(client.get("/v1/account") for client in callers))  # all are connected
            for number in range(keys):
                await _together(callers, f"one-key-{number}", counted)
        on_the_way = "SELECT count(*) FROM messages WHERE state <> 'delivered'"
        await soon(lambda: rows(_file(server), on_the_way) == [(0,)], within_s=30, what="all are delivered")
        await asyncio.to_thread(server.stop)
        if planted:
            columns = ", ".join("id + 4096" if name == "id" else name for name in _columns(server))
            plant(_file(server), TWIN.format(columns=columns))
        counted["messages"] = rows(_file(server), "SELECT count(*) FROM messages")[0][0]
        arrived = "SELECT count(*) FROM handset WHERE recipient = ?"
        counted["on handsets"] = rows(server.data / "sandbox.db", arrived, TO)[0][0]
    across = 0 if planted else await _across_a_kill(counted)
    return Outcome(
        injected=f"{keys} keys × {CLIENTS} clients, one key across a kill × {ACROSS}",
        counted=counted,
        bar="one message, one answer a key; another request 422",
        held=counted["messages"] == counted["on handsets"] == counted["mismatches refused"] == keys
        and counted["answers"] == keys + across
        and across == (not planted),
    )


async def _together(callers: list[Client], key: str, counted: Counter[str]) -> None:
    answers = await asyncio.gather(*(client.send(TO, "only once", key, reference=key) for client in callers))
    counted["requests"] += len(answers)
    counted["answers"] += len({(answer.status, answer.body) for answer in answers})
    counted["first"] += sum(
        not answer.replayed and answer.status == HTTPStatus.ACCEPTED for answer in answers
    )
    other = await callers[0].send(TO, "another text", key, reference=key)
    counted["mismatches refused"] += (other.status, other.json["code"]) == (422, "idempotency_key_reused")


async def _across_a_kill(counted: Counter[str]) -> int:
    """Ask, be cut off, ask again; the answers after the restart count. How many messages that made."""
    async with a_server() as server:
        await asyncio.to_thread(server.start, "after-commit:150")
        restarted, told = asyncio.Event(), set[bytes]()

        async def insist(client: Client) -> None:
            while True:
                after = restarted.is_set()
                try:
                    answer = await client.send(TO, "only once", "across", reference="across")
                except (Absent, Lost):
                    await asyncio.sleep(0.05)
                    continue
                told.add(b"%d " % answer.status + answer.body)
                counted["requests"] += 1
                if after:
                    return

        async with (
            clients(server.port, key_of(server.data), ACROSS) as callers,
            asyncio.TaskGroup() as asking,
        ):
            for client in callers:
                asking.create_task(insist(client))
            await asyncio.to_thread(server.died, within_s=30.0)
            await asyncio.to_thread(server.start)
            restarted.set()
        counted["answers"] += len(told)
        return len(rows(_file(server), STORED, "across"))


def _file(server: Server) -> Path:
    return server.data / SQLite.file


def _columns(server: Server) -> list[str]:
    return [row[1] for row in rows(_file(server), "PRAGMA table_info(messages)")]
