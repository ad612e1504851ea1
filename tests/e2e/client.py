"""A very small HTTP client, for many connections at little cost, that knows when it lost an answer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.server import HOST

ANSWERS_WITHIN_S = 20.0


class Lost(Exception):
    """No whole answer came: whether the request was done, only the server knows."""


class Absent(Exception):
    """Nobody listens: the request was certainly not done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def replayed(self) -> bool:
        """Whether it is the stored answer of an earlier request."""
        return self.headers.get("idempotent-replayed") == "true"


class Client:
    """One kept-alive connection, one request at a time; after a loss the next request opens another."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, to: str, body: str, key: str | None = None, **more: object) -> Answer:
        """Send one message, under an idempotency key if there is one."""
        return await self.post("/v1/sms/send", {"to": to, "body": body, **more}, key)

    async def post(self, path: str, request: object, key: str | None = None) -> Answer:
        """Make a POST request."""
        marked = f"Idempotency-Key: {key}\r\n" if key is not None else ""
        return await self._ask("POST", path, json.dumps(request).encode(), marked)

    async def get(self, path: str) -> Answer:
        """Make a GET request."""
        return await self._ask("GET", path, b"", "")

    def close(self) -> None:
        """Drop the connection."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _ask(self, method: str, path: str, body: bytes, headers: str) -> Answer:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        )
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                reader, writer = self._streams or await self._connect()
                writer.write(head.encode() + body)
                await writer.drain()
                answer = await _read(reader)
        except TimeoutError:
            self.close()
            raise AssertionError(f"{method} {path}: no answer in {ANSWERS_WITHIN_S} s") from None
        except (OSError, EOFError) as error:
            self.close()
            raise Lost(type(error).__name__) from error
        except BaseException:
            self.close()
            raise
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            self._streams = await asyncio.open_connection(HOST, self._port)
        except OSError as error:
            raise Absent(type(error).__name__) from error
        return self._streams


async def _read(reader: asyncio.StreamReader) -> Answer:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(status.split()[1]), headers, body)


async def soon(condition: Callable[[], object], *, within_s: float, what: str, tick_s: float = 0.02) -> None:
    """Look again and again, until the condition's answer (awaited where it must be) is true."""
    deadline = time.monotonic() + within_s
    while True:
        answer = condition()
        if await answer if isinstance(answer, Awaitable) else answer:
            return
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        await asyncio.sleep(tick_s)


@asynccontextmanager
async def clients(port: int, key: str, count: int) -> AsyncIterator[list[Client]]:
    """So many clients, whose connections end with the block."""
    made = [Client(port, key) for _ in range(count)]
    try:
        yield made
    finally:
        for client in made:
            client.close()
        await asyncio.sleep(0)  # the loop sees to it
