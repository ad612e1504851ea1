"""Bodies made to hurt: huge, deep, ambiguous, not text, inflated; each refused quickly and cheaply."""

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from soak.experiment import Outcome
from soak.premises import a_running
from tests.e2e.premises import key_of
from tests.e2e.server import HOST, Server

ROWS = (54,)

HUGE = 100 << 20
DEEP = 100_000
ANSWERED_WITHIN_S, GROWS_MB = 0.1, 50.0
PATHS = ("/v1/sms/send", "/v1/sms/batch")


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes to send, and how to announce them; `times` that many of them, in chunks of no announced end."""

    name: str
    data: bytes
    headers: str = ""
    times: int = 1

    @property
    def head(self) -> str:
        """The headers that speak of it."""
        if self.times > 1:
            return self.headers + "Transfer-Encoding: chunked\r\n"
        return self.headers + (
            "" if "Content-Length" in self.headers else f"Content-Length: {len(self.data)}\r\n"
        )


def bodies() -> Iterator[Body]:
    """All of them."""
    yield Body("100 MB, announced", b"", f"Content-Length: {HUGE}\r\n")
    yield Body("100 MB in chunks", b" " * (1 << 20), times=100)
    yield Body("an announced length of 30 digits", b"", f"Content-Length: {'9' * 30}\r\n")
    yield Body("10^5 deep arrays", b'{"to":' + b"[" * DEEP + b"]" * DEEP + b"}")
    yield Body("10^5 deep objects", b'{"a":' * DEEP + b"1" + b"}" * DEEP)
    yield Body("10^5 open brackets", b"[" * DEEP)
    yield Body("a name twice", b'{"to":"+8613900000011","body":"a","to":"+8613900000022"}')
    yield Body(
        "a name twice, once escaped", b'{"to":"+8613900000011","body":"a","\\u0074o":"+8613900000022"}'
    )
    yield Body("NaN", b'{"to":"+8613900000011","body":"a","validity_s":NaN}')
    yield Body("Infinity", b'{"to":"+8613900000011","body":"a","validity_s":-Infinity}')
    yield Body("1e999", b'{"to":"+8613900000011","body":"a","validity_s":1e999}')
    yield Body(
        "a number of 10^5 digits", b'{"to":"+8613900000011","body":"a","validity_s":' + b"9" * DEEP + b"}"
    )
    yield Body("half a surrogate pair", b'{"to":"+8613900000011","body":"\\ud800"}')
    yield Body("half a surrogate pair, raw", b'{"to":"+8613900000011","body":"\xed\xa0\x80"}')
    yield Body("a null character", b'{"to":"+8613900000011","body":"\\u0000"}')
    yield Body("not UTF-8", b'{"to":"+8613900000011","body":"\xff"}')
    yield Body("a gzip bomb", gzip.compress(bytes(HUGE >> 3)), "Content-Encoding: gzip\r\n")
    yield Body("10^5 unknown names", b"{" + b",".join(b'"n%d":0' % n for n in range(DEEP // 10)) + b"}")


HARMLESS = Body("planted: nothing wrong with it", b'{"to":"+8613900000011","body":"a"}')


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Send each to each call that takes a body, and look at the clock and the server's memory."""
    counted, detail = Counter({"bodies": 0, "4xx": 0, "other answers": 0, "late": 0}), list[str]()
    slowest_s = 0.0
    async with a_running() as server:
        key = key_of(server.data)
        await _ask(server, key, PATHS[0], HARMLESS)
        before = _resident_mb(server)
        for body in [HARMLESS] if planted else [*bodies()] * scale:
            for path in PATHS[:1] if planted else PATHS:
                status, took_s = await _ask(server, key, path, body)
                refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
                late = took_s > ANSWERED_WITHIN_S * (5 if scale == 1 else 1)
                counted.update({"bodies": 1, "4xx" if refused else "other answers": 1, "late": late})
                if late or not refused:
                    detail.append(f"{path} {body.name}: {status} after {took_s * 1000:.0f} ms")
                slowest_s = max(slowest_s, took_s)
        counted["grown MB"] = round(_resident_mb(server) - before)
    counted["slowest ms"] = round(slowest_s * 1000)
    return Outcome(
        injected=f"{counted['bodies']} bodies",
        counted=counted,
        bar=f"4xx ≤ {ANSWERED_WITHIN_S * 1000:.0f} ms each; memory ≤ +{GROWS_MB:.0f} MB",
        held=not counted["other answers"] + counted["late"] and counted["grown MB"] <= GROWS_MB,
        detail="; ".join(detail[:5]),
    )


async def _ask(server: Server, key: str, path: str, body: Body) -> tuple[int, float]:
    """The status, and the seconds from the last byte that could be sent to the answer."""
    reader, writer = await asyncio.open_connection(HOST, server.port)
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n{body.head}\r\n"
    writer.write(head.encode())
    answer = asyncio.create_task(reader.readline())
    try:
        if body.times > 1:
            await _stream(writer, body, answer)
        else:
            writer.write(body.data)
        since = time.monotonic()
        line = await asyncio.wait_for(answer, timeout=20)
        return int(line.split()[1]) if line else 0, time.monotonic() - since
    finally:
        answer.cancel()
        writer.transport.abort()


async def _stream(writer: asyncio.StreamWriter, body: Body, answer: "asyncio.Task[bytes]") -> None:
    """Chunk after chunk, until there is an answer."""
    try:
        for _ in range(body.times):
            if answer.done():
                return
            writer.write(b"%x\r\n%b\r\n" % (len(body.data), body.data))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    except ConnectionError:
        return


def _resident_mb(server: Server) -> float:
    """The highest the server's memory has been."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
