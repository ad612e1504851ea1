"""Addresses that somebody else chose to be called: public ones only, whatever a name resolves to.

`connector.py` holds connections to it.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

PORTS = frozenset({80, 443, 8443})
"""Where web servers listen; behind other ports are other services, which may misread a request."""

_GLOBAL = IPv6Network("2000::/3")
# Which `is_global` takes for public ones: relays that lead back to IPv4 (RFC 7526, 3056), and a cloud's own
# services at an address that looks public.
_INSIDE = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "168.63.129.16/32",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
        ),
    )
)


def public(address: Address) -> bool:
    """Whether an address is reached over the public internet, and only so.

    Translated, mapped and tunnelled forms of IPv4 in IPv6 are not, whatever they stand for.
    """
    if isinstance(address, IPv6Address) and address not in _GLOBAL:
        return False
    within = any(address in network for network in _INSIDE if network.version == address.version)
    return address.is_global and not address.is_multicast and not within


def objection(url: str) -> str | None:
    """Why this may not be called, as far as it shows; None for nothing. What a name leads to shows later."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme not in ("http", "https") or not host:
        return "it must begin with https:// or http:// and a host"
    if parts.username is not None or parts.password is not None:
        return "it must hold no user or password"
    if port is not None and port not in PORTS:
        return f"its port must be one of {', '.join(map(str, sorted(PORTS)))}"
    try:
        address = ip_address(host)
    except ValueError:
        return None if "." in host.strip(".") else f"{host[:60]} is no public name"
    return None if public(address) else f"{host[:60]} is no public address"


def may_be_called(address: Address, port: int) -> bool:
    """Whether this address and port may be connected to."""
    return port in PORTS and public(address)
