"""One client for many: threads, tasks, and the connections between them and the server."""

import asyncio
import gc
import threading

import pytest

from posthouse_sdk import AsyncClient, Client
from posthouse_sdk.connecting import LIMITS
from tests.e2e.house import number
from tests.sdk.loopback import Answer, loopback


def test_threads_share_a_client(client):
    numbers = [f"+86139001{each:02d}800" for each in range(16)]
    sent: dict[str, str] = {}

    def send(number: str) -> None:
        sent[number] = client.sms.send(to=number, body=number)["sms_id"]

    threads = [threading.Thread(target=send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: client.sms.status(sent[number])["to"] for number in numbers} == {
        number: number for number in numbers
    }


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(nobody, monkeypatch):
    with loopback(Answer()) as server, loopback(Answer(502)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url)
        monkeypatch.setenv("ALL_PROXY", proxy.base_url)
        with Client("key", server.base_url) as client:
            client.account.get()
    assert len(server.asked) == 1
    assert not proxy.asked


# Who ends a loop without closing leaves it sockets that only the collector closes, and Python says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_client_outlives_the_event_loops_that_use_it(house, base_url):
    async def ask(client: AsyncClient) -> str:
        both = await asyncio.gather(client.account.get(), client.account.get())
        return both[1]["account"]

    client = AsyncClient(house.key, base_url)
    assert [asyncio.run(ask(client)) for _ in range(3)] == ["default"] * 3
    del client
    gc.collect()


async def test_a_call_that_is_canceled_leaves_its_connection_to_others(house, base_url):
    async with AsyncClient(house.key, base_url) as client:
        calls = [asyncio.create_task(client.account.get()) for _ in range(LIMITS.max_connections or 0)]
        await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in ended} == {asyncio.CancelledError}
        assert (await client.account.get())["account"] == "default"


async def test_tasks_share_a_client(house, base_url):
    numbers = [number() for _ in range(40)]
    async with AsyncClient(house.key, base_url) as client:
        sent = await asyncio.gather(*(client.sms.send(to=to, body=to) for to in numbers))
        found = await asyncio.gather(*(client.sms.wait(each["sms_id"]) for each in sent))
    assert [(each["to"], each["state"]) for each in found] == [(to, "delivered") for to in numbers]
