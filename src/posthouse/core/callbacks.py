"""The addresses that vendors call: unguessable, since most of them sign nothing.

`/callbacks/{channel}/{secret}`. The secret is computed and not stored: 160 bits of an HMAC over the channel's
number and the generation of its address, under a key of the installation's.
"""

import hmac
from base64 import b32encode

_BYTES = 20


def secret_of(key: bytes, channel_id: int, generation: int) -> str:
    """The secret step of a channel's callback address: 32 letters and digits."""
    digest = hmac.digest(key, f"{channel_id}/{generation}".encode(), "sha256")
    return b32encode(digest[:_BYTES]).decode().lower()


def path_of(name: str, secret: str) -> str:
    """The path of a channel's callback address; names are plain (`services.naming`)."""
    return f"/callbacks/{name}/{secret}"


def proves(secret: str, expected: str) -> bool:
    """Whether somebody knows the secret, without telling by time how much of it."""
    return hmac.compare_digest(secret.encode(), expected.encode())
