"""Many at once, over HTTP: one idempotency key is one message, and money for a hundred is a hundred."""

import asyncio
from collections import Counter

import pytest

from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.queries import CheckLedger
from tests.e2e.client import Absent, Answer, Client, Lost, clients, soon
from tests.e2e.nursery import forked
from tests.e2e.premises import PRICE, copy, inside, key_of, opened, rows
from tests.e2e.server import Server

TO = "+8613900000011"


@pytest.fixture(scope="module")
def running(template, tmp_path_factory):
    server = Server(copy(template, tmp_path_factory.mktemp("running") / "data"), forked)
    yield server.start()
    server.close()


async def test_two_hundred_clients_with_one_key_make_one_message(running):
    async with clients(running.port, key_of(running.data), 200) as callers:
        await asyncio.gather(*(client.get("/v1/account") for client in callers))  # all are connected
        answers = await asyncio.gather(
            *(client.send(TO, "only once", "one-key", reference="one-key") for client in callers)
        )
        assert {answer.status for answer in answers} == {202}
        assert len({answer.body for answer in answers}) == 1
        assert Counter(answer.replayed for answer in answers) == {False: 1, True: 199}
        other = await callers[0].send(TO, "another text", "one-key", reference="one-key")
        assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    await soon(
        lambda: rows(running.data / "posthouse.db", STATES, "one-key") == [("delivered",)],
        within_s=10,
        what="the message is delivered",
    )
    arrived = "SELECT count(*) FROM handset WHERE recipient = ?"
    assert rows(running.data / "sandbox.db", arrived, TO) == [(1,)]


async def test_one_key_across_a_kill_is_still_one_message(server):
    await asyncio.to_thread(server.start, "after-commit:150")
    restarted = asyncio.Event()

    async def insist(client: Client) -> None:
        """Ask again and again; the answer after the restart is the one that counts."""
        while True:
            after = restarted.is_set()
            try:
                answer = await client.send(TO, "only once", "across", reference="across")
            except (Absent, Lost):
                await asyncio.sleep(0.05)
                continue
            assert answer.status == 202
            told.add(answer.body)
            if after:
                return

    told: set[bytes] = set()
    async with clients(server.port, key_of(server.data), 50) as callers, asyncio.TaskGroup() as asking:
        for client in callers:
            asking.create_task(insist(client))
        assert await asyncio.to_thread(server.died, within_s=30.0) < 0
        await asyncio.to_thread(server.start)
        restarted.set()
    assert len(told) == 1
    assert len(rows(server.data / "posthouse.db", STATES, "across")) == 1


async def test_five_hundred_sends_with_money_for_a_hundred_are_exactly_a_hundred(running):
    async def open_account(house):
        await house.administer.create_account("poor", balance=100 * PRICE, status=AccountStatus.APPROVED)
        return await house.administer.create_key("poor", rate_limit=None)

    issued = await asyncio.to_thread(inside, running.data, open_account)
    async with clients(running.port, issued.credential.key, 100) as callers:

        async def five(number: int) -> list[Answer]:
            recipients = [f"+86139{number * 5 + turn:06d}11" for turn in range(5)]
            return [await callers[number].send(to, "for money") for to in recipients]

        answers = [answer for some in await asyncio.gather(*map(five, range(100))) for answer in some]
        assert Counter(answer.status for answer in answers) == {202: 100, 402: 400}
        assert {answer.json["code"] for answer in answers if answer.status == 402} == {"insufficient_balance"}
        account = (await callers[0].get("/v1/account")).json
        assert account["balance"]["available"] == "0.00"
        on_the_way = "SELECT count(*) FROM messages WHERE account_id = 2 AND state <> 'delivered'"
        await soon(
            lambda: rows(running.data / "posthouse.db", on_the_way) == [(0,)],
            within_s=10,
            what="all hundred are delivered",
        )
        account = (await callers[0].get("/v1/account")).json
        assert account["balance"]["held"] == "0.00"
    assert (account["balance"]["spent"], account["total_sent"]) == ("5.00", 100)
    with opened(running.data) as house:
        assert (await house.store.read(CheckLedger())).drifts == ()


STATES = "SELECT state FROM messages WHERE reference = ?"
