"""The application: every route of every surface behind one ASGI callable."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import REQUEST, show
from posthouse.core.ports.store import Overloaded
from posthouse.web import health, openapi
from posthouse.web.asgi import respond
from posthouse.web.body import Form
from posthouse.web.dialects.v1 import routes as v1
from posthouse.web.dialects.v1.errors import STATUS
from posthouse.web.dialects.v1.records import ProblemReply
from posthouse.web.endpoint import Call, Endpoint, Nothing, Route
from posthouse.web.rates import Rates
from posthouse.web.refuse import Surface
from posthouse.web.services import Services

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def create_app(services: Services, lifespan: Lifespan | None = None) -> ASGIApp:
    """The ASGI application; `lifespan` is entered when the server starts and left when it stops."""
    return _App(services, lifespan)


SURFACES: Mapping[str, Surface] = {"/": v1.SURFACE}
"""Whose errors a path gets, by how it begins; the longest beginning that fits."""


def surface_of(path: str) -> Surface:
    """The surface that answers for a path, whether there is anything behind it or not."""
    return SURFACES[max((start for start in SURFACES if path.startswith(start)), key=len, default="/")]


class _App:
    """Finds the endpoint. A static path is one look into a dict; Starlette's router knows the others."""

    def __init__(self, services: Services, lifespan: Lifespan | None) -> None:
        native = v1.routes(services) if services.api else ()
        spec = openapi.document(native, problem=ProblemReply, status=STATUS)
        unbounded = health.routes(services)
        rates = Rates()
        resources: dict[str, dict[str, Endpoint]] = {}
        for route in (*native, *unbounded, _spec_route(spec)):
            endpoint = Endpoint(route, services, surface_of(route.path), rates)
            resources.setdefault(route.path, {})[route.method] = endpoint
        self._exact: Mapping[tuple[str, str], Endpoint] = {
            (method, path): endpoint
            for path, methods in resources.items()
            if "{" not in path
            for method, endpoint in methods.items()
        }
        self._unbounded = frozenset(route.path for route in unbounded)
        self._router = Router(
            [StarletteRoute(path, _Resource(methods, services)) for path, methods in resources.items()],
            redirect_slashes=False,
            default=_Dead(Refusal(Code.NOT_FOUND), services),
            lifespan=lifespan,
        )
        self._full = _Dead(Overloaded(), services)
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

    def __init__(self, methods: Mapping[str, Endpoint], services: Services) -> None:
        self._methods: dict[str, ASGIApp] = dict(methods)
        if "GET" in methods:
            self._methods["HEAD"] = methods["GET"]
        allowed = ", ".join(sorted(self._methods))
        self._wrong = _Dead(Refusal(Code.METHOD_NOT_ALLOWED, allowed=allowed), services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._methods.get(scope["method"], self._wrong)(scope, receive, send)


class _Dead:
    """Where a request ends that has no endpoint."""

    def __init__(self, error: Exception, services: Services) -> None:
        self._error = error
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services = self._services
        request_id = show(REQUEST, services.ids.take(services.clock.now()))
        surface = surface_of(scope["path"])
        answer = surface.no(self._error, dict(scope["headers"]), request_id=request_id, where="nowhere")
        await respond(send, answer, request_id, head=scope["method"] == "HEAD")


def _spec_route(spec: bytes) -> Route[Nothing]:
    async def handle(call: Call[Nothing]) -> bytes:
        return spec

    return Route(
        method="GET",
        path="/openapi.json",
        name="openapi",
        summary="This API, described",
        form=Form(Nothing),
        handle=handle,
        reply=msgspec.Struct,
        scope=None,
    )
