"""Where a request comes from, as far as it can be believed."""

import ipaddress
import re

from posthouse.web.asgi import Headers


def from_this_machine(headers: Headers, client: str | None) -> bool:
    """Whether the client is on this machine, and not merely a proxy on it."""
    if any(name.startswith(b"x-forwarded-") or name in _FORWARDING for name in headers):
        return False
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def to_this_machine(headers: Headers) -> bool:
    """Whether the client called this machine by a name that no page of another site can make its own.

    A browser's page may be led here by a name that resolves to the loopback address (DNS rebinding): then
    Host tells. Or it may send a request across sites: then Origin, or Sec-Fetch-Site, tells.
    """
    host = headers.get(b"host", b"").lower()
    if _LOCAL.fullmatch(host) is None:
        return False
    origin = headers.get(b"origin")
    if origin is not None and origin.lower() not in (b"http://" + host, b"https://" + host):
        return False
    return headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin")


_FORWARDING = frozenset(
    {b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"cf-connecting-ip", b"true-client-ip"}
)
_LOCAL = re.compile(rb"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
