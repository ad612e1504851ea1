"""Sends requests over kept connections, and again where that is safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from posthouse_sdk.connecting import AsyncConnections, Until, headers_for
from posthouse_sdk.credentials import Credentials
from posthouse_sdk.errors import BadReply, ConnectionFailed, TimedOut
from posthouse_sdk.replies import REPLY_MAX_BYTES, Reply, noted
from posthouse_sdk.requests.building import Request, build
from posthouse_sdk.retrying import Policy, Run
from posthouse_sdk.sleeping import asleep


class AsyncEngine:
    """What all resources of one client ask through."""

    def __init__(self, credentials: Credentials, policy: Policy, language: str | None) -> None:
        self.credentials = credentials
        self._policy = policy
        self._language = language
        self._http = AsyncConnections(credentials.base_url)

    async def ask(
        self,
        name: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:
        """Make a call; raises `PosthouseError`."""
        request = build(name, path=path or {}, query=query or {}, body=body)
        headers = headers_for(request, self.credentials, self._language)
        run = Run(request, self._policy)
        while True:
            try:
                outcome: Reply | ConnectionFailed = await self._try(request, headers, run.begin())
            except ConnectionFailed as failed:
                outcome = failed
            pause = run.pause_after(outcome)
            if pause is None:
                break
            await asleep(pause)
        if isinstance(outcome, ConnectionFailed):
            raise outcome
        return noted(outcome).data(self.credentials.base_url)

    def strange(self, what: str) -> BadReply:
        """The error for a reply that was well but makes no sense."""
        return BadReply(what, status=200, base_url=self.credentials.base_url)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _try(self, request: Request, headers: Mapping[str, str], timeout_s: float) -> Reply:
        until = Until(timeout_s)
        route, base_url, key = request.route, self.credentials.base_url, request.idempotency_key
        what = f"{route.method} {base_url}{route.path}"
        try:
            async with self._http.stream(
                route.method,
                request.target,
                headers=headers,
                content=request.content,
                extensions={"timeout": until},
            ) as response:
                content = bytearray()
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > REPLY_MAX_BYTES:
                        raise BadReply(
                            "is longer than any of Posthouse's",
                            status=response.status_code,
                            base_url=base_url,
                        )
                    if until.over:
                        raise TimedOut(
                            f"{what}: only a part of the reply came within {timeout_s:.3g} s.",
                            base_url=base_url,
                            idempotency_key=key,
                        )
        except httpx2.TimeoutException as error:
            raise TimedOut(
                f"{what}: no reply within {timeout_s:.3g} s.", base_url=base_url, idempotency_key=key
            ) from error
        except httpx2.RequestError as error:
            raise ConnectionFailed(
                f"{what}: {str(error) or type(error).__name__}", base_url=base_url, idempotency_key=key
            ) from error
        return Reply(response.status_code, response.headers, bytes(content))
