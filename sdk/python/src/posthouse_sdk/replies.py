"""From what came over the wire to what a call answers, or why it fails."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from posthouse_sdk.errors import APIError, BadReply, error_of

T = TypeVar("T")

REPLY_MAX_BYTES = 32 * 2**20
"""Several times the longest reply there is, that to a batch of 10,000."""

_OK = 200
_REDIRECT = 300
_REFUSED = 400
_NO_CONTENT = 204


@dataclass(frozen=True)
class Reply:
    """What one try brought back; `headers` finds a name in any case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    # Replies may hold keys and texts, and tracebacks show what an object says of itself.
    content: bytes = field(repr=False)

    @cached_property
    def document(self) -> dict[str, Any] | None:
        """The body, when it is a JSON object."""
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json" and not media.endswith("+json"):
            return None
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def refused(self) -> bool:
        """Whether it is an error."""
        return self.status >= _REFUSED

    def retry_after_s(self, now: datetime | None = None) -> float | None:
        """How long the server asks to wait; None when it does not."""
        told = self.headers.get("retry-after", "").strip()
        if told.isascii() and told.isdigit():
            return float(told)
        if told:
            try:
                at = parsedate_to_datetime(told)
            except ValueError:
                return None
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
        fact = (self.document or {}).get("retry_after_s")
        return float(fact) if isinstance(fact, int | float) and not isinstance(fact, bool) else None

    def data(self, base_url: str) -> Any:
        """The reply of a call that went well; raises `APIError` or `BadReply` where it did not."""
        if self.refused:
            raise self._error(base_url)
        if self.status == _NO_CONTENT:
            return None
        if not _OK <= self.status < _REDIRECT or self.document is None:
            raise BadReply(self._strangeness(), status=self.status, base_url=base_url)
        return self.document

    def _strangeness(self) -> str:
        if _REDIRECT <= self.status < _REFUSED:
            return "redirects elsewhere: give the base URL that it leads to"
        return f"is not JSON as Posthouse writes it but {self.headers.get('content-type') or 'untyped'}"

    def _error(self, base_url: str) -> APIError:
        problem = self.document
        if problem is None or not isinstance(problem.get("code"), str):
            # A proxy in between speaks so; its status is still worth its class.
            media = self.headers.get("content-type") or "no content type"
            problem = {
                "title": f"HTTP {self.status}",
                "detail": f"The reply from {base_url} ({media}) is not one that Posthouse writes.",
                "suggested_action": "Check the base URL, and what a proxy in between may have answered.",
            }
        return error_of(self.status)(
            status=self.status,
            problem=problem,
            base_url=base_url,
            request_id=self.headers.get("x-request-id"),
            retry_after_s=self.retry_after_s(),
        )


@dataclass(frozen=True)
class Raw(Generic[T]):
    """A reply with what came around it."""

    status: int
    headers: Mapping[str, str]
    """By name, in any case."""
    data: T = field(repr=False)
    """What the call answers."""

    @property
    def request_id(self) -> str | None:
        """The server's name for this request, to ask its operator about."""
        return self.headers.get("x-request-id")

    @property
    def replayed(self) -> bool:
        """Whether it is the stored reply of an earlier request under the same key."""
        return self.headers.get("idempotent-replayed") == "true"


_seen: ContextVar[list[Reply] | None] = ContextVar("posthouse_sdk_seen", default=None)


@contextmanager
def watching() -> Generator[list[Reply]]:
    """The replies that come while the block runs, in this thread or task."""
    seen: list[Reply] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def noted(reply: Reply) -> Reply:
    """Tell the reply to whoever watches."""
    seen = _seen.get()
    if seen is not None:
        seen.append(reply)
    return reply


def raw(seen: list[Reply], data: T) -> Raw[T]:
    """What a call answered, with the last reply that it came from."""
    if not seen:
        raise TypeError("This call answers an iterator and has asked nothing yet; take its pages() instead.")
    return Raw(seen[-1].status, seen[-1].headers, data)
