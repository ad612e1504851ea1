# @generated from _async/raw.py by sync.py; do not edit.
"""Replies with their status and headers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from posthouse_sdk.replies import Raw, raw, watching

P = ParamSpec("P")
T = TypeVar("T")


class RawResponses:
    """Makes a call and answers its whole reply.

    `client.with_raw_response.sms.send(to=…)` reads well; `client.with_raw_response(client.sms.send, to=…)`
    does the same and keeps its types.
    """

    def __init__(self, client: object) -> None:
        self._client = client

    def __call__(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Raw[T]:
        with watching() as seen:
            return raw(seen, method(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self, found) if callable(found) else RawCalls(self, found)


class RawCalls:
    """The calls of one resource, answering whole replies."""

    def __init__(self, responses: RawResponses, resource: object) -> None:
        self._responses = responses
        self._resource = resource

    def __getattr__(self, name: str) -> Any:
        return partial(self._responses, getattr(self._resource, name))
