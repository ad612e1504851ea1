"""TC3-HMAC-SHA256, how calls to Tencent Cloud's API 3.0 are signed; nothing here looks at a clock.

Source: "Signature Method v3" of the API's documentation, and `tencentcloud-sdk-python-common` 3.1.195, which
signs `content-type` and `host` only. The path is always `/`.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

ALGORITHM = "TC3-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
"""In `x-tc-content-sha256`: the body is not covered by the signature."""
SIGNED = ("content-type", "host")
"""The headers that a caller must sign at least, and all that we sign."""

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=([^/\s,]+)/([0-9-]{{10}})/([a-z0-9-]+)/tc3_request"
    r", *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})"
)


class Call(NamedTuple):
    """What is signed of an HTTP request: `headers` by lower-case name, `query` as it stands in the URL."""

    method: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""


class Claim(NamedTuple):
    """What an `Authorization` header says of itself; nothing of it is proven yet."""

    secret_id: str
    date: str
    service: str
    signed: tuple[str, ...]
    signature: str


def authorization(call: Call, *, secret_id: str, secret_key: str, service: str, timestamp: int) -> str:
    """The `Authorization` header of a call whose `X-TC-Timestamp` is `timestamp` (Unix seconds)."""
    date = _date(timestamp)
    claim = Claim(secret_id, date, service, SIGNED, "")
    values = [call.headers[name] for name in SIGNED]
    signature = _signature(call, claim, values, secret_key=secret_key, timestamp=timestamp)
    scope = f"{secret_id}/{date}/{service}/tc3_request"
    return f"{ALGORITHM} Credential={scope}, SignedHeaders={';'.join(SIGNED)}, Signature={signature}"


def claimed(header: str) -> Claim | None:
    """Read an `Authorization` header; None if it is not of this scheme."""
    if (found := _AUTHORIZATION.fullmatch(header)) is None:
        return None
    secret_id, date, service, signed, signature = found.groups()
    return Claim(secret_id, date, service, tuple(signed.split(";")), signature)


def verified(call: Call, claim: Claim, *, secret_key: str) -> bool:
    """Whether a call was signed with the key, for the day of its `x-tc-timestamp`.

    Whether that moment is recent enough is for the caller to say. Header values count as they are and, as the
    documentation wants them, in lower case: SDKs do either.
    """
    headers, sent_at = call.headers, call.headers.get("x-tc-timestamp", "")
    if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= 10):  # noqa: PLR2004 - until 2286
        return False
    timestamp, names = int(sent_at), claim.signed
    if (
        claim.date != _date(timestamp)
        or not {*SIGNED} <= {*names}
        or any(name not in headers for name in names)
    ):
        return False
    plain = [headers[name].strip() for name in names]
    return any(
        hmac.compare_digest(
            claim.signature, _signature(call, claim, values, secret_key=secret_key, timestamp=timestamp)
        )
        for values in (plain, [value.lower() for value in plain])
    )


def _date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


def _signature(call: Call, claim: Claim, values: Sequence[str], *, secret_key: str, timestamp: int) -> str:
    unsigned = call.headers.get("x-tc-content-sha256") == UNSIGNED_PAYLOAD
    canonical = "\n".join(
        (
            call.method,
            "/",
            call.query,
            *(f"{name}:{value}" for name, value in zip(claim.signed, values, strict=True)),
            "",
            ";".join(claim.signed),
            hashlib.sha256(UNSIGNED_PAYLOAD.encode() if unsigned else call.body).hexdigest(),
        )
    )
    scope = f"{claim.date}/{claim.service}/tc3_request"
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(_bytes(canonical)).hexdigest()}"
    key = _bytes(f"TC3{secret_key}")
    for step in (claim.date, claim.service, "tc3_request", text):
        key = hmac.digest(key, step.encode(), "sha256")
    return key.hex()


def _bytes(text: str) -> bytes:
    # What came off the wire may hold anything; such a call is not verified, but nothing breaks.
    return text.encode("utf-8", "surrogatepass")
