"""Answers that do not end, of a vendor in a process of its own: `python -m soak.hostile`.

It prints its address, answers each request in the next of these ways, and ends with its standard input.
"""

import asyncio
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

from soak.vendor import Conduct, HostileVendor, Offer

CHUNK = b"x" * (1 << 16)
MEGABYTE, GIGABYTE = 1 << 20, 1 << 30
EVERY_S = 0.05


async def trickle(_vendor: HostileVendor, _offer: Offer, writer: asyncio.StreamWriter) -> None:
    """A whole answer in time, were it not for the pauses: a byte now and then, without end."""
    writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(EVERY_S)


async def trickle_headers(_vendor: HostileVendor, _offer: Offer, writer: asyncio.StreamWriter) -> None:
    """The same, in a header that does not end."""
    writer.write(b"HTTP/1.1 202 Accepted\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(EVERY_S)


async def endless_headers(_vendor: HostileVendor, _offer: Offer, writer: asyncio.StreamWriter) -> None:
    """Headers as fast as they are read."""
    writer.write(b"HTTP/1.1 202 Accepted\r\n")
    while True:
        writer.write(b"X-More: and more\r\n" * 1000)
        await writer.drain()


async def flood(_vendor: HostileVendor, _offer: Offer, writer: asyncio.StreamWriter) -> None:
    """A gigabyte as fast as it is read."""
    writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n" % GIGABYTE)
    for _ in range(GIGABYTE // len(CHUNK)):
        writer.write(CHUNK)
        await writer.drain()


async def explode(_vendor: HostileVendor, _offer: Offer, writer: asyncio.StreamWriter) -> None:
    """A gigabyte packed into one megabyte."""
    writer.write(
        b"HTTP/1.1 202 Accepted\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_BOMB)
    )
    writer.write(_BOMB)


def _bomb() -> bytes:
    """Begun as gzip is; each further megabyte looks like the one before, and the end is missing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, next_one = (packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + next_one * (GIGABYTE // MEGABYTE - 1)


_BOMB = _bomb()
WAYS: tuple[Conduct, ...] = (trickle, endless_headers, trickle_headers, flood, explode)


@asynccontextmanager
async def elsewhere() -> AsyncIterator[str]:
    """Such a vendor as long as the block runs; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "soak.hostile",
        cwd=Path(__file__).parent.parent,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


async def _serve() -> None:
    ways = cycle(WAYS)

    async def conduct(vendor: HostileVendor, offer: Offer, writer: asyncio.StreamWriter) -> None:
        await next(ways)(vendor, offer, writer)

    async with HostileVendor(conduct).open() as vendor:
        print(vendor.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
