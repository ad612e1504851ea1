"""What both engines tell the HTTP library, and what every request says of itself."""

from __future__ import annotations

import ipaddress
import platform
import time
from contextlib import AbstractAsyncContextManager
from typing import Any
from weakref import WeakKeyDictionary

import httpx2

from posthouse_sdk.credentials import DEFAULT_BASE_URL, Credentials
from posthouse_sdk.errors import CredentialsMissing, InvalidSettings
from posthouse_sdk.requests.building import Request
from posthouse_sdk.version import __version__

LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)
"""A kept connection is let go long before the server's own 75 s, so that no request meets its closing."""

_LAST_MOMENT_S = 0.001

USER_AGENT = f"posthouse-sdk-python/{__version__} Python/{platform.python_version()}"


def address(base_url: str) -> httpx2.URL:
    """The server's address; raises `InvalidSettings` for what is none."""
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    # A name and a password in it would take the key's place, and stand in every error.
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise InvalidSettings(
            "The base URL is not one that can be called.\n"
            f"Fix: give it as {DEFAULT_BASE_URL}, without user, query or fragment."
        )
    return url


def trusts_environment(base_url: str) -> bool:
    """Whether a proxy of the environment may be used: never to this machine itself."""
    host = address(base_url).host
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


class Connections(httpx2.Client):
    """Kept connections to one server."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url=address(base_url), limits=LIMITS, trust_env=trusts_environment(base_url))


class AsyncConnections:
    """The same for event loops: each has its own, for those of a loop that has ended help no other."""

    def __init__(self, base_url: str) -> None:
        self._base_url = address(base_url)
        self._trust_env = trusts_environment(base_url)
        self._of: WeakKeyDictionary[object, httpx2.AsyncClient] = WeakKeyDictionary()

    def stream(self, method: str, url: str, **more: Any) -> AbstractAsyncContextManager[httpx2.Response]:
        """Send a request over the connections of the loop that runs."""
        import asyncio  # noqa: PLC0415 - who has no event loop need not load it

        loop = asyncio.get_running_loop()
        http = self._of.get(loop)
        if http is None:
            http = httpx2.AsyncClient(base_url=self._base_url, limits=LIMITS, trust_env=self._trust_env)
            self._of[loop] = http
        return http.stream(method, url, **more)

    async def aclose(self) -> None:
        """Close those of the loop that runs."""
        import asyncio  # noqa: PLC0415 - as above

        http = self._of.get(asyncio.get_running_loop())
        if http is not None:
            await http.aclose()


class Until:
    """What is left of a try's time, for each step of it that the HTTP library asks about."""

    def __init__(self, timeout_s: float) -> None:
        self._at = time.monotonic() + timeout_s

    def get(self, step: str, default: float | None = None) -> float:
        """Seconds, however late it is."""
        return max(_LAST_MOMENT_S, self._at - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return time.monotonic() > self._at


def headers_for(request: Request, credentials: Credentials, language: str | None) -> httpx2.Headers:
    """Who asks, and in which language; what they print hides the key. Raises `CredentialsMissing`."""
    headers = httpx2.Headers({"Accept": "application/json", "User-Agent": USER_AGENT})
    if not request.route.open:
        if credentials.api_key is None:
            raise CredentialsMissing
        headers["Authorization"] = f"Bearer {credentials.api_key}"
    if language is not None:
        headers["Accept-Language"] = language
    if request.content is not None:
        headers["Content-Type"] = "application/json"
    if request.in_header and request.idempotency_key is not None:
        headers["Idempotency-Key"] = request.idempotency_key
    return headers
