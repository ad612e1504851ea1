"""A vendor call as the trace keeps it: which address, which status, how long, what was said; and no secrets.

What a message says, to whom, and under which credentials never gets into it: an answer is kept only as far as
it is JSON, with every text in it cut that is not one plain word, such as `Ok` or `isv.AMOUNT_NOT_ENOUGH`.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec

from posthouse.core.ports.vendor import Outbound
from posthouse.vendors.adapter import Request, Response

KEPT_MAX = 600
"""Characters of an answer."""
NUMBER_MAX = 1000
"""Shorter than any one-time password."""

CODE_MIN = 4
"""Characters of the shortest one-time password."""

# A step of a path that is no number, no token and no text: a word, a version, a date.
_STEP = re.compile(r"[A-Za-z_.\-]{0,30}[0-9]{0,3}|v?[0-9]{1,2}(\.[0-9]{1,2}){0,2}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORD = re.compile(r"[A-Za-z][A-Za-z_.\-]{0,79}[0-9]{0,3}\Z")
_ADDRESSES_MAX = 256
_ENCODER = msgspec.json.Encoder()


def exchange(request: Request, response: Response | None, seconds: float, *, taken: bool) -> str:
    """One call, as JSON; of messages that were all `taken` the answer says nothing that is not known."""
    said = _said(request.batch)
    told: dict[str, Any] = {
        "request": f"{request.method} {_address(request.url, said)}",
        "recipients": len(request.batch),
        "ms": round(seconds * 1000),
    }
    if response is not None:
        told["status"] = response.status
        told["bytes"] = len(response.body)
        if not taken and (answer := _answer(request.batch, response, said)) is not None:
            told["answer"] = answer
    return _ENCODER.encode(told).decode()


def _address(url: str, said: frozenset[str]) -> str:
    host, path = _shown(url.partition("?")[0])
    if any(each in path for each in said):
        path = "/".join(step if _plain(step, said) else "…" for step in path.split("/"))
    return host + path


@lru_cache(_ADDRESSES_MAX)
def _shown(url: str) -> tuple[str, str]:
    """The host, and as much of the path as is no number, no token and no text: most channels have one."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return "…", ""
    path = "/".join(step if _STEP.fullmatch(step) else "…" for step in parts.path.split("/"))
    return f"{parts.scheme}://{parts.hostname or ''}{port}", path


def _answer(batch: Sequence[Outbound], response: Response, said: frozenset[str]) -> Any:  # noqa: ANN401 - the vendor's own structure
    if len(response.body) > 4 * KEPT_MAX or len(batch) > 1:
        return None
    try:
        kept = _cut(json.loads(response.body), said)
    except (ValueError, RecursionError):
        return None
    return kept if len(json.dumps(kept, ensure_ascii=False)) <= KEPT_MAX else None


def _said(batch: Sequence[Outbound]) -> frozenset[str]:
    """All that a message says, which a vendor may echo."""
    return frozenset(said for each in batch for said in (each.text, *(each.params or {}).values()) if said)


def _plain(word: str, said: frozenset[str]) -> bool:
    """Whether it holds nothing that a message says; of the shortest things, whether it is one."""
    return not any(each == word or (len(each) >= CODE_MIN and each in word) for each in said)


def _cut(value: Any, said: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {_cut(name[:60], said): _cut(inner, said) for name, inner in list(value.items())[:40]}
    if isinstance(value, list):
        return [_cut(inner, said) for inner in value[:5]]
    if isinstance(value, str):
        return value if not value or (_WORD.match(value) and _plain(value, said)) else "…"
    return value if isinstance(value, bool) or value is None or abs(value) < NUMBER_MAX else "…"
