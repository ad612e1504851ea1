"""What simulated vendors share: a server on a port of its own, its failures, and a thread to run it in."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

from aiohttp import web


class Asked(NamedTuple):
    """One request as it arrived: `target` is path and query, as on the request line."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Failure(NamedTuple):
    """What happens to a request instead of what should: `kind` is `drop`, `hang`, `html` or `error`.

    `drop` closes the connection after the request was read; `hang` never answers; `html` answers a page with
    `status`; `error` is the vendor's own answer with `code` (and `status`, where the vendor has it in HTTP).
    `taken`: the message is taken nevertheless, only the answer is lost.
    """

    kind: str
    code: str = ""
    status: int = 0
    taken: bool = False


class Peer(ABC):
    """A vendor. Subclasses answer; this records, and fails as it is told."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._failures: deque[Failure] = deque()

    def next(
        self, kind: str, *, code: str = "", status: int = 0, taken: bool = False, times: int = 1
    ) -> None:
        """Let the next requests fail."""
        self._failures += [Failure(kind, code, status, taken)] * times

    @abstractmethod
    async def answer(self, asked: Asked) -> web.Response:
        """What the vendor says to a request; whatever it takes, it records."""

    @abstractmethod
    def error(self, asked: Asked, failure: Failure) -> web.Response:
        """A refusal in the vendor's own form."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        # Names in lower case; a header that comes twice counts once.
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.raw_path, headers, await request.read())
        self.asked.append(asked)
        if not self._failures:
            return await self.answer(asked)
        failure = self._failures.popleft()
        if failure.taken:
            await self.answer(asked)
        match failure.kind:
            case "drop":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            case "hang":
                # Until the client goes or the server ends, whichever comes first.
                await asyncio.Event().wait()
                raise AssertionError
            case "html":
                page = "<html><body>Bad Gateway</body></html>"
                return web.Response(status=failure.status or 502, text=page, content_type="text/html")
            case "error":
                return self.error(asked, failure)
        raise LookupError(failure.kind)


@asynccontextmanager
async def serving(peer: Peer) -> AsyncIterator[str]:
    """A peer in this loop; its address, without a slash at the end."""
    application = web.Application(client_max_size=40 << 20)
    application.router.add_route("*", "/{any:.*}", peer.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@contextmanager
def running(peer: Peer, wait_s: float = 10.0) -> Iterator[str]:
    """A peer in a thread of its own, for tests and SDKs that block; its address."""
    started, address = threading.Event(), [""]
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with serving(peer) as url:
            address[0] = url
            started.set()
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            started.set()
            loop.close()

    thread = threading.Thread(target=run, name=type(peer).__name__, daemon=True)
    thread.start()
    try:
        assert started.wait(wait_s)
        assert address[0], "the peer did not start"
        yield address[0]
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(wait_s)
