"""One declaration a route: from it come decoding, validation, rights, problem documents and OpenAPI.

An endpoint is a plain ASGI callable. Nothing here knows a dialect: how errors look is the surface's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec
from starlette.types import Message, Receive, Scope, Send

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import REQUEST, show
from posthouse.services.directory import Caller
from posthouse.web.asgi import Answer, Disconnected, Fields, Headers, expect_json, read_body, respond
from posthouse.web.body import SMALL, Form
from posthouse.web.credentials import ApiKeyOrBody, Unreadable
from posthouse.web.rates import Rates
from posthouse.web.refuse import Surface
from posthouse.web.services import Services
from posthouse.web.traffic import Traffic

BODY_MAX = 1024 * 1024
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests are read from the body; the others' from the query."""

B = TypeVar("B", bound=msgspec.Struct)


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A request without any field."""


class Call(Generic[B]):
    """One request, authenticated and parsed.

    Attributes:
        wanted: the body, or for GET the query.
        caller: who asks; unset on public routes.
        path: the path's parameters.
        replayed: set it when the answer is the stored one of an earlier request.
    """

    __slots__ = ("caller", "client", "headers", "path", "replayed", "wanted")

    wanted: B
    caller: Caller

    def __init__(self, headers: Headers, path: Mapping[str, str], client: str | None) -> None:
        self.headers = headers
        self.path = path
        self.client = client
        self.replayed = False


@dataclass(frozen=True, kw_only=True)
class Route(Generic[B]):
    """The declaration of one call.

    Attributes:
        name: the stable operation id, as `sms.send`.
        form: what it reads, from the body of a POST, PUT or PATCH, or from the query of a GET or DELETE.
        handle: does it; returns a struct, its JSON as bytes, or a whole answer.
        reply: the struct that documents the answer.
        scope: what the key must be allowed; None for public calls.
        about: what else callers should know, for the reference.
        refusals: codes of its own, beside those every call has.
        idempotent: it takes an idempotency key.
        bodiless: an empty body is as good as `{}`.
        example: a request for the reference.
        path_params: what the path's parameters mean.
    """

    method: str
    path: str
    name: str
    summary: str
    form: Form[B]
    handle: Callable[[Call[B]], Awaitable[object]]
    reply: type[msgspec.Struct]
    scope: str | None
    status: int = 200
    refusals: tuple[Code, ...] = ()
    idempotent: bool = False
    bodiless: bool = False
    body_max: int = BODY_MAX
    example: Mapping[str, object] | None = None
    about: str = ""
    path_params: Mapping[str, str] = field(default_factory=dict)


class Endpoint:
    """Answers one route's requests."""

    def __init__(
        self, route: Route[Any], services: Services, surface: Surface, rates: Rates, traffic: Traffic
    ) -> None:
        self.route = route
        self._surface = surface
        self._traffic = traffic
        self._rates = rates
        self._clock = services.clock
        self._ids = services.ids
        self._directory = services.directory
        self._credentials = surface.credentials
        self._reads_body = route.method in WITH_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, whatever comes."""
        route = self.route
        headers: dict[bytes, bytes] = dict(scope["headers"])
        now = self._clock.now()
        request_id = show(REQUEST, self._ids.take(now))
        client = scope.get("client")
        told: Fields = ()
        call: Call[Any] = Call(headers, scope.get("path_params", _NO_PARAMS), client[0] if client else None)
        try:
            if route.scope is not None:
                caller = self._credentials.remembered(headers, self._directory)
                if caller is None:
                    caller, receive = await self._identify(headers, receive)
                call.caller = caller
                if caller.rate_limit is not None:
                    taken = self._rates.take(caller.lookup, caller.rate_limit, now)
                    told = taken.told
                    taken.check()
                caller.need(route.scope)
            call.wanted = await self._read(scope, headers, receive)
            reply = await route.handle(call)
            if type(reply) is bytes:
                answer = Answer(route.status, reply, headers=_replayed(call))
            elif type(reply) is Answer:
                answer = reply
            else:
                answer = Answer(route.status, _encoder.encode(reply), headers=_replayed(call))
        except Disconnected:
            return
        except Exception as error:  # noqa: BLE001 - the last frame of ours: whatever happens, the client gets a problem
            answer = self._surface.no(error, headers, request_id=request_id, where=route.name)
        self._traffic.answered(route.name, answer, request_id, since=now, replayed=call.replayed)
        await respond(send, answer, request_id, more=told, head=scope["method"] == "HEAD")

    async def _identify(self, headers: Headers, receive: Receive) -> tuple[Caller, Receive]:
        """The caller, proven; and the body, still to be read, if it had to be looked into for that."""
        credentials = self._credentials
        if not (isinstance(credentials, ApiKeyOrBody) and credentials.within(headers)):
            return await credentials.identify(headers, self._directory), receive
        expect_json(headers, self.route.body_max)
        body = await read_body(receive, self.route.body_max)
        try:
            caller = await credentials.identify_within(body, self._directory)
        except Unreadable:
            if body:
                # Whoever it is should learn what is wrong with the JSON, not that a key is missing.
                await self.route.form.read_large(body)
            raise Refusal(Code.UNAUTHENTICATED) from None
        return caller, _again(body)

    async def _read(self, scope: Scope, headers: Headers, receive: Receive) -> msgspec.Struct:
        form: Form[msgspec.Struct] = self.route.form
        query: bytes = scope["query_string"]
        if not self._reads_body:
            return form.read_query(query)
        if query and form.exact:
            _NO_QUERY.read_query(query)
        expect_json(headers, self.route.body_max)
        body = await read_body(receive, self.route.body_max)
        if not body and self.route.bodiless:
            body = b"{}"
        return form.read(body) if len(body) <= SMALL else await form.read_large(body)


_encoder = msgspec.json.Encoder()
_NO_PARAMS: Mapping[str, str] = {}
_NO_QUERY = Form(Nothing)
_REPLAYED: Fields = ((b"idempotent-replayed", b"true"),)


def _again(body: bytes) -> Receive:
    """What was read already, to be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _replayed(call: Call[Any]) -> Fields:
    return _REPLAYED if call.replayed else ()
