"""The caller's idempotency key: where it stands, and what request it stands for."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.life import Once
from posthouse.core.vault import Cipher
from posthouse.services.submit import KEY_MAX, Submit
from posthouse.web.asgi import Headers
from posthouse.web.endpoint import Call


class Repeatable(Protocol):
    """A request that may carry a key."""

    idempotency_key: str | None


class Mark(NamedTuple):
    """A key, and the canonical form of the request it marks: the same wherever the key was given."""

    key: str
    request: bytes

    def about(self, *what: object) -> bytes:
        """The request together with what it is about but its body does not say."""
        return _canonical.encode(what) + self.request


def mark_of(headers: Headers, wanted: Repeatable) -> Mark | None:
    """The request's mark, if it has one. Takes the key out of `wanted`, where it has done its work."""
    header = headers.get(b"idempotency-key")
    key = wanted.idempotency_key
    if header is None:
        if key is None:
            return None
        _check(key, "idempotency_key")
    else:
        try:
            given = header.decode()
        except UnicodeDecodeError:
            raise Refusal(Code.IDEMPOTENCY_KEY_INVALID, param="Idempotency-Key") from None
        if key is not None and key != given:
            raise Refusal(Code.IDEMPOTENCY_KEY_CONFLICT, param="idempotency_key")
        _check(given, "Idempotency-Key" if key is None else "idempotency_key")
        key = given
    wanted.idempotency_key = None
    return Mark(key, _canonical.encode(wanted))


async def create(
    call: Call[Any],
    submit: Submit,
    operation: str,
    reply: bytes,
    save: Callable[[Once | None], Awaitable[bytes | None]],
) -> bytes:
    """Make something, once for each key: answers `reply`, or what was answered under the key before.

    `operation` is its name in the scope of keys; `save` answers the stored reply, if there is one.
    """
    mark = mark_of(call.headers, call.wanted)
    once = None if mark is None else submit.once(call.caller, operation, mark.key, mark.request, reply)
    kept = await save(once)
    call.replayed = kept is not None
    return reply if kept is None else kept


_canonical = msgspec.json.Encoder(order="sorted")


def _check(key: str, param: str) -> None:
    if not 1 <= len(key) <= KEY_MAX:
        raise Refusal(Code.IDEMPOTENCY_KEY_INVALID, param=param, length=len(key))
    if not key.isprintable():
        raise Refusal(Code.IDEMPOTENCY_KEY_INVALID, param=param)


class Sealed:
    """Replies that hold a secret: kept sealed, each bound to the key it was kept under."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def seal(self, once: Once) -> Once:
        """The record as it may be stored."""
        return replace(once, reply=self._cipher.seal(once.reply, _context(once)))

    def open(self, once: Once, kept: bytes) -> bytes:
        """The reply that was kept under this key."""
        return self._cipher.open(kept, _context(once))


def _context(once: Once) -> bytes:
    return f"{once.account_id}/{once.operation}/{once.key}".encode()
