"""For machines that look after this one: is it alive, is it ready, how is it doing?"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.queries import DirectoryVersion
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.web.asgi import JSON, Answer, Headers
from posthouse.web.body import Form
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.origin import from_this_machine, to_this_machine
from posthouse.web.services import Services

STORE_ANSWERS_WITHIN_S = 2.0
PROMETHEUS = b"text/plain; version=0.0.4; charset=utf-8"


class Alive(msgspec.Struct):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(msgspec.Struct, omit_defaults=True):
    """Whether it can do its work, and if not, what is missing."""

    status: Literal["ok", "not_ready"]
    not_ready: list[str] = msgspec.field(default_factory=list)


class Health:
    """The calls for orchestrators and monitoring."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def livez(self, call: Call[Nothing]) -> Alive:
        """Alive, since it answers."""
        return Alive()

    async def readyz(self, call: Call[Nothing]) -> Answer:
        """Ready once the store answers a trivial read and can commit, and the dispatcher runs."""
        missing = []
        try:
            async with asyncio.timeout(STORE_ANSWERS_WITHIN_S):
                await self._services.store.read(DirectoryVersion())
            if self._services.failing():
                missing.append("store")
        except (Unavailable, Overloaded, OSError):  # a time-out is an OSError
            missing.append("store")
        if not self._services.dispatching():
            missing.append("dispatcher")
        ready = Ready("not_ready" if missing else "ok", missing)
        return Answer(503 if missing else 200, msgspec.json.encode(ready), JSON)

    async def metrics(self, call: Call[Nothing]) -> Answer:
        """The figures, for the same machine or a bearer of the token."""
        headers = call.headers
        local = from_this_machine(headers, call.client) and to_this_machine(headers)
        if not (local or self._has_token(headers)):
            raise Refusal(Code.FORBIDDEN)
        return Answer(200, await self._services.metrics(), PROMETHEUS)

    def _has_token(self, headers: Headers) -> bool:
        token = self._services.metrics_token
        given = headers.get(b"authorization", b"")
        return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The three calls; they are no part of any dialect."""
    health = Health(services)
    return (
        _route("/livez", health.livez, Alive),
        _route("/readyz", health.readyz, Ready),
        _route("/metrics", health.metrics, Nothing),
    )


def _route(
    path: str, handle: Callable[[Call[Nothing]], Awaitable[object]], reply: type[msgspec.Struct]
) -> Route[Nothing]:
    return Route(
        method="GET",
        path=path,
        name=path[1:],
        summary=handle.__doc__ or path,
        form=Form(Nothing),
        handle=handle,
        reply=reply,
        scope=None,
    )
