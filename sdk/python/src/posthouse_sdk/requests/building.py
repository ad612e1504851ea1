"""From the arguments of a call to what goes over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import uuid4

from posthouse_sdk.routes import ROUTES, Route

_KEY = "idempotency_key"


@dataclass(frozen=True, slots=True)
class Request:
    """One call, ready to be sent as often as it takes."""

    route: Route
    target: str
    """Path and query."""
    content: bytes | None = field(default=None, repr=False)
    """Texts and codes, so tracebacks must not show it."""
    idempotency_key: str | None = None
    in_header: bool = False
    """Whether the key stands in the header; a body that came with it holds what a header cannot."""


def build(
    name: str,
    *,
    path: Mapping[str, str],
    query: Mapping[str, object],
    body: Mapping[str, object] | None,
) -> Request:
    """The request of a call; one that may carry an idempotency key gets one."""
    route = ROUTES[name]
    target = route.path.format_map({key: _segment(key, value) for key, value in path.items()})
    asked = [(key.rstrip("_"), _word(value)) for key, value in query.items() if value is not None]
    if asked:
        target = f"{target}?{urlencode(asked)}"
    if route.method in {"GET", "DELETE"}:
        return Request(route, target)
    members = {key.rstrip("_"): value for key, value in (body or {}).items()}
    if route.method == "POST":
        # Elsewhere null says "no more of this"; here it is how Python says nothing.
        members = {key: value for key, value in members.items() if value is not None}
    if not route.idempotent:
        return Request(route, target, _encode(members))
    given = members.pop(_KEY, None)
    key = str(uuid4()) if given is None else given
    if not isinstance(key, str):
        raise TypeError("idempotency_key must be a text")
    if _fits_header(key):
        return Request(route, target, _encode(members), key, in_header=True)
    return Request(route, target, _encode({**members, _KEY: key}), key)


def _segment(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, not {type(value).__name__}")
    # An empty segment, or one of dots, would name another call.
    if not value.strip("."):
        raise ValueError(f"{name} must not be empty")
    return quote(value, safe="")


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return _time(value)
    return value if isinstance(value, str) else json.dumps(value)


def _encode(members: Mapping[str, object]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"), default=_time).encode()


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a request")
    if value.tzinfo is None:
        raise ValueError("a time needs its zone, such as datetime.now(UTC)")
    return value.isoformat()


def _fits_header(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and key == key.strip()
