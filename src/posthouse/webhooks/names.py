"""Names looked up in threads of their own: whose names are slow delays nobody else's."""

import asyncio
import errno
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS = 2
"""Look-ups at once; the operating system's cannot be ended, so one without an answer keeps its thread."""
LOOKUP_S = 3.0
WAITING_MAX = 64


class Names(AbstractResolver):
    """The operating system's resolver, for one connector."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._waiting = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError for none, none in time, and too many names at once."""
        if self._waiting >= WAITING_MAX:
            raise OSError(errno.EAGAIN, "too many names are looked up already")
        look = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        self._waiting += 1
        try:
            async with asyncio.timeout(LOOKUP_S):
                found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        except TimeoutError:
            raise OSError(errno.ETIMEDOUT, "the name was not found in time") from None
        finally:
            self._waiting -= 1
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=family,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, proto, _, address in found
        ]

    async def close(self) -> None:
        """Let the threads go, whatever they wait for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
