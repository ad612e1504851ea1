"""Every way to say no, in one place: refusals, an unavailable store, our own defects."""

import traceback
from collections.abc import Mapping
from typing import Protocol

import msgspec
import structlog

from posthouse.core.catalogue import Language, negotiate
from posthouse.core.errors import Code, Fact, Refusal
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.web.asgi import Answer, Headers
from posthouse.web.credentials import Credentials

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

RETRY_AFTER_S = 1


class DetailedRefusal(Refusal):
    """A refusal whose problem document has members beyond the usual ones."""

    def __init__(
        self, code: Code, members: Mapping[str, object], *, param: str | None = None, **facts: Fact
    ) -> None:
        super().__init__(code, param=param, **facts)
        self.members = members


def not_found(resource: str) -> Refusal:
    """What is not there, or not the caller's: both are told alike."""
    return Refusal(Code.NOT_FOUND, resource=resource)


class Problem(Protocol):
    """Puts a refusal into a dialect's shape: its status and its document."""

    def __call__(
        self, refusal: Refusal, *, language: Language, request_id: str
    ) -> tuple[int, dict[str, object]]:
        """The status and the document."""
        ...


class Surface:
    """What all calls of one dialect share: who may call, and how it answers what it will not do."""

    def __init__(
        self,
        problem: Problem,
        media_type: bytes,
        credentials: Credentials,
        *,
        language: Language | None = None,
    ) -> None:
        """`language`: the only one it speaks; without, the caller's `Accept-Language` decides."""
        self._problem = problem
        self._media_type = media_type
        self._language = language
        self.credentials = credentials

    def no(self, error: Exception, headers: Headers, *, request_id: str, where: str) -> Answer:
        """The answer to a request that ended in `error`; one we did not expect is logged.

        `where` names the call for the log, without any of its input.
        """
        refusal = _refusal(error, request_id, where)
        language = self._language or negotiate(headers.get(b"accept-language", b"").decode("latin-1"))
        status, document = self._problem(refusal, language=language, request_id=request_id)
        if isinstance(refusal, DetailedRefusal):
            document |= refusal.members
        more = [(b"content-language", _LANGUAGES[language])]
        if self._language is None:
            more.append((b"vary", b"accept-language"))
        if refusal.code is Code.UNAUTHENTICATED and self.credentials.challenge is not None:
            more.append((b"www-authenticate", self.credentials.challenge))
        elif refusal.code is Code.METHOD_NOT_ALLOWED:
            more.append((b"allow", str(refusal.facts.get("allowed", "")).encode()))
        elif refusal.code in LATER or "retry_after_s" in refusal.facts:
            more.append((b"retry-after", b"%d" % int(refusal.facts.get("retry_after_s", RETRY_AFTER_S))))
        return Answer(status, msgspec.json.encode(document), self._media_type, tuple(more), refusal.code)


_LANGUAGES: Mapping[Language, bytes] = {"en": b"en", "zh": b"zh-CN"}
LATER = frozenset(
    {
        Code.UNAVAILABLE,
        Code.OVERLOADED,
        Code.RATE_LIMITED,
        Code.RECIPIENT_LIMITED,
        Code.OTP_COOLDOWN,
        Code.CHECKS_PAUSED,
        Code.GUARD_LIMITED,
    }
)
"""Codes that come with Retry-After."""


def _refusal(error: Exception, request_id: str, where: str) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Unavailable):
        return Refusal(Code.UNAVAILABLE)
    if isinstance(error, Overloaded):
        return Refusal(Code.OVERLOADED, retry_after_s=RETRY_AFTER_S)
    # Type and stack, but not the exception's own words: they may quote a text or a number.
    stack = "".join(traceback.format_tb(error.__traceback__))
    log.error("request_failed", request_id=request_id, where=where, error=type(error).__name__, stack=stack)
    return Refusal(Code.INTERNAL)
