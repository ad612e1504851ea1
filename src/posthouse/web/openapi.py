"""The OpenAPI 3.1 document, made once from the declarations the endpoints themselves run on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from posthouse import __version__
from posthouse.core.catalogue import CATALOGUE
from posthouse.core.errors import Code, Refusal
from posthouse.core.keys import OPERATOR_SCOPES
from posthouse.web.endpoint import WITH_BODY, Route
from posthouse.web.openapi_schemas import Json, example, present, readable
from posthouse.web.refuse import LATER, Problem

_REF = "#/components/schemas/{name}"
_REQUEST_ID = "req_0c7xk3m9p2q4r"

_MADE = frozenset({201, 202})
"""Statuses of replies that tell of something new, with its id."""

_ALWAYS = (Code.INVALID_REQUEST, Code.UNKNOWN_FIELD, Code.INVALID_VALUE, Code.OVERLOADED, Code.INTERNAL)
_WITH_KEY = (Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.RATE_LIMITED, Code.UNAVAILABLE)
_WITH_BODY = (
    Code.MALFORMED_JSON,
    Code.NOT_UTF8,
    Code.TOO_DEEP,
    Code.BODY_TOO_LARGE,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.INVALID_TEXT,
    Code.UNAVAILABLE,
)
_WITH_IDEMPOTENCY = (Code.IDEMPOTENCY_KEY_INVALID, Code.IDEMPOTENCY_KEY_CONFLICT, Code.IDEMPOTENCY_KEY_REUSED)


def document(routes: Sequence[Route[Any]], *, problem: type[msgspec.Struct], refuse: Problem) -> Json:
    """The document of these routes, whose refusals are made by `refuse` and look like `problem`."""
    return _Maker(routes, problem, refuse).document()


@dataclass(frozen=True, slots=True)
class _Said:
    """What a refusal with this code comes as."""

    status: int
    example: Json


class _Maker:
    def __init__(self, routes: Sequence[Route[Any]], problem: type[msgspec.Struct], refuse: Problem) -> None:
        self._routes = routes
        types = [problem, *(route.reply for route in routes), *(route.form.type for route in routes)]
        types = list(dict.fromkeys(types))
        references, schemas = msgspec.json.schema_components(types, ref_template=_REF)
        self._references: dict[type, Json] = dict(zip(types, references, strict=True))
        self._schemas = {name: readable(schema) for name, schema in schemas.items()}
        self._problem = self._references[problem]
        self._said = {
            code: _Said(*refuse(Refusal(code), language="en", request_id=_REQUEST_ID)) for code in Code
        }

    def document(self) -> Json:
        routes = self._routes
        paths: dict[str, Json] = defaultdict(dict)
        for route in routes:
            paths[route.path][route.method.lower()] = self._operation(route)
        # Queries are shown as parameters, field by field.
        queries = {route.form.type.__name__ for route in routes if route.method not in WITH_BODY}
        bodies = {route.form.type.__name__ for route in routes if route.method in WITH_BODY}
        schemas = {name: schema for name, schema in self._schemas.items() if name not in queries - bodies}
        named = {code for route in routes for code in _codes(route, self._schemas)}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Posthouse",
                "version": __version__,
                "description": "One API in front of many SMS vendors and carriers.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": name} for name in dict.fromkeys(map(_tag, routes))],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "examples": {
                    code.value: {"summary": CATALOGUE[code].title.en, "value": self._said[code].example}
                    for code in Code
                    if code in named
                },
                "securitySchemes": {
                    "key": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "A key of your account, as ph_live_….",
                    }
                },
                "headers": _HEADERS,
            },
        }

    def _operation(self, route: Route[Any]) -> Json:
        operation: Json = {
            "operationId": route.name,
            "summary": route.summary,
            "tags": [_tag(route)],
            "parameters": list(self._parameters(route)),
            "responses": {str(route.status): self._success(route)},
            "security": [] if route.scope is None else [{"key": []}],
        }
        if route.scope is not None:
            whose = "An operator's key" if route.scope in OPERATOR_SCOPES else "The key"
            operation["description"] = f"{route.about} {whose} needs the scope `{route.scope}`.".lstrip()
        if route.method in WITH_BODY:
            media: Json = {"schema": self._references[route.form.type]}
            if route.example is not None:
                media["example"] = route.example
            operation["requestBody"] = {
                "required": not route.bodiless,
                "content": {"application/json": media},
            }
        by_status: dict[int, list[Code]] = defaultdict(list)
        for code in _codes(route, self._schemas):
            by_status[self._said[code].status].append(code)
        for status, codes in sorted(by_status.items()):
            operation["responses"][str(status)] = self._refusal(route, status, codes)
        return operation

    def _parameters(self, route: Route[Any]) -> Iterable[Json]:
        for name, description in route.path_params.items():
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": {"type": "string", "minLength": 1},
                "example": _example(description),
            }
        if route.method not in WITH_BODY:
            query = self._schemas[route.form.type.__name__]
            for name, field in query.get("properties", {}).items():
                schema = present(field)
                yield {
                    "name": name,
                    "in": "query",
                    "required": name in query.get("required", ()),
                    "description": schema.get("description", ""),
                    "schema": schema,
                }
        if route.idempotent:
            yield {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same as the field idempotency_key; one of the two is enough.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                "example": "order-4711-shipped",
            }
        yield {
            "name": "Accept-Language",
            "in": "header",
            "description": "The language of problem documents: English or Chinese.",
            "schema": {"type": "string", "examples": ["zh-CN"]},
        }

    def _success(self, route: Route[Any]) -> Json:
        headers = _headers("X-Request-Id", *_limited(route))
        if route.idempotent:
            headers |= _headers("Idempotent-Replayed")
        reply = self._references[route.reply]
        shown = example(reply, self._schemas)
        response = {
            "description": (route.reply.__doc__ or "").partition("\n")[0],
            "headers": headers,
            "content": {"application/json": {"schema": reply, "example": shown}},
        }
        if route.status in _MADE:
            response["links"] = dict(self._links(shown))
        return response

    def _links(self, shown: Json) -> Iterable[tuple[str, Json]]:
        """The calls that take an id this reply holds: the examples of both begin alike."""
        for route in self._routes:
            for name, description in route.path_params.items():
                kind = _example(description).partition("_")[0]
                for field, value in shown.items():
                    if isinstance(value, str) and value.startswith(f"{kind}_"):
                        parameters = {name: f"$response.body#/{field}"}
                        yield route.name, {"operationId": route.name, "parameters": parameters}

    def _refusal(self, route: Route[Any], status: int, codes: Sequence[Code]) -> Json:
        named = ["X-Request-Id", "Content-Language"]
        if Code.UNAUTHENTICATED in codes:
            named.append("WWW-Authenticate")
        else:
            named += _limited(route)
        if LATER.issuperset(codes):
            named.append("Retry-After")
        these = {"code": {"enum": [code.value for code in codes]}, "status": {"const": status}}
        return {
            "description": "\n".join(f"- `{code.value}`: {CATALOGUE[code].detail.en}" for code in codes),
            "headers": _headers(*named),
            "content": {
                "application/problem+json": {
                    "schema": {"allOf": [self._problem, {"properties": these}]},
                    "examples": {
                        code.value: {"$ref": f"#/components/examples/{code.value}"} for code in codes
                    },
                }
            },
        }


def _example(description: str) -> str:
    """Of a path's parameter, whose description ends with `as <example>.`."""
    return description.rpartition(" as ")[2].removesuffix(".")


