"""A vendor as simple as can be, and servers that do to a call whatever they like."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp

from posthouse.core.ports.vendor import Receipts
from posthouse.core.verdict import Accepted, Fate, Reason, Receipt, Refused, Reply
from posthouse.vendors import base
from posthouse.vendors.adapter import Adapter, Capabilities, Config, Pulled, Request, Told
from tests.vendors import replay

SECRET, CODE, TO = "s3cr3t-k3y-0815", "482913", "+8613800138000"
TEXT = f"Your code is {CODE}"
TOTAL_S = 0.4
FINE = json.dumps({"ids": {TO: "id-1"}}).encode()


class Plain(Adapter):
    """A vendor as simple as can be."""

    name, title, settings, PROVEN = "plain", ("Plain", "简单"), (), "docs"
    capabilities = Capabilities(recipients_max=3, query=True, receipts=Receipts.PULL)

    def __init__(self, url, *, method="POST", requests=1):
        super().__init__(Config({}))
        self.url, self.method, self.requests = url, method, requests

    def build(self, batch, *, now, nonce):
        headers = {"Authorization": SECRET}
        size = -(-len(batch) // self.requests)
        parts = [batch[at : at + size] for at in range(0, len(batch), size)]
        return [Request(self.method, self.url, headers, TEXT.encode(), part) for part in parts]

    def read(self, batch, response):
        reply = response.json()
        return [Accepted(reply["ids"][each.to]) for each in batch]

    def authentic(self, callback):
        return callback.headers.get("who") == "me"

    def receipts(self, callback):
        return [Receipt(callback.body.decode("ascii"), TO, Fate.DELIVERED)]

    def query(self, question, *, now, nonce):
        return None if question.reference is None else Request("GET", self.url, {})

    def told(self, question, response):
        return Told(Accepted(response.json()["ids"][question.to]))

    def pulls(self, *, now, nonce):
        return [Request("GET", self.url, {})]

    def pulled(self, response):
        return Pulled(replies=[Reply("r", TO, response.json()["text"], 0)])

    def check(self, *, now, nonce):
        return Request("GET", self.url, {})

    def checked(self, response):
        return None if response.json()["ok"] else Refused(Reason.AUTH)


class Clock:
    def now(self):
        return replay.NOW


@asynccontextmanager
async def listening(serve):
    """A server whose connections end with it, whatever they are at; its address."""
    tasks = set()

    async def run(reader, writer):
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    def connected(reader, writer):
        tasks.add(asyncio.ensure_future(run(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def hostile(answer):
    """A server that reads requests and lets `answer(writer, how many so far)` do the rest."""
    asked = list[bytes]()

    async def serve(reader, writer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            asked.append(head + await reader.readexactly(int(length or 0)))
            await answer(writer, len(asked))

    async with listening(serve) as address:
        yield f"http://{address}/v1/send", asked


@asynccontextmanager
async def vendor(adapter, *, total_s=TOTAL_S, connect_s=0.2, **settings):
    connector = aiohttp.TCPConnector(limit=8, **settings)
    async with base.session(connector, total_s=total_s, connect_s=connect_s) as http:
        yield base.HttpVendor(adapter, http, Clock(), channel="plain")


def says(body, head=b"HTTP/1.1 200 OK\r\n"):
    async def answer(writer, _):
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    return answer


def message(**fields):
    return replay.outbound(text=TEXT, params={"code": CODE}, to=TO, **fields)
