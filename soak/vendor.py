"""A vendor that behaves as badly as an experiment wants: JSON over HTTP/1.1, written to the socket by hand.

It speaks the generic channel's `json` preset. What it does with a request is its `conduct`, which may be
exchanged at any time: a function below, of `soak.hostile`, or an experiment's own.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import NamedTuple

HOST = "127.0.0.1"


class Offer(NamedTuple):
    """A message as the vendor read it: when (the loop's seconds), our reference, the number, the text."""

    at_s: float
    key: str
    to: str
    text: str

    @property
    def delivered(self) -> dict[str, str]:
        """The receipt that it arrived, by our own reference: the vendor's answer may have been lost."""
        return {"id": self.key, "to": self.to, "status": "delivered"}

    @property
    def message(self) -> str:
        """The public id of the message behind the key."""
        return self.key.partition(".")[0]


class HostileVendor:
    """One vendor: `offers` are all requests, `taken` the messages that it would send to handsets."""

    def __init__(self, conduct: "Conduct | None" = None) -> None:
        self.conduct: Conduct = conduct or take
        self.offers: list[Offer] = []
        self.taken: list[Offer] = []
        self.url = ""
        self._serving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["HostileVendor"]:
        """Listen on a port of its own, at `url`, as long as the block runs."""
        server = await asyncio.start_server(self._serve, HOST, 0, backlog=1024)
        self.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/send"
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError
        self._serving.add(task)
        try:
            while not writer.is_closing():
                self.offers.append(offer := await _offer(reader))
                await self.conduct(self, offer, writer)
                await writer.drain()
        # Whom we serve may hang up at any time, and at the end everybody does.
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.transport.abort()


Conduct = Callable[[HostileVendor, Offer, asyncio.StreamWriter], Awaitable[None]]


async def _offer(reader: asyncio.StreamReader) -> Offer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    _, _, rest = head.partition("content-length:")
    told = json.loads(await reader.readexactly(int(rest.partition("\r\n")[0])))
    return Offer(asyncio.get_running_loop().time(), told["id"], told["to"], told["text"])


def say(writer: asyncio.StreamWriter, status: int, told: object) -> None:
    """Answer as vendors should."""
    body = json.dumps(told).encode()
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    head = f"{line}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


async def take(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
    """Take the message and say so."""
    vendor.taken.append(offer)
    say(writer, 202, {"id": f"v{len(vendor.taken)}"})


def takes_after(seconds: float) -> Conduct:
    """Take the message, and say so late."""

    async def conduct(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await take(vendor, offer, writer)

    return conduct


def refuses(status: int, code: str = "") -> Conduct:
    """Take nothing."""

    async def conduct(_vendor: HostileVendor, _offer: Offer, writer: asyncio.StreamWriter) -> None:
        say(writer, status, {"code": code})

    return conduct


async def take_and_drop(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
    """Take the message, and close the connection without a word."""
    vendor.taken.append(offer)
    writer.close()


async def take_and_reset(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
    """Take the message, and tear the connection down."""
    vendor.taken.append(offer)
    writer.transport.abort()


async def take_and_stop_short(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
    """Take the message, and close the connection in the middle of the answer."""
    vendor.taken.append(offer)
    writer.write(b'HTTP/1.1 202 Accepted\r\nContent-Length: 40\r\n\r\n{"id":')
    await writer.drain()
    writer.close()


def repeated(vendors: Iterable[HostileVendor]) -> Counter[str]:
    """How many times too often each message was taken, by all of these together."""
    taken = Counter(offer.message for vendor in vendors for offer in vendor.taken)
    return Counter({message: times - 1 for message, times in taken.items() if times > 1})
