"""Whether a webhook is what it says: Standard Webhooks, symmetric signatures.

https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, in Base64, after `v1,`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from posthouse_sdk.errors import WebhookInvalid

TOLERANCE_S = 300
"""How far the timestamp may be from our clock, either way."""

_PREFIX = "whsec_"
_DIGITS_MAX = 15


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance_s: float = TOLERANCE_S,
    now: float | None = None,
) -> Any:
    """The event a webhook brings, decoded; raises `WebhookInvalid` when it is forged, changed or stale.

    `body` is what came over the wire, before anybody parsed it. While a secret is being replaced, give both.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp, signatures = (
            given[f"webhook-{name}"] for name in ("id", "timestamp", "signature")
        )
    except KeyError as missing:
        raise WebhookInvalid(f"The header {missing.args[0]} is missing.") from None
    _check_time(timestamp, time.time() if now is None else now, tolerance_s)
    raw = body.encode(errors="surrogatepass") if isinstance(body, str) else body
    signed = f"{message_id}.{timestamp}.".encode(errors="surrogatepass") + raw
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets:
        raise WebhookInvalid("No secret was given to check the signature with.")
    # Every pair is compared, so that the time taken does not tell which one fitted.
    matches = [
        hmac.compare_digest(_signature(key, signed), offered)
        for key in map(_key, secrets)
        for offered in _offered(signatures)
    ]
    if not any(matches):
        raise WebhookInvalid("No signature fits: the sender has another secret, or the body was changed.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise WebhookInvalid("The body is signed but not JSON.") from None


class Webhooks:
    """The same as a client shows it; it asks nobody."""

    verify = staticmethod(verify)


def sign(body: bytes | str, *, id: str, timestamp: int, secret: str) -> str:
    """The `webhook-signature` of a body, as a sender writes it; for tests of a receiver."""
    raw = body.encode() if isinstance(body, str) else body
    signature = _signature(_key(secret), f"{id}.{timestamp}.".encode() + raw)
    return f"v1,{base64.b64encode(signature).decode()}"


def _check_time(timestamp: str, now: float, tolerance_s: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _DIGITS_MAX):
        raise WebhookInvalid("The header webhook-timestamp is not a number of seconds.")
    if abs(now - int(timestamp)) > tolerance_s:
        raise WebhookInvalid(
            f"The timestamp is more than {tolerance_s:g} s from our clock: an old webhook sent again, or a "
            "wrong clock."
        )


def _signature(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise WebhookInvalid("The secret is not one: it should be `whsec_` and Base64.")
    return key


def _offered(signatures: str) -> list[bytes]:
    found = []
    for each in signatures.split():
        version, _, encoded = each.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
