"""uvicorn, as we run it."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from posthouse.web.protocol import OneWriteProtocol, sweep

SHUTDOWN_S = 2
"""How long requests in flight may take once the server is told to stop."""


class HttpServer(uvicorn.Server):
    """uvicorn's server, which tells when it answers, and when it begins to stop."""

    def __init__(self, app: ASGIApp, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=OneWriteProtocol,
                proxy_headers=False,  # what a client says of its address is not to be believed
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                backlog=4096,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )
        self._on_started = started
        self._on_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; then say so."""
        await super().startup(sockets)
        if self.started:
            self._sweeping = asyncio.create_task(sweep(self.server_state.connections))
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; the dispatcher drains while requests in flight are finished."""
        self._on_stopping()
        self._sweeping.cancel()
        await super().shutdown(sockets)
