"""What can go wrong, and what to do about it.

- PosthouseError
  - CredentialsMissing
  - CredentialsUnreadable
  - InvalidSettings
  - ConnectionFailed
    - TimedOut
  - BadReply
  - StillOpen
  - WebhookInvalid
  - APIError
    - BadRequest (400)
    - AuthenticationError (401)
    - InsufficientBalance (402)
    - PermissionDenied (403)
    - NotFound (404)
    - Conflict (409)
    - Unprocessable (422)
    - RateLimited (429)
    - ServerError (5xx)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posthouse_sdk.records.messages import SmsRecord


class PosthouseError(Exception):
    """Anything this client raises; it can be pickled, so that task queues may hand it on."""

    def __reduce__(self) -> tuple[object, ...]:
        return _revived, (type(self), self.args, self.__dict__)


def _revived(
    kind: type[PosthouseError], args: tuple[object, ...], state: dict[str, object]
) -> PosthouseError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class CredentialsMissing(PosthouseError):
    """No key was given, set or stored."""

    def __init__(self) -> None:
        super().__init__(
            "No API key: none was given to the client, neither POSTHOUSE_API_KEY nor INFRAI_API_KEY is set, "
            "and ~/.infrai/credentials holds none.\n"
            "Fix: export POSTHOUSE_API_KEY=<your key>, or, on the machine that runs the server, open a trial "
            "account with activate()."
        )


class CredentialsUnreadable(PosthouseError):
    """The file with the stored key cannot be read or understood."""


class InvalidSettings(PosthouseError, ValueError):
    """A setting that cannot be used; a key is not repeated."""


class ConnectionFailed(PosthouseError):
    """The connection could not be made, or broke before the whole reply had come."""

    def __init__(self, what: str, *, base_url: str, idempotency_key: str | None) -> None:
        self.base_url = base_url
        self.idempotency_key = idempotency_key
        """The key the call was made under; None when it has none."""
        again = (
            "Whether the request was carried out is not known."
            if idempotency_key is None
            else "Whether the request was carried out is not known; repeating it with "
            f"idempotency_key={idempotency_key!r} is safe."
        )
        super().__init__(
            f"{what}\n{again}\nFix: check that a server runs at {base_url} and can be reached from here."
        )


class TimedOut(ConnectionFailed):
    """No reply came in time."""


class BadReply(PosthouseError):
    """The reply is not one that Posthouse gives: something else answered."""

    def __init__(self, what: str, *, status: int, base_url: str) -> None:
        self.status = status
        super().__init__(
            f"The reply from {base_url} (HTTP {status}) {what}.\n"
            "Fix: check that the base URL is a Posthouse server's, and what a proxy in between may have "
            "answered."
        )


class StillOpen(PosthouseError):
    """The time to wait is up, and the message's fate is not known yet."""

    def __init__(self, record: SmsRecord, *, timeout_s: float) -> None:
        self.record = record
        """The message as it stood last."""
        super().__init__(
            f"{record['sms_id']} is still {record['state']} after {timeout_s:g} s.\n"
            "Fix: wait longer (timeout_s), or look again later with status."
        )


class WebhookInvalid(PosthouseError):
    """What arrived is not a webhook of this sender, or not a fresh one."""


class APIError(PosthouseError):
    """The server refused the request, and says why in a problem document (RFC 9457)."""

    def __init__(
        self,
        *,
        status: int,
        problem: Mapping[str, object],
        base_url: str,
        request_id: str | None,
        retry_after_s: float | None,
    ) -> None:
        self.status = status
        self.problem = problem
        """The whole document, unknown members included."""
        self.code = _text(problem, "code") or "unknown"
        self.title = _text(problem, "title") or f"HTTP {status}"
        self.detail = _text(problem, "detail")
        self.param = _text(problem, "param")
        self.suggested_action = _text(problem, "suggested_action")
        self.retryable = problem.get("retryable") is True
        self.request_id = _text(problem, "request_id") or request_id
        self.type = _text(problem, "type")
        self.retry_after_s = retry_after_s
        """How many seconds to wait before another try; None when the server did not say."""
        self.link = f"{base_url}{self.type}" if (self.type or "").startswith("/") else self.type
        """Where the code is explained, on the very server that answered."""
        super().__init__(self._told())

    def _told(self) -> str:
        cause = f"{self.title}: {self.detail}" if self.detail else self.title
        lines = [f"{cause} [{self.status} {self.code}]"]
        if self.suggested_action:
            lines.append(f"Fix: {self.suggested_action}")
        if self.retry_after_s is not None:
            lines.append(f"Wait: {self.retry_after_s:g} s")
        if self.link:
            lines.append(f"More: {self.link}")
        if self.request_id:
            lines.append(f"Request: {self.request_id}")
        return "\n".join(lines)


class BadRequest(APIError):
    """Something in the request is wrong (400)."""


class AuthenticationError(APIError):
    """The key is missing, wrong or revoked (401)."""


class InsufficientBalance(APIError):
    """There is not enough money (402)."""


class PermissionDenied(APIError):
    """The key or the account may not do this (403)."""


class NotFound(APIError):
    """There is no such thing, or it belongs to another account (404)."""


class Conflict(APIError):
    """It cannot be done as things stand (409)."""


class Unprocessable(APIError):
    """The idempotency key was used for another request (422)."""


class RateLimited(APIError):
    """Too many, or too soon (429)."""


class ServerError(APIError):
    """The server could not do it now (5xx)."""


_BY_STATUS: Mapping[int, type[APIError]] = {
    400: BadRequest,
    401: AuthenticationError,
    402: InsufficientBalance,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: Unprocessable,
    429: RateLimited,
}

_SERVER = 500


def error_of(status: int) -> type[APIError]:
    """The class of error for an HTTP status."""
    return _BY_STATUS.get(status) or (ServerError if status >= _SERVER else APIError)


def _text(problem: Mapping[str, object], name: str) -> str | None:
    found = problem.get(name)
    return found if isinstance(found, str) and found else None
