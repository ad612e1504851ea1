"""The server that runs here, or that POSTHOUSE_API_KEY is for: where it is, and calls to it."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from posthouse.bootstrap.premises import Trouble, first_key, held, reached_at
from posthouse.cli.frame import spoken
from posthouse.cli.wording import reworded
from posthouse.core.ports.store import Unavailable

KEY = "POSTHOUSE_API_KEY"
TIMEOUT_S = 10

OK, TAKEN, UNAUTHENTICATED = 200, 202, 401
UNAVAILABLE = "unavailable"


class Server(NamedTuple):
    """A server, and the key to call it with."""

    address: str
    key: str

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a call that succeeds.

        Raises:
            Trouble: the server does not answer, or refuses.
            Unavailable: it could not confirm that anything was stored.
        """
        return self._told("POST", path, body)

    def get(self, path: str) -> dict[str, Any]:
        """What is found there. Raises Trouble and Unavailable as `post` does."""
        return self._told("GET", path, None)

    def _told(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            status, reply = ask(self.address, method, path, key=self.key, body=body)
        except OSError as error:
            raise Trouble(
                f"The server at {self.address} does not answer ({error}): "
                "look at its log, or run `posthouse doctor`."
            ) from error
        if status in (OK, TAKEN):
            return reply
        if status == UNAUTHENTICATED:
            raise Trouble(
                f"The server at {self.address} does not take this key: correct {KEY}, or unset it to use "
                "the key in the data directory; `posthouse keys create` makes another."
            )
        code, detail, action = (str(reply.get(name) or "") for name in ("code", "detail", "suggested_action"))
        if code == UNAVAILABLE:
            raise Unavailable
        raise Trouble(
            reworded(code, detail, action, spoken())
            or f"The server at {self.address} answered {status}: look at its log."
        )


def server_of(place: Path) -> Server | None:
    """The server to ask; None when there is none, and the database is to be asked itself."""
    address = held(place)
    given = os.environ.get(KEY)
    key = given or first_key(place)
    if address is None and given is None:
        return None
    if not address:
        address = _configured(place)
        if held(place) is None and not _answers(address):
            return None
    if key is None:
        raise Trouble(
            f"A server runs on {place}, and there is no key to call it with: set {KEY}, "
            f"or make one with `posthouse keys create --account default --data {place}`."
        )
    return Server(address, key)


def ready(address: str) -> str:
    """`ok`, or why the server there cannot do its work."""
    try:
        status, reply = ask(address, "GET", "/readyz")
    except OSError as error:
        return f"{address} does not answer ({error})"
    if status == OK:
        return "ok"
    return f"{address} is not ready: {', '.join(map(str, reply.get('not_ready', [status])))}"


def ask(
    address: str,
    method: str,
    path: str,
    *,
    key: str | None = None,
    body: dict[str, Any] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> tuple[int, dict[str, Any]]:
    """One call, past any proxy: what is asked is on this machine or near it. Raises OSError."""
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s)
    headers = {"Content-Type": "application/json", "Accept-Language": spoken()}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    try:
        connection.request(
            method, path, body=None if body is None else json.dumps(body).encode(), headers=headers
        )
        response = connection.getresponse()
        reply = json.loads(response.read())
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError(f"{type(error).__name__}") from error
    finally:
        connection.close()
    return response.status, reply if isinstance(reply, dict) else {}


def _configured(place: Path) -> str:
    from posthouse.settings import load

    settings = load(place)
    return reached_at(settings.host, settings.port)


def _answers(address: str) -> bool:
    try:
        return ask(address, "GET", "/livez")[0] == OK
    except OSError:
        return False
