"""One keep-alive connection to the server, for what is asked beside the load."""

import http.client
import json
from types import TracebackType
from typing import Any, Self

TIMEOUT_S = 60.0


class Unexpected(Exception):
    """The server answered something else than it should."""


class Client:
    """Calls on one connection."""

    def __init__(self, port: int, key: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: bytes | None = None, *, status: int = 200) -> bytes:
        """The answer's body.

        Raises:
            Unexpected: it came with another status.
        """
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != status:
            raise Unexpected(
                f"{method} {path} answered {response.status}: {answer[:200].decode(errors='replace')}"
            )
        return answer

    def get(self, path: str) -> Any:  # noqa: ANN401 - a JSON document
        """The answer's document."""
        return json.loads(self.call("GET", path))
