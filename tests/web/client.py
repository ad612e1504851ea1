"""A client that speaks ASGI to the application in-process.

Every answer it sees is checked against the struct its route declares, every refusal against the problem's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.types import ASGIApp

from posthouse.web.dialects.v1.records import ProblemReply
from posthouse.web.dialects.v1.routes import routes
from posthouse.web.services import Services


@dataclass(frozen=True)
class Response:
    """An answer as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Calls the application in-process, as a server would."""

    def __init__(self, app: ASGIApp, services: Services, key: str) -> None:
        self.app = app
        self.key = key
        self.routes = {
            (route.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path))): route
            for route in routes(services)
        }

    async def get(self, path: str, **options: Any) -> Response:
        return await self.call("GET", path, **options)

    async def post(self, path: str, document: object = None, **options: Any) -> Response:
        body = b"" if document is None else json.dumps(document).encode()
        return await self.call("POST", path, **{"body": body} | options)

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        pieces: Sequence[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        language: str = "en",
        client: str = "127.0.0.1",
    ) -> Response:
        """`pieces`: the body as a chunked request would bring it, without Content-Length."""
        given = {"authorization": f"Bearer {self.key}", "accept-language": language}
        if pieces is None:
            given |= {"content-length": str(len(body)), "content-type": "application/json"}
        given |= headers or {}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "root_path": "",
            "client": (client, 50_000),
            "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
        }
        parts = [body] if pieces is None else list(pieces)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not parts:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return Response(0, {}, b"")
        response = Response(
            sent[0]["status"],
            {name.decode(): value.decode() for name, value in sent[0]["headers"]},
            b"".join(message["body"] for message in sent[1:]),
        )
        self._check(method, path, response)
        return response

    def _check(self, method: str, path: str, response: Response) -> None:
        assert response.headers["x-request-id"].startswith("req_")
        if response.headers.get("content-type") == "application/problem+json" and response.body:
            assert_is(ProblemReply, response)
            assert response.json()["request_id"] == response.headers["x-request-id"]
        for (known, pattern), route in self.routes.items():
            if known == method and pattern.fullmatch(path) and response.status < 400:
                assert response.status == route.status
                assert_is(route.reply, response)


def assert_is(kind: type[msgspec.Struct], response: Response) -> None:
    """The body has all members of `kind`, and no others."""
    parsed = msgspec.json.decode(response.body, type=kind)
    assert msgspec.to_builtins(parsed) == response.json()