def _tag(route: Route[Any]) -> str:
    return route.name.partition(".")[0]


def _codes(route: Route[Any], schemas: Mapping[str, Json]) -> tuple[Code, ...]:
    """Every code this call can end in: those of its own, and those its declaration brings with it."""
    shape = schemas[route.form.type.__name__]
    codes = [*_ALWAYS, *route.refusals, *(code for code, _ in route.form.faults.values())]
    if shape.get("properties"):
        codes.append(Code.WRONG_TYPE)
    if route.form.reserved:
        codes.append(Code.UNSUPPORTED_FIELD)
    if route.scope is not None:
        codes += _WITH_KEY
    if route.method in WITH_BODY:
        codes += _WITH_BODY
        if _demands(shape, schemas):
            codes.append(Code.MISSING_FIELD)
    if route.idempotent:
        codes += _WITH_IDEMPOTENCY
    return tuple(dict.fromkeys(codes))


def _demands(node: object, schemas: Mapping[str, Json]) -> bool:
    """Whether a field is required, here or further in."""
    if isinstance(node, list):
        return any(_demands(part, schemas) for part in node)
    if not isinstance(node, dict):
        return False
    if "$ref" in node:
        return _demands(schemas[node["$ref"].rpartition("/")[2]], schemas)
    return bool(node.get("required")) or any(_demands(part, schemas) for part in node.values())


def _limited(route: Route[Any]) -> tuple[str, ...]:
    return () if route.scope is None else ("RateLimit", "RateLimit-Policy")


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(description: str, **schema: object) -> Json:
    return {"description": description, "schema": {"type": "string"} | schema}


_HEADERS: Json = {
    "X-Request-Id": _header("Names this request in our logs.", examples=[_REQUEST_ID]) | {"required": True},
    "Content-Language": _header("The language of the sentences in it.", enum=["en", "zh-CN"]),
    "WWW-Authenticate": _header("How to authenticate.", const="Bearer"),
    "Retry-After": _header("Seconds to wait before another try.", type="integer", examples=[1])
    | {"required": True},
    "RateLimit": _header(
        "Calls left (`r`) in this second (`t`). Absent where the key has no limit.",
        examples=['"key";r=4999;t=1'],
    ),
    "RateLimit-Policy": _header(
        "Calls (`q`) a key may make within so many seconds (`w`). Absent where it has no limit.",
        examples=['"key";q=5000;w=1'],
    ),
    "Idempotent-Replayed": _header(
        "Present when this is the stored reply of an earlier request with the same key.", const="true"
    ),
}
