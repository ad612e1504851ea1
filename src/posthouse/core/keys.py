"""Credentials: how a key looks, and how it is proven without being stored.

A Bearer key is `ph_<mode>_` + look-up (10) + secret (32) + checksum (6), all base 62. The look-up
finds the row; the whole key is proven by a peppered HMAC; the checksum (CRC-32 of all before it)
lets scanners and typos be told from real keys. The same credential serves `/api` and `/notify` as
`sk_<look-up>` with a secret of its own.
"""

import hmac
import secrets
import zlib
from dataclasses import dataclass

from posthouse.core.message import Mode

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOOKUP, _SECRET, _CHECK = 10, 32, 6
_BODY = _LOOKUP + _SECRET + _CHECK
_PREFIXES = {mode: f"ph_{mode}_" for mode in Mode}

ACCOUNT_SCOPES = frozenset(
    {
        "messages:write",
        "messages:read",
        "templates:write",
        "templates:read",
        "suppressions:write",
        "suppressions:read",
        "guard:write",
        "guard:read",
        "account:read",
        "sandbox:read",
        "keys:read",
        "keys:write",
        "channels:read",
        "channels:write",
    }
)
"""What any key may be allowed to do, for its own account."""

GRANTED_SCOPES = frozenset({"channels:read", "channels:write"})
"""What an account's key can be allowed to do, and is not unless that is said: connect its own channels."""

OPERATOR_SCOPES = frozenset({"accounts:read", "accounts:write", "routes:read", "routes:write"})
"""What only an operator's key may be allowed to do: the platform's own resources."""

SCOPES = ACCOUNT_SCOPES | OPERATOR_SCOPES
"""All there is to be allowed."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A fresh credential in clear: shown once, stored only as hashes."""

    lookup: str
    mode: Mode
    key: str
    api_key: str
    api_secret: str


def issue(mode: Mode) -> Credential:
    """Make a credential from the system's random source (190 bits in each secret)."""
    lookup = _random(_LOOKUP)
    body = f"{_PREFIXES[mode]}{lookup}{_random(_SECRET)}"
    return Credential(lookup, mode, body + _checksum(body), f"sk_{lookup}", _random(_SECRET))


def lookup_of(key: str) -> str | None:
    """The look-up in a Bearer key, or None when it is malformed or its checksum is wrong."""
    for prefix in _PREFIXES.values():
        if key.startswith(prefix) and len(key) == len(prefix) + _BODY and key.isascii():
            body = key[:-_CHECK]
            if hmac.compare_digest(_checksum(body), key[-_CHECK:]):
                return key[len(prefix) : len(prefix) + _LOOKUP]
    return None


def api_lookup_of(api_key: str) -> str | None:
    """The look-up in an `sk_…` key, or None."""
    if api_key.startswith("sk_") and len(api_key) == 3 + _LOOKUP and api_key.isascii():
        return api_key[3:]
    return None


def prove(secret: str, pepper: bytes) -> bytes:
    """The peppered hash under which a key or secret is stored and compared."""
    return hmac.digest(pepper, secret.encode(), "sha256")


def _random(length: int) -> str:
    return "".join(secrets.choice(_BASE62) for _ in range(length))


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(_CHECK):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits
