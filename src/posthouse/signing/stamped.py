"""Our signature of a body, `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under a shared secret.

Both sides of the generic HTTP channel sign with it; of a call without a body they sign the query. A verifier
that has a clock should also look at `t`; ours has none, and what it verifies may come twice without harm.
"""

import hashlib
import hmac
import re

HEADER = "X-Posthouse-Signature"

_FORM = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def content(body: bytes, query: str) -> bytes:
    """What is signed of a call: its body, or its query as it stands behind the `?`, where it has no body."""
    return body or query.encode("latin-1", "replace")


def sign(secret: str, body: bytes, *, at_s: int) -> str:
    """The header's value for a body that is sent at `at_s`, Unix seconds."""
    return f"t={at_s},v1={_digest(secret, str(at_s), body)}"


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header's value was made from this body under this secret."""
    told = _FORM.fullmatch(header or "")
    return told is not None and hmac.compare_digest(_digest(secret, told[1], body), told[2])


def _digest(secret: str, at_s: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
