"""An HTTP server that fails as it is told to, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What to reply; without a status the connection is closed instead, or (`hangs`) nothing ever said."""

    status: int | None = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes
    port: int
    """The caller's: tells connections apart."""

    @property
    def body(self) -> Any:
        """The body, decoded."""
        return json.loads(self.content)


class Loopback:
    """Replies from a script, the last answer again and again."""

    def __init__(self, *script: Answer) -> None:
        self.script = list(script) or [Answer()]
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the caller has lost its patience, as some are told to
                    self.close_connection = True

            def answer(self) -> None:
                content = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                told = loopback.take(Asked(self.command, self.path, headers, content, self.client_address[1]))
                if told.hangs:
                    loopback.over.wait()
                if told.status is None or told.hangs:
                    self.close_connection = True
                    return
                raw = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
                self.send_response(told.status)
                for name, value in ({"Content-Type": "application/json"} | dict(told.headers)).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                pass

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.answer)
        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.base_url = f"http://{HOST}:{self._server.server_port}"

    def take(self, asked: Asked) -> Answer:
        """Remember the request; what to answer it with."""
        with self._lock:
            self.asked.append(asked)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def start(self) -> None:
        """Serve until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Let go of everybody."""
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def loopback(*script: Answer) -> Iterator[Loopback]:
    """The server, for as long as the block runs."""
    server = Loopback(*script)
    server.start()
    try:
        yield server
    finally:
        server.stop()
