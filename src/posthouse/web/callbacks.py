"""`/callbacks/{channel}/{secret}`: what vendors call with receipts and with what handsets send.

No dialect and no key: the address is the secret. The vendor's own answer leaves once its news are stored;
every other says in `error` what is wrong, as small JSON.
"""

from typing import Self

import msgspec
from starlette.types import Receive, Scope, Send

from posthouse.core.ids import REQUEST, show
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.core.ports.vendor import Callback, Forged, Unreadable
from posthouse.services.hearing import NOBODY, Heard, NotConnected, admitted
from posthouse.web.asgi import (
    JSON,
    Answer,
    Disconnected,
    Fields,
    Headers,
    compressed,
    declared,
    piece_of,
    respond,
)
from posthouse.web.services import Services

PATH = "/callbacks/{channel}/{secret}"
BODY_MAX = 32 * 1024 * 1024
BIG = 256 * 1024
BIG_AT_ONCE = 2
"""Bodies beyond `BIG` that are read, understood and settled at once: each may take hundreds of megabytes."""
SOON_S = 2
"""After so long a vendor whose callback cannot be taken now should send it again."""

_METHODS = ("GET", "HEAD", "POST")


class _No(Exception):
    """A callback that is not heard: how it is counted, and what its sender is told."""

    def __init__(self, heard: Heard, status: int, words: str, headers: Fields = ()) -> None:
        super().__init__(words)
        self.heard = heard
        self.answer = Answer(status, msgspec.json.encode({"error": words}), JSON, headers)


def _later(words: str) -> _No:
    return _No(Heard.BUSY, 503, words, ((b"retry-after", b"%d" % SOON_S),))


class _Room:
    """Room for one body; beyond `BIG` it is one of few."""

    def __init__(self, callbacks: "Callbacks") -> None:
        self._callbacks = callbacks
        self._big = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._big:
            self._callbacks.big -= 1

    def grow(self, size: int) -> None:
        """The body has, or will have, so many bytes."""
        if size > BODY_MAX:
            raise _No(Heard.TOO_LARGE, 413, f"the body has more than {BODY_MAX} bytes")
        if size > BIG and not self._big:
            if self._callbacks.big >= BIG_AT_ONCE:
                raise _later("too many large bodies at once; send it again")
            self._callbacks.big += 1
            self._big = True


class Callbacks:
    """The ASGI callable."""

    def __init__(self, services: Services) -> None:
        self._hearing = services.hearing
        self._clock = services.clock
        self._ids = services.ids
        self._counts = services.counts
        self.big = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, whatever comes."""
        hearing = self._hearing
        request_id = show(REQUEST, self._ids.take(self._clock.now()))
        name, secret = scope["path_params"]["channel"], scope["path_params"]["secret"]
        record = hearing.channel(name, secret)
        heard, defect = Heard.SETTLED, None
        try:
            with _Room(self) as room:
                answer = await self._answer(scope, receive, record, room)
        except Disconnected:
            return
        except _No as no:
            heard, answer = no.heard, no.answer
        except Forged as error:
            heard, answer = Heard.FORGED, _No(Heard.FORGED, 403, str(error)).answer
        except Unreadable as error:
            heard, answer = Heard.UNREADABLE, _No(Heard.UNREADABLE, 400, str(error)).answer
        except (Unavailable, Overloaded, NotConnected):
            heard, answer = Heard.BUSY, _later("it cannot be stored now; send it again").answer
        except Exception as error:  # noqa: BLE001 - the sender says it again, and a new release may read it
            defect, heard = error, Heard.FAILED
            answer = _No(Heard.FAILED, 500, "it was not understood").answer
        hearing.note(NOBODY if record is None else record.channel.label, heard, defect)
        self._counts.answered("callbacks", answer.status)
        await respond(send, answer, request_id, head=scope["method"] == "HEAD")

    async def _answer(
        self, scope: Scope, receive: Receive, record: ChannelRecord | None, room: _Room
    ) -> Answer:
        if record is None:
            raise _No(Heard.STRANGE, 404, "there is no such address")
        client = scope.get("client")
        remote = client[0] if client else ""
        if not admitted(record, remote):
            raise _No(Heard.FOREIGN, 403, "not from here")
        method = scope["method"]
        if method not in _METHODS:
            allow = ((b"allow", ", ".join(_METHODS).encode()),)
            raise _No(Heard.UNREADABLE, 405, "GET or POST", allow)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = await _read(receive, headers, room)
        query = scope["query_string"].decode("latin-1")
        if method == "HEAD" or (method == "GET" and not body and not query):
            return Answer(200, b"")  # vendors' consoles look whether an address answers before they take it
        callback = Callback(
            method,
            self._hearing.address(_path(scope), query, origin=_origin(scope, headers)),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()},
            query,
            body,
            remote,
        )
        wanted = await self._hearing.hear(record, callback)
        return Answer(wanted.status, wanted.body, wanted.content_type.encode())


def _path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


def _origin(scope: Scope, headers: Headers) -> str:
    return f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'').decode('latin-1')}"


async def _read(receive: Receive, headers: Headers, room: _Room) -> bytes:
    """The whole body, within the room there is."""
    if compressed(headers):
        raise _No(Heard.UNREADABLE, 415, "the body must not be compressed")
    room.grow(declared(headers))
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        piece = piece_of(message)
        pieces.append(piece)
        size += len(piece)
        room.grow(size)
        more = message.get("more_body", False)
    return b"".join(pieces)
