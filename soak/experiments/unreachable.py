"""The first vendor cannot be reached, in five ways: messages go to the second within a second."""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NoReturn

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from posthouse.core.verdict import NotSent, Unknown
from posthouse.vendors.base import CONNECT_S
from soak.carriage import Link, as_it_is, carrying, judge, misread
from soak.experiment import Outcome
from soak.premises import directory
from soak.vendor import HOST, HostileVendor
from tests.e2e.server import free_port

ROWS = (19,)

WAVES, WAVE = 5, 4
"""At scale 1; a wave is let through before the next comes. The breaker opens in the second."""

WITHIN_S = 1.0
NOBODY = "nobody.example"

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Send in waves while the first channel, the cheaper one, is out of reach.

    Planted: a connection that was refused counts as if the vendor might have the message.
    """
    ways = {name: way for name, way in WAYS.items() if scale > 1 or way is not _silent}
    found = await asyncio.gather(
        *(_out_of_reach(way, WAVES * scale, planted=planted) for way in ways.values())
    )
    slowest = {name: counts["ms"] for name, counts in zip(ways, found, strict=True)}
    counted = {f"slowest ms, {name}": ms for name, ms in slowest.items()}
    for name in ("messages", "calls in vain", "not at the second", "lost", "duplicates", "drifts", "stuck"):
        counted[name] = sum(counts[name] for counts in found)
    silent_ms = slowest.pop("TLS never answered", 0.0)
    wrong = ("not at the second", "lost", "duplicates", "drifts", "stuck")
    return Outcome(
        injected=f"a first channel that cannot be reached: {', '.join(ways)}",
        counted=counted,
        bar=f"at the second ≤ {WITHIN_S:.0f} s, where nothing answers ≤ {CONNECT_S + WITHIN_S:.0f} s;"
        " 0 lost, doubled",
        held=not any(counted[name] for name in wrong)
        and max(slowest.values()) <= WITHIN_S * 1000
        and silent_ms <= (CONNECT_S + WITHIN_S) * 1000,
    )


Way = Callable[[], AbstractAsyncContextManager[str]]


async def _out_of_reach(way: Way, waves: int, *, planted: bool) -> Mapping[str, float]:
    second = HostileVendor()
    loop = asyncio.get_running_loop()
    came: dict[str, float] = {}
    async with (
        way() as url,
        second.open(),
        carrying(
            Link("first", url, routing={"cost": 1}),
            Link("second", second.url, routing={"cost": 2}),
            wrap=misread(NotSent, Unknown) if planted else as_it_is,
            connector=aiohttp.TCPConnector(limit=0, resolver=_Resolver()),
        ) as carriage,
        carriage.running(),
    ):
        for _ in range(waves):
            now_s = loop.time()
            came |= {message.recipient: now_s for message in await carriage.accept(WAVE)}
            await carriage.drained(CONNECT_S + 2 * WITHIN_S)
        report = carriage.health.report(1)
        found = await judge(carriage, [second])
        late_s = [offer.at_s - came.pop(offer.to) for offer in second.taken]
    return found | {
        "ms": round(max(late_s, default=0.0) * 1000),
        "messages": waves * WAVE,
        "calls in vain": report.failed,
        "not at the second": len(came),
    }


@asynccontextmanager
async def _refused() -> AsyncIterator[str]:
    yield f"http://{HOST}:{free_port()}/send"


@asynccontextmanager
async def _unknown_name() -> AsyncIterator[str]:
    yield f"http://{NOBODY}/send"


@asynccontextmanager
async def _listening(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    server = await asyncio.start_server(answer, HOST, 0, ssl=tls)
    try:
        yield f"https://{HOST}:{server.sockets[0].getsockname()[1]}/send"
    finally:
        server.close()


@asynccontextmanager
async def _no_tls() -> AsyncIterator[str]:
    """What speaks no TLS, and says so."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    async with _listening(answer) as url:
        yield url


@asynccontextmanager
async def _distrusted() -> AsyncIterator[str]:
    """A certificate that nobody vouches for."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    with directory() as where:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(_certificate(where / "own.pem"))
    async with _listening(answer, tls) as url:
        yield url


@asynccontextmanager
async def _silent() -> AsyncIterator[str]:
    """Takes the connection, and never says a word."""
    ended = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.transport.abort()

    async with _listening(answer) as url:
        yield url
        ended.set()
        await asyncio.sleep(0)


WAYS: Mapping[str, Way] = {
    "refused": _refused,
    "no such name": _unknown_name,
    "no TLS": _no_tls,
    "not trusted": _distrusted,
    "TLS never answered": _silent,
}


class _Resolver(AbstractResolver):
    """The system's, but for one name that it says does not exist, without asking anybody."""

    def __init__(self) -> None:
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host == NOBODY:
            _no_such_name()
        return await self._system.resolve(host, port, family)

    async def close(self) -> None:
        await self._system.close()


def _no_such_name() -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _certificate(file: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file
