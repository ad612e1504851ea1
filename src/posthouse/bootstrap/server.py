"""The server: one process with the API, the dispatcher, the scheduler, the receipts and the janitor.

Its parts are made and wired in `parts.py`; here they begin, run and end.
"""

import asyncio
import errno
import gc
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
import uvloop
from starlette.types import ASGIApp

from posthouse import __version__
from posthouse.bootstrap.house import House, Trouble
from posthouse.bootstrap.http import HttpServer
from posthouse.bootstrap.parts import Parts, Role, build
from posthouse.bootstrap.premises import sweep
from posthouse.observe import Metrics
from posthouse.web.app import create_app

__all__ = ["Role", "listen", "serve"]

log = structlog.get_logger(__name__)

SWITCH_S = 0.0005
"""The interpreter's switch interval. With the default of 5 ms the writer's thread waits that long for
the event loop at every commit; measured under load, 3.5 times the commits."""


@asynccontextmanager
async def _following(parts: Parts) -> AsyncIterator[None]:
    """A process that only accepts: messages wait for one with workers."""
    following = [asyncio.create_task(loop()) for loop in parts.always]
    parts.ready.set()
    try:
        yield
    finally:
        parts.stop_claiming()
        await asyncio.gather(*following)
        await parts.connections.close()


@asynccontextmanager
async def _running(parts: Parts, drain_s: float) -> AsyncIterator[None]:
    """The workers, from start to drain."""
    dispatching = asyncio.create_task(parts.dispatcher.run(drain_s=drain_s))
    workers = [asyncio.create_task(worker()) for worker in (*parts.workers, *parts.always)]
    parts.ready.set()
    for task in (dispatching, *workers):
        task.add_done_callback(partial(_ended, parts))
    try:
        yield
    finally:
        parts.stop_claiming()
        await asyncio.wait([dispatching])  # receipts are settled meanwhile
        parts.drained.set()
        _, late = await asyncio.wait(workers, timeout=1.0)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await parts.connections.close()


def _ended(parts: Parts, task: asyncio.Task[None]) -> None:
    """A worker that ends before it is told to leaves messages lying: the server is not ready any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("worker_failed", error=type(error).__name__, exc_info=error)
    if not parts.stop.is_set():
        parts.ready.clear()


def listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything else is begun.

    Raises:
        Trouble: it is taken, not ours, or not permitted.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Trouble(
            f"Cannot listen on {host}:{port} ({error.strerror}): choose another with --port "
            f"(make run: PORT=){', or stop who has it' if error.errno == errno.EADDRINUSE else ''}."
        ) from error
    return listener


def serve(
    house: House,
    metrics: Metrics,
    listener: socket.socket,
    started: Callable[[], None],
    role: Role = Role.ALL,
) -> None:
    """Serve until SIGTERM or SIGINT; `started` is called once requests are answered."""
    sweep(house.data)
    sys.setswitchinterval(SWITCH_S)
    uvloop.run(_serve(house, metrics, listener, started, role))


async def _serve(
    house: House, metrics: Metrics, listener: socket.socket, started: Callable[[], None], role: Role
) -> None:
    parts = await build(house, metrics, role)
    drain_s = house.settings.drain_s

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Starlette hands itself in
        async with _following(parts) if role is Role.API else _running(parts, drain_s):
            # What start-up made lives for ever: the collector need not walk it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 20, 50)
            yield

    def answering() -> None:
        host, port = listener.getsockname()[:2]
        recovered = parts.recovered
        log.info(
            "server_started",
            version=__version__,
            host=host,
            port=port,
            role=role.value,
            freed=recovered.freed,
            unknown=recovered.unknown,
        )
        started()

    def stopping() -> None:
        log.info("server_stopping")
        parts.stop_claiming()

    app: ASGIApp = create_app(parts.app_services, lifespan)
    server = HttpServer(app, answering, stopping)
    try:
        await server.serve(sockets=[listener])
    finally:  # it ends by raising the signal once more
        log.info("server_stopped")
