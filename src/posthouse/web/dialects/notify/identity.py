"""Credentials within a body: held against the headers', and taken out once they have done their work."""

import hmac
from collections.abc import Awaitable, Callable
from typing import TypeVar

from posthouse.web.asgi import Headers
from posthouse.web.dialects.notify.wire import APP_IDS, Shown, agreed, disagreeing
from posthouse.web.endpoint import Call

S = TypeVar("S", bound=Shown)

Handle = Callable[[Call[S]], Awaitable[object]]


def settled(handle: Handle[S]) -> Handle[S]:
    """The same for requests whose body may say who asks.

    `handle` never sees that, so that a repetition is the same request wherever the credential stands.
    """

    async def settle(call: Call[S]) -> object:
        wanted = call.wanted
        _check(wanted, call.headers)
        wanted.app_id = wanted.sdk_app_id = wanted.app_key = None
        return await handle(call)

    return settle


def _check(wanted: Shown, headers: Headers) -> None:
    """Refuse a request that names two callers. The headers, where they are there, are proven already."""
    app_id = agreed(wanted, APP_IDS)
    key, secret = headers.get(b"x-api-key"), headers.get(b"x-api-secret")
    if app_id and key is not None and app_id.encode() != key.strip():
        raise disagreeing("X-API-Key", "AppID" if wanted.app_id else "SmsSdkAppid")
    app_key = wanted.app_key
    if app_key and secret is not None and not hmac.compare_digest(app_key.encode(), secret.strip()):
        raise disagreeing("X-API-Secret", "AppKey")
