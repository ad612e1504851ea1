"""What simulated handsets got, as a test wants to ask for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from posthouse_sdk import Client
from posthouse_sdk.records.messages import SandboxMessage

T = TypeVar("T")

WITHIN_S = 5.0
"""How long to wait for what is on its way."""

_LOOK_AGAIN_S = 0.05
_NEWEST = 100

_SIGNATURE = re.compile(r"【[^】]*】")
_DIGITS = r"(?<![0-9])([0-9]{4,10})(?![0-9])"
_WORD = r"(?:code|password|\bpin\b|\botp\b|验证码|校验码|动态码|密码)"
_NO_STOP = r"[^.,;\u3002\uff0c\uff1b\n]"
_NEAR = r"[^0-9.,;\u3002\uff0c\uff1b\n]{0,24}"
_SAYS = (
    # The last line of a text for Web OTP.
    rf"^@\S+ #{_DIGITS}",
    rf"{_DIGITS}\s*(?:is|as|为|是|作为){_NEAR}{_WORD}",
    rf"{_WORD}{_NO_STOP}{{0,40}}?(?:\bis\b|[:\uff1a是为])\s*{_DIGITS}",
    rf"{_WORD}{_NEAR}{_DIGITS}",
    _DIGITS,
)
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _SAYS)
"""Where a code stands, surest first: texts hold years, times and numbers of orders too."""


class Outbox:
    """The messages that handsets got since this was made."""

    def __init__(self, client: Client) -> None:
        self._client = client
        newest = client.sandbox.messages(limit=1)["data"]
        # The server's own clock draws the line: ours may go otherwise.
        self._since = _received(newest[0]) if newest else None

    def messages(self, number: str) -> list[SandboxMessage]:
        """What the number got so far, newest first, at most 100; without waiting."""
        found = self._client.sandbox.messages(to=number, limit=_NEWEST)["data"]
        return [each for each in found if self._since is None or _received(each) > self._since]

    def last(self, number: str, *, within_s: float = WITHIN_S) -> SandboxMessage:
        """The newest message to the number; waits for it so long, then fails the test."""

        def newest() -> SandboxMessage | None:
            return next(iter(self.messages(number)), None)

        return _awaited(newest, within_s, f"no message reached {number}")

    def last_code(self, number: str, *, within_s: float = WITHIN_S) -> str:
        """The digits in the newest message to the number that holds a code; waits as `last` does."""

        def newest() -> str | None:
            return next((code for each in self.messages(number) if (code := code_in(each["text"]))), None)

        return _awaited(newest, within_s, f"no message with a code reached {number}")


def code_in(text: str) -> str | None:
    """The 4 to 10 digits that a text calls a code, else the first that stand alone."""
    told = _SIGNATURE.sub(" ", text)
    return next((found[1] for pattern in _PATTERNS if (found := pattern.search(told))), None)


def _received(message: SandboxMessage) -> datetime:
    return datetime.fromisoformat(message["received_at"])


def _awaited(look: Callable[[], T | None], within_s: float, what: str) -> T:
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found is not None:
            return found
        # No text is shown: a test's report may be read by anybody.
        assert time.monotonic() < deadline, f"{what} within {within_s:g} s of the test's beginning"  # noqa: S101 - a failed expectation of the test
        time.sleep(_LOOK_AGAIN_S)
