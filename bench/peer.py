"""A vendor on loopback that costs next to nothing: `python -m bench.peer` prints the port it listens on.

`POST /sms` takes a message as the `json` preset sends it; `POST /` takes up to 200 as Tencent Cloud's SendSms
does; `POST /slow` reads and never answers. Nothing is checked: adapters are proven elsewhere.
"""

import asyncio
import itertools
import json
import os
import re
import subprocess
import sys
from types import TracebackType
from typing import Self, cast

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NUMBER = itertools.count(1)


class Peer:
    """The process, pinned to a core; it listens when the block is entered."""

    def __init__(self, core: int) -> None:
        self._core = core
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["taskset", "-c", str(self._core), sys.executable, "-m", "bench.peer"],
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout is None:
            raise RuntimeError("the peer has no output")
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class _Calls(asyncio.Protocol):
    """One connection: requests with a length, one after the other."""

    def __init__(self) -> None:
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, which is one in all but name

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            found = _LENGTH.search(head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._read) < whole:
                return
            body, self._read = self._read[end + 4 : whole], self._read[whole:]
            answer = _answer(head.split(b" ", 2)[1], body)
            if answer is not None and self._transport is not None:
                self._transport.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(answer), answer)
                )


def _answer(path: bytes, body: bytes) -> bytes | None:
    if path == b"/slow":
        return None
    if path == b"/sms":
        return b'{"id":"r%d"}' % next(_NUMBER)
    statuses = [
        {"SerialNo": f"t{next(_NUMBER)}", "PhoneNumber": number, "Fee": 1, "Code": "Ok", "Message": "ok"}
        for number in json.loads(body).get("PhoneNumberSet", ())
    ]
    return json.dumps({"Response": {"SendStatusSet": statuses, "RequestId": "r"}}).encode()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Calls, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells that whoever started it is gone
        await asyncio.sleep(1)


if __name__ == "__main__":
    uvloop.run(_serve())
