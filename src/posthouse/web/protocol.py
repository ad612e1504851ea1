"""uvicorn's HTTP protocol, but an answer leaves in one write, and half a request is not waited for.

uvicorn writes them apart, which costs a second system call and a second packet for every answer. Use
it as `uvicorn.Config(app, http=OneWriteProtocol)`.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_S = 30.0
"""How long a request may take to arrive, from its first byte (of a new connection: from the start)."""

SWEEP_S = 5.0


class OneWriteProtocol(HttpToolsProtocol):
    """Holds the head of an answer back until its body comes, or there proves to be none."""

    arriving_since: float | None = None
    """Since when a request is arriving, in the event loop's time; None while none is."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own
        """Begin to serve a connection."""
        self.arriving_since = self.loop.time()
        self._joining = _Joining(transport)
        super().connection_made(cast("asyncio.Transport", self._joining))

    def on_message_begin(self) -> None:
        """A request begins to arrive."""
        self.arriving_since = self.loop.time()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """A request has arrived."""
        self.arriving_since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is whole: whatever of it is held must go."""
        self._joining.flush()
        super().on_response_complete()


async def sweep(connections: Iterable[object]) -> None:
    """Close, every few seconds, whoever began a request and does not go on: nobody holds a place for ever.

    Looking at all of them now and then costs nothing per request, where a timer each would.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_S)
        before = loop.time() - REQUEST_S
        for connection in list(connections):
            since = connection.arriving_since if isinstance(connection, OneWriteProtocol) else None
            if since is not None and since < before:
                connection.transport.close()  # type: ignore[attr-defined] # one of ours, by the line above


class _Joining:
    """A transport that joins two writes if the first is a head."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self._head = b""
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        """Send `data`, after what is held; hold it if it is itself the head of a final answer."""
        if self._head:
            data, self._head = self._head + data, b""
            self._write(data)
        elif data.startswith(b"HTTP/1.1 ") and data[9:10] != b"1":
            self._head = data
        else:
            self._write(data)

    def flush(self) -> None:
        """Send what is held."""
        if self._head:
            data, self._head = self._head, b""
            self._write(data)

    def close(self) -> None:
        """Send what is held and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a transport has
        return getattr(self._transport, name)
