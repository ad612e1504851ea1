"""Connections to public addresses alone, whatever a name resolves to.

A name is looked at when it is resolved, and every address once more when its socket is made: no second
look-up lies between the check and the connection.
"""

import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from posthouse.webhooks.addresses import Address, may_be_called
from posthouse.webhooks.names import Names

DNS_S, KEEPALIVE_S = 30, 15.0
PER_HOST_MAX = 64
"""Connections to one name: another's server is not ours to be flooded."""


def connector(
    allowed: Callable[[Address, int], bool] | None = None, names: AbstractResolver | None = None
) -> aiohttp.TCPConnector:
    """Connections to public addresses alone; anything else fails as a connection that is refused does.

    Each has its own limits and look-ups, so whoever shares one shares them: make one for each owner.
    `allowed`: says of another address and port whether they may be called. `names`: where names lead.
    """
    may = allowed or may_be_called

    def made(info: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
        family, kind, protocol, _, place = info
        _check(str(place[0]), int(place[1]), may)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)  # noqa: FBT003 - the socket's own signature
        return made

    return aiohttp.TCPConnector(
        limit=0,
        limit_per_host=PER_HOST_MAX,
        ttl_dns_cache=DNS_S,
        keepalive_timeout=KEEPALIVE_S,
        resolver=_Checked(names or Names(), may),
        socket_factory=made,
    )


class _Checked(AbstractResolver):
    """A resolver that has no answer where one of several addresses may not be called."""

    def __init__(self, resolver: AbstractResolver, may: Callable[[Address, int], bool]) -> None:
        self._resolver = resolver
        self._may = may

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError for a name that leads inside."""
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            _check(each["host"], each["port"], self._may)
        return found

    async def close(self) -> None:
        """Let go of the resolver behind it."""
        await self._resolver.close()


def _check(host: str, port: int, may: Callable[[Address, int], bool]) -> None:
    """Raises OSError, whose words reach whoever chose the name: not where it leads inside our networks."""
    try:
        allowed = may(ip_address(host), port)
    except ValueError:
        allowed = False
    if not allowed:
        raise OSError(errno.EACCES, "the address may not be called: it is not public")
