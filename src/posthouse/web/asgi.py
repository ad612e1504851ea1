"""One bounded body in, one answer out, as plain ASGI messages."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.types import Message, Receive, Send

from posthouse.core.errors import Code, Refusal

Headers = Mapping[bytes, bytes]
"""A request's headers by their lower-case names; of a repeated one, the last."""

Fields = tuple[tuple[bytes, bytes], ...]
"""Headers of an answer."""

JSON = b"application/json"


class Disconnected(Exception):
    """The client went away before its body was whole: there is nobody to answer."""


class Answer(NamedTuple):
    """What goes back to the client; `refused`: why, where it is a no."""

    status: int
    body: bytes
    media_type: bytes = JSON
    headers: Fields = ()
    refused: Code | None = None


_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


async def respond(
    send: Send, answer: Answer, request_id: str, *, more: Fields = (), head: bool = False
) -> None:
    """Send `answer` with `more` headers, and without its body where the request was a HEAD."""
    body = answer.body
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"content-type", answer.media_type),
                (b"content-length", b"%d" % len(body)),
                (b"x-request-id", request_id.encode()),
                *_ALWAYS,
                *answer.headers,
                *more,
            ],
        }
    )
    await send({"type": "http.response.body", "body": b"" if head else body})


def expect_json(headers: Headers, limit: int) -> None:
    """Refuse a body that its own headers already condemn: not JSON, coded, or larger than `limit`."""
    media_type = headers.get(b"content-type", JSON)
    if media_type != JSON and not _is_json(media_type):
        raise Refusal(Code.UNSUPPORTED_MEDIA_TYPE, param="Content-Type", accepted="application/json")
    if compressed(headers):
        raise Refusal(Code.UNSUPPORTED_MEDIA_TYPE, param="Content-Encoding", accepted="application/json")
    if declared(headers) > limit:
        raise Refusal(Code.BODY_TOO_LARGE, limit_bytes=limit)


def compressed(headers: Headers) -> bool:
    """Whether the body would have to be inflated: to a thousand times what we were told to expect."""
    coding = headers.get(b"content-encoding")
    return coding is not None and coding.strip().lower() not in (b"identity", b"")


def declared(headers: Headers) -> int:
    """The length of the body as its headers have it; 0 where they say none."""
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        return 0
    return int(length) if len(length) <= _LENGTH_DIGITS else _ENDLESS


def piece_of(message: Message) -> bytes:
    """A piece of the body; raises Disconnected when the sender is gone."""
    if message["type"] != "http.request":
        raise Disconnected
    piece: bytes = message.get("body", b"")
    return piece


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body, or a refusal as soon as it grows beyond `limit`; the server discards what follows."""
    message = await receive()
    body = piece_of(message)
    if not message.get("more_body"):
        if len(body) > limit:
            raise Refusal(Code.BODY_TOO_LARGE, limit_bytes=limit)
        return body
    pieces, size = [body], len(body)
    while size <= limit:
        message = await receive()
        piece = piece_of(message)
        pieces.append(piece)
        size += len(piece)
        if size <= limit and not message.get("more_body"):
            return b"".join(pieces)
    raise Refusal(Code.BODY_TOO_LARGE, limit_bytes=limit)


_LENGTH_DIGITS = 18
_ENDLESS = 10**_LENGTH_DIGITS


def _is_json(media_type: bytes) -> bool:
    essence = media_type.partition(b";")[0].strip().lower()
    return essence in (b"", JSON) or (essence.startswith(b"application/") and essence.endswith(b"+json"))
