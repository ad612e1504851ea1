"""Answers as they leave for the network."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from posthouse.web.protocol import OneWriteProtocol


class Tape:
    """A transport that records what is written."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> Any:
        return {"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)}.get(name)

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def app(scope, receive, send):
    await receive()
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/broken":
        raise ValueError
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def connection():
    config = uvicorn.Config(app, http=OneWriteProtocol, ws="none", date_header=False, server_header=False)
    config.load()
    protocol = OneWriteProtocol(config=config, server_state=ServerState(), app_state={})
    tape = Tape()
    protocol.connection_made(tape)  # type: ignore[arg-type] # as much of a transport as it takes
    yield protocol, tape
    protocol.connection_lost(None)


async def settled(protocol):
    while protocol.tasks:
        await asyncio.gather(*protocol.tasks, return_exceptions=True)
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
        (b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"),
        (
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n1",
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ),
    ],
)
async def test_an_answer_leaves_in_one_write(connection, request_, answer):
    protocol, tape = connection
    for _ in range(2):
        protocol.data_received(request_)
        await settled(protocol)
    assert tape.writes == [answer, answer]


async def test_pipelined_requests_are_answered_in_turn(connection):
    protocol, tape = connection
    protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" * 3)
    await settled(protocol)
    assert len(tape.writes) == 3


async def test_permission_to_continue_is_not_held_back(connection):
    protocol, tape = connection
    head = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n"
    protocol.data_received(head)
    await asyncio.sleep(0)
    assert tape.writes == [b"HTTP/1.1 100 Continue\r\n\r\n"]
    protocol.data_received(b"1")
    await settled(protocol)
    assert len(tape.writes) == 2


async def test_bytes_that_are_no_http_are_answered_and_the_connection_closed(connection):
    protocol, tape = connection
    protocol.data_received(b"\x16\x03\x01 hello\r\n\r\n")
    assert tape.writes[0].startswith(b"HTTP/1.1 400 ")
    assert tape.closed


async def test_a_head_without_its_body_still_leaves_when_the_connection_closes(connection, caplog):
    protocol, tape = connection
    protocol.data_received(b"GET /broken HTTP/1.1\r\nhost: x\r\n\r\n")
    await settled(protocol)
    assert tape.closed
    assert len(tape.writes) == 1
