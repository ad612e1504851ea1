"""How a caller proves who it is: each surface has one of these ways."""

from typing import Protocol

from posthouse.core.errors import Code, Refusal
from posthouse.services.directory import Caller, Directory
from posthouse.web.asgi import Headers


class Credentials(Protocol):
    """Where a surface's requests carry their credential.

    Attributes:
        challenge: the WWW-Authenticate header of a 401, where there is a scheme to name.
    """

    challenge: bytes | None

    def remembered(self, headers: Headers, directory: Directory) -> Caller | None:
        """The caller who showed the same credential before. Refuses with UNAUTHENTICATED."""
        ...

    async def identify(self, headers: Headers, directory: Directory) -> Caller:
        """The caller, proven. Refuses with UNAUTHENTICATED."""
        ...


class Bearer:
    """`Authorization: Bearer <key>`."""

    challenge: bytes | None = b"Bearer"

    def remembered(self, headers: Headers, directory: Directory) -> Caller | None:
        """A look into the directory's memory."""
        return directory.remembered(_bearer(headers))

    async def identify(self, headers: Headers, directory: Directory) -> Caller:
        """A look into the store."""
        return await directory.identify(_bearer(headers))


class ApiKey:
    """`X-API-Key` with `X-API-Secret`."""

    challenge: bytes | None = None

    def remembered(self, headers: Headers, directory: Directory) -> Caller | None:
        """A look into the directory's memory."""
        return directory.remembered_pair(*_pair(headers))

    async def identify(self, headers: Headers, directory: Directory) -> Caller:
        """A look into the store."""
        return await directory.identify_pair(*_pair(headers))


def _bearer(headers: Headers) -> str:
    given = headers.get(b"authorization", b"")
    if given[:7].lower() != b"bearer ":
        raise Refusal(Code.UNAUTHENTICATED)
    return _ascii(given[7:])


def _pair(headers: Headers) -> tuple[str, str]:
    return _ascii(headers.get(b"x-api-key", b"")), _ascii(headers.get(b"x-api-secret", b""))


def _ascii(given: bytes) -> str:
    try:
        return given.strip().decode("ascii")
    except UnicodeDecodeError:
        raise Refusal(Code.UNAUTHENTICATED) from None
