"""Queues that forget what they give: what was fetched from one is stored, whatever happens meanwhile."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from posthouse.core.verdict import Reply
from posthouse.vendors import base
from posthouse.vendors.adapter import Request
from posthouse.workers.receipts import Receipts
from tests.vendors.plain import TO, Plain, hostile, says, vendor


async def test_what_a_vendor_kept_is_handed_over():
    heard = asyncio.Queue[Sequence[Reply]]()

    async def settle(receipts, replies):
        await heard.put(replies)

    async with hostile(says(b'{"text": "hello"}')) as (url, _), vendor(Plain(url)) as there:
        task = asyncio.create_task(there.listen(settle))
        assert await asyncio.wait_for(heard.get(), 5) == [Reply("r", TO, "hello", 0)]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Queue(Plain):
    """A vendor whose queue forgets what it gives."""

    def pulls(self, *, now, nonce):
        return [Request("POST", self.url, {}, b"more")]


async def test_what_a_queue_has_let_go_of_is_stored_though_the_listener_is_stopped():
    asked, stored = asyncio.Event(), list[Reply]()

    async def slowly(writer, count):
        asked.set()
        await asyncio.sleep(0.1)
        await says(b'{"text": "STOP"}')(writer, count)

    async def settle(receipts, replies):
        await asyncio.sleep(0)
        stored.extend(replies)

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    async with hostile(slowly) as (url, _), vendor(Queue(url)) as there:
        running = loop.create_task(Receipts(vendors={1: there}, settle_of=lambda _: settle, stop=stop).run())
        await asyncio.wait_for(asked.wait(), 5)
        stop.set()
        await asyncio.sleep(0.02)
        running.cancel()  # by whoever has no patience
        await asyncio.wait([running], timeout=5)
    assert [each.text for each in stored] == ["STOP"]


async def test_a_pull_that_never_ends_is_given_up_when_its_listener_is_stopped(monkeypatch):
    monkeypatch.setattr(base, "PULL_LAST_S", 0.05)
    began = asyncio.Event()

    async def never(receipts, replies):
        began.set()
        raise OSError

    async with hostile(says(b'{"text": "STOP"}')) as (url, _), vendor(Queue(url)) as there:
        listening = asyncio.create_task(there.listen(never))
        await asyncio.wait_for(began.wait(), 5)
        listening.cancel()
        await asyncio.wait([listening], timeout=5)
    assert listening.cancelled()
