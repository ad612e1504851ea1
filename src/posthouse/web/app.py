"""The application: every route of every surface behind one ASGI callable."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from starlette.routing import Route as StarletteRoute
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import REQUEST, show
from posthouse.core.ports.store import Overloaded
from posthouse.web import callbacks, health, openapi, reference
from posthouse.web.asgi import respond
from posthouse.web.dialects.api import routes as api
from posthouse.web.dialects.notify import routes as notify
from posthouse.web.dialects.v1 import routes as v1
from posthouse.web.dialects.v1.errors import STATUS, problem
from posthouse.web.dialects.v1.records import ProblemReply
from posthouse.web.endpoint import Endpoint
from posthouse.web.rates import Rates
from posthouse.web.refuse import Surface
from posthouse.web.services import Services
from posthouse.web.traffic import Traffic

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def create_app(services: Services, lifespan: Lifespan | None = None) -> ASGIApp:
    """The ASGI application; `lifespan` is entered when the server starts and left when it stops."""
    return _App(services, lifespan)


SURFACES: Mapping[str, Surface] = {"/": v1.SURFACE, "/api": api.SURFACE, "/notify": notify.SURFACE}
"""Whose errors a path gets, by the steps it begins with; the longest beginning that fits."""


def start_of(path: str) -> str:
    """How the paths of the surface begin that answers for this one, whether anything is behind it or not."""
    fitting = (start for start in SURFACES if f"{path}/".startswith(f"{start.rstrip('/')}/"))
    return max(fitting, key=len, default="/")


def surface_of(path: str) -> Surface:
    """The surface that answers for a path."""
    return SURFACES[start_of(path)]


class _App:
    """Finds the endpoint. A static path is one look into a dict; Starlette's router knows the others."""

    def __init__(self, services: Services, lifespan: Lifespan | None) -> None:
        native = v1.routes(services) if services.api else ()
        write = partial(openapi.document, native, problem=ProblemReply, refuse=problem)
        aggregator = api.routes(services) if services.api else ()
        notification = notify.routes(services) if services.api else ()
        unbounded = health.routes(services)
        rates = Rates()
        traffic = {start: Traffic(start, services.counts, services.clock) for start in SURFACES}
        resources: dict[str, dict[str, Endpoint]] = {}
        for route in (*native, *aggregator, *notification, *unbounded, *reference.routes(write, STATUS)):
            endpoint = Endpoint(route, services, surface_of(route.path), rates, traffic[start_of(route.path)])
            resources.setdefault(route.path, {})[route.method] = endpoint
        self._exact: Mapping[tuple[str, str], Endpoint] = {
            (method, path): endpoint
            for path, methods in resources.items()
            if "{" not in path
            for method, endpoint in methods.items()
        }
        self._unbounded = frozenset(route.path for route in unbounded)
        self._router = Router(
            [
                StarletteRoute(path, _Resource(resources[path], services, traffic))
                # The first that fits answers: /v1/sms/estimate is no message with the id "estimate".
                for path in sorted(resources, key=lambda path: "{" in path)
            ]
            + [StarletteRoute(callbacks.PATH, callbacks.Callbacks(services))],
            redirect_slashes=False,
            default=_Dead(Refusal(Code.NOT_FOUND), services, traffic),
            lifespan=lifespan,
        )
        self._full = _Dead(Overloaded(), services, traffic)
        self._in_flight = 0
        self._in_flight_max = services.in_flight_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        path = scope["path"]
        endpoint: ASGIApp = self._exact.get((scope["method"], path)) or self._router
        if self._in_flight >= self._in_flight_max and path not in self._unbounded:
            endpoint = self._full
        self._in_flight += 1
        try:
            await endpoint(scope, receive, send)
        finally:
            self._in_flight -= 1

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._router(scope, receive, send)


class _Resource:
    """One path's methods."""

    def __init__(
        self, methods: Mapping[str, Endpoint], services: Services, traffic: Mapping[str, Traffic]
    ) -> None:
        self._methods: dict[str, ASGIApp] = dict(methods)
        if "GET" in methods:
            self._methods["HEAD"] = methods["GET"]
        allowed = ", ".join(sorted(self._methods))
        self._wrong = _Dead(Refusal(Code.METHOD_NOT_ALLOWED, allowed=allowed), services, traffic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._methods.get(scope["method"], self._wrong)(scope, receive, send)


class _Dead:
    """Where a request ends that has no endpoint."""

    def __init__(self, error: Exception, services: Services, traffic: Mapping[str, Traffic]) -> None:
        """`traffic` by how the paths of its surface begin."""
        self._error = error
        self._traffic = traffic
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services = self._services
        now = services.clock.now()
        request_id = show(REQUEST, services.ids.take(now))
        start = start_of(scope["path"])
        headers = dict(scope["headers"])
        answer = SURFACES[start].no(self._error, headers, request_id=request_id, where="nowhere")
        self._traffic[start].answered("nowhere", answer, request_id, since=now)
        await respond(send, answer, request_id, head=scope["method"] == "HEAD")
