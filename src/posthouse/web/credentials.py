"""How a caller proves who it is: each surface has one of these ways."""

from typing import Protocol

import msgspec

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


class Unreadable(Exception):
    """The body that should show a credential cannot be read."""


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


class _Shown(msgspec.Struct):
    """The fields of a body that may show a credential; what else it says is passed over."""

    app_id: object = msgspec.field(default=None, name="AppID")
    sdk_app_id: object = msgspec.field(default=None, name="SmsSdkAppid")
    app_key: object = msgspec.field(default=None, name="AppKey")


class ApiKeyOrBody(ApiKey):
    """The same headers or, where neither of them is there, `AppID` with `AppKey` within the body.

    `SmsSdkAppid` is another name of `AppID`.
    """

    def remembered(self, headers: Headers, directory: Directory) -> Caller | None:
        """A look into the directory's memory, where the headers show anything."""
        return None if self.within(headers) else super().remembered(headers, directory)

    def within(self, headers: Headers) -> bool:
        """Whether the credential is to be looked for in the body."""
        return b"x-api-key" not in headers and b"x-api-secret" not in headers

    async def identify_within(self, body: bytes, directory: Directory) -> Caller:
        """The caller, proven by what the body says. Refuses with UNAUTHENTICATED.

        Raises `Unreadable` where the body is no JSON.
        """
        try:
            shown = _shown.decode(body)
        except msgspec.ValidationError:  # JSON, but no object
            raise Refusal(Code.UNAUTHENTICATED) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable from None
        app_id = _text("AppID", shown.app_id) or _text("SmsSdkAppid", shown.sdk_app_id)
        return await directory.identify_pair(app_id, _text("AppKey", shown.app_key))


_shown = msgspec.json.Decoder(_Shown)


def _text(name: str, given: object) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Refusal(Code.WRONG_TYPE, param=name, expected="string")
    return given


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
