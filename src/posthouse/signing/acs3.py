"""Alibaba Cloud's signature ACS3-HMAC-SHA256 ("V3"), which its SDKs make today: signed, and verified.

Source: "V3 request body and signature mechanism", help.aliyun.com; compared with alibabacloud-tea-openapi.
The query is signed as decoded and encoded again by RFC 3986: on the wire a space may be a `+`.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

ALGORITHM = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"
FIELDS_MAX = 100
"""Parameters of a query; the longest call takes ten."""


class Keys(NamedTuple):
    """An AccessKey; with a `token` where it is a temporary one (STS)."""

    id: str
    secret: str
    token: str = ""


class Credential(NamedTuple):
    """What an `Authorization` header says: whose key, which headers are signed, and the signature."""

    key_id: str
    signed: tuple[str, ...]
    signature: str


def digest(body: bytes) -> str:
    """The value of `x-acs-content-sha256`."""
    return hashlib.sha256(body).hexdigest()


def canonical_query(fields: Iterable[tuple[str, str]]) -> str:
    """Parameters sorted by name and encoded by RFC 3986: what is signed, and what may be sent."""
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(fields))


def call(action: str, *, version: str, nonce: str, now: int) -> dict[str, str]:
    """The headers that make a request a call of an RPC action; `now` is microseconds UTC."""
    return {
        "x-acs-action": action,
        "x-acs-date": datetime.fromtimestamp(now // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }


def signed(headers: Mapping[str, str], *, path: str, query: str, body: bytes, keys: Keys) -> dict[str, str]:
    """The headers of a POST (host and names in lower case) with all that makes it a signed one.

    `query` is canonical; a body is a form.
    """
    whole = {**headers, "x-acs-content-sha256": digest(body)}
    if body:
        whole["content-type"] = FORM
    if keys.token:
        whole |= {"x-acs-accesskey-id": keys.id, "x-acs-security-token": keys.token}
    whole["authorization"] = sign(
        method="POST", path=path, query=query, headers=whole, body=body, key_id=keys.id, secret=keys.secret
    )
    return whole


def sign(
    *, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, key_id: str, secret: str
) -> str:
    """The `Authorization` of a request, which signs all of `headers` (names in lower case).

    `query` is canonical.
    """
    names = sorted(headers)
    signature = _signature(method, path, query, {name: headers[name] for name in names}, body, secret)
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(names)},Signature={signature}"


def credential(authorization: str) -> Credential | None:
    """An `Authorization` header taken apart; None when it is not of this scheme."""
    scheme, _, rest = authorization.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != ALGORITHM or fields.keys() != {"Credential", "SignedHeaders", "Signature"}:
        return None
    return Credential(fields["Credential"], tuple(fields["SignedHeaders"].split(";")), fields["Signature"])


def verify(
    *, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, secret: str
) -> bool:
    """Whether a request was signed with the secret and changed in nothing since.

    `query` is as it came; `headers` by lower-case name. Which headers are signed is the sender's choice, but
    the host and every `x-acs-` header must be among them. Its age and its nonce are not looked at.
    """
    said = credential(headers.get("authorization", ""))
    if said is None or not _covers(said.signed, headers):
        return False
    try:
        fields = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
        signed = {name: headers[name].strip() for name in said.signed}
        due = _signature(method, path, canonical_query(fields), signed, body, secret)
        return hmac.compare_digest(due.encode(), said.signature.encode())
    except ValueError:  # not UTF-8, or too many
        return False


def _covers(signed: Sequence[str], headers: Mapping[str, str]) -> bool:
    """Whether the signed headers are there, sorted and told once, and are those that matter."""
    needed = {"host", *(name for name in headers if name.startswith("x-acs-"))}
    return list(signed) == sorted(set(signed)) and needed <= set(signed) <= headers.keys()


def _signature(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, secret: str
) -> str:
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join((method, path, query, lines, ";".join(headers), digest(body)))
    told = f"{ALGORITHM}\n{digest(request.encode())}"
    return hmac.digest(secret.encode(), told.encode(), "sha256").hex()


def _encode(text: str) -> str:
    return quote(text, safe="~")
