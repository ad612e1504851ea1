"""uvicorn's HTTP protocol, except that the head and the body of an answer leave in one write.

uvicorn writes them apart, which costs a second system call and a second packet for every answer. Use
it as `uvicorn.Config(app, http=OneWriteProtocol)`.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWriteProtocol(HttpToolsProtocol):
    """Holds the head of an answer back until its body comes, or there proves to be none."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own
        """Begin to serve a connection."""
        self._joining = _Joining(transport)
        super().connection_made(cast("asyncio.Transport", self._joining))

    def on_response_complete(self) -> None:
        """An answer is whole: whatever of it is held must go."""
        self._joining.flush()
        super().on_response_complete()


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
