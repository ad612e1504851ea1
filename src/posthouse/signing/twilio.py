"""Twilio's webhook signature, `X-Twilio-Signature`: HMAC-SHA1 under the account's auth token.

Signed is the address that Twilio called, whole, and for a form each name and value behind it, by name. A body
that is no form is signed by its hash, `bodySHA256` in the address. (Twilio "Webhooks security";
request_validator.py of the Python SDK 9.13.0.) Signatures under a shared key, which name themselves in
`X-Twilio-Webhooks-Signature-Settings`, do not verify.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, parse_qsl

FIELDS_MAX = 1000
"""Of a form; Twilio sends a few dozen."""
PORTS = {"https": "443", "http": "80"}

Pairs = Iterable[tuple[str, str]]


def sign(token: str, url: str, form: Pairs = ()) -> str:
    """The signature of a call to `url`; of a value that comes twice, one is signed."""
    said = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.digest(token.encode(), said.encode(), "sha1")).decode()


def verify(token: str, url: str, *, content_type: str, body: bytes, signature: str) -> bool:
    """Whether the signature is right; with and without the port, since Twilio is not of one mind about it."""
    try:
        form = _form(url, content_type, body)
        # All are computed before any is compared, so that time tells nothing.
        valid = [hmac.compare_digest(sign(token, each, form), signature) for each in spellings(url)]
    except (ValueError, TypeError):
        # Not UTF-8, too many fields, a hash that is wrong; a signature or an address that is not ASCII.
        return False
    # Under no token anybody could sign.
    return bool(token) and any(valid)


def spellings(url: str) -> Iterator[str]:
    """The address with its port (or its scheme's), and without."""
    scheme, _, rest = url.partition("://")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    netloc, path = rest[:end], rest[end:]
    # The port is behind the last colon, which must be outside the brackets of an IPv6 address.
    host, colon, port = netloc.rpartition(":")
    if not colon or "]" in port:
        host, port = netloc, PORTS.get(scheme, "443")
    yield f"{scheme}://{host}{path}"
    yield f"{scheme}://{host}:{port}{path}"


def _form(url: str, content_type: str, body: bytes) -> list[tuple[str, str]]:
    """What of the body is signed beside the address.

    Raises:
        ValueError: nothing vouches for the body.
    """
    if not body:
        return []
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    told = parse_qs(url.partition("?")[2], max_num_fields=FIELDS_MAX).get("bodySHA256", [""])[0]
    if not hmac.compare_digest(told.lower(), hashlib.sha256(body).hexdigest()):
        raise ValueError("the body is not the one that was signed")
    return []
