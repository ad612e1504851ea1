"""The OpenAPI 3.1 document, made once from the declarations the endpoints themselves run on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from posthouse import __version__
from posthouse.core.catalogue import CATALOGUE
from posthouse.core.errors import Code
from posthouse.web.endpoint import WITH_BODY, Route

_REF = "#/components/schemas/{name}"

_ALWAYS = (Code.INVALID_REQUEST, Code.OVERLOADED, Code.UNAVAILABLE, Code.INTERNAL)
_WITH_KEY = (Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.RATE_LIMITED)
_WITH_FIELDS = (Code.UNKNOWN_FIELD, Code.WRONG_TYPE, Code.INVALID_VALUE)
_WITH_BODY = (
    Code.MALFORMED_JSON,
    Code.NOT_UTF8,
    Code.TOO_DEEP,
    Code.BODY_TOO_LARGE,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.MISSING_FIELD,
)
_WITH_IDEMPOTENCY = (Code.IDEMPOTENCY_KEY_INVALID, Code.IDEMPOTENCY_KEY_CONFLICT, Code.IDEMPOTENCY_KEY_REUSED)

_LATER = frozenset({429, 503})
"""Statuses that come with Retry-After."""

Json = dict[str, Any]


def document(
    routes: Sequence[Route[Any]], *, problem: type[msgspec.Struct], status: Mapping[Code, int]
) -> bytes:
    """The document of these routes, whose refusals look like `problem`."""
    types = [problem, *(route.reply for route in routes), *(route.form.type for route in routes)]
    types = list(dict.fromkeys(types))
    found, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    references: dict[type, Json] = dict(zip(types, found, strict=True))
    paths: dict[str, Json] = defaultdict(dict)
    for route in routes:
        paths[route.path][route.method.lower()] = _operation(route, references, schemas, problem, status)
    # Queries are shown as parameters, field by field.
    queries = {route.form.type.__name__ for route in routes if route.method not in WITH_BODY}
    bodies = {route.form.type.__name__ for route in routes if route.method in WITH_BODY}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Posthouse",
                "version": __version__,
                "description": "One API in front of many SMS vendors and carriers.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {
                "schemas": {name: schema for name, schema in schemas.items() if name not in queries - bodies},
                "securitySchemes": {
                    "key": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "A key of your account, as ph_live_….",
                    }
                },
                "headers": {
                    "X-Request-Id": {
                        "description": "Names this request in our logs.",
                        "schema": {"type": "string"},
                    },
                    "Retry-After": {
                        "description": "Seconds to wait before another try.",
                        "schema": {"type": "integer"},
                    },
                },
            },
        }
    )


def _operation(
    route: Route[Any],
    references: Mapping[type, Json],
    schemas: Mapping[str, Json],
    problem: type[msgspec.Struct],
    status: Mapping[Code, int],
) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.name.partition(".")[0]],
        "parameters": list(_parameters(route, schemas)),
        "responses": {str(route.status): _success(route, references[route.reply])},
        "security": [] if route.scope is None else [{"key": []}],
    }
    if route.scope is not None:
        operation["description"] = f"The key needs the scope `{route.scope}`."
    if route.method in WITH_BODY:
        media: Json = {"schema": references[route.form.type]}
        if route.example is not None:
            media["example"] = route.example
        operation["requestBody"] = {
            "required": not route.bodiless,
            "content": {"application/json": media},
        }
    for number, codes in sorted(_by_status(route, status).items()):
        operation["responses"][str(number)] = _refusal(number, codes, references[problem])
    return operation


def _parameters(route: Route[Any], schemas: Mapping[str, Json]) -> Iterable[Json]:
    for name, description in route.path_params.items():
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
        }
    if route.method not in WITH_BODY:
        schema = schemas[route.form.type.__name__]
        for name, field in schema.get("properties", {}).items():
            yield {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "schema": field,
            }
    if route.idempotent:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same as the field idempotency_key; one of the two is enough.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    yield {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of problem documents: English or Chinese.",
        "schema": {"type": "string", "examples": ["zh-CN"]},
    }


def _success(route: Route[Any], reference: Json) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if route.idempotent:
        headers["Idempotent-Replayed"] = {
            "description": "Present when this is the stored reply of an earlier request with the same key.",
            "schema": {"const": "true"},
        }
    return {
        "description": (route.reply.__doc__ or "").partition("\n")[0],
        "headers": headers,
        "content": {"application/json": {"schema": reference}},
    }


def _by_status(route: Route[Any], status: Mapping[Code, int]) -> dict[int, list[Code]]:
    codes = [*_ALWAYS, *_WITH_FIELDS, *route.refusals]
    if route.scope is not None:
        codes += _WITH_KEY
    if route.method in WITH_BODY:
        codes += _WITH_BODY
    if route.idempotent:
        codes += _WITH_IDEMPOTENCY
    grouped: dict[int, list[Code]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        grouped[status[code]].append(code)
    return grouped


def _refusal(number: int, codes: Sequence[Code], reference: Json) -> Json:
    lines = [f"- `{code.value}`: {CATALOGUE[code].detail.en}" for code in codes]
    named = ("X-Request-Id", "Retry-After") if number in _LATER else ("X-Request-Id",)
    return {
        "description": "\n".join(lines),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in named},
        "content": {"application/problem+json": {"schema": reference}},
    }
