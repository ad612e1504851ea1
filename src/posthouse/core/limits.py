"""How many messages of one purpose an account may have for one number: in a minute, an hour, a day."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane

LIMIT_MAX = 1_000
DAY_US = 86_400_000_000

_WINDOWS = (("minute", 60_000_000), ("hour", 3_600_000_000), ("day", DAY_US))


class RecipientLimits(NamedTuple):
    """The most messages that may be accepted in any 60 s, 3,600 s and 86,400 s; None: as many as you like."""

    minute: int | None = None
    hour: int | None = None
    day: int | None = None

    def check(self, accepted_at: Sequence[int], now: int) -> None:
        """Refuse one more with RECIPIENT_LIMITED (`limit`, `window`, `retry_after_s`).

        Where several windows are full, the one that is full for longest is told, so that who waits is let
        through. `accepted_at`: when those of the last day were accepted (microseconds), in order.
        """
        full = [
            (wait_us, window, limit)
            for limit, (window, length_us) in zip(self, _WINDOWS, strict=True)
            if limit is not None and (wait_us := _wait_us(accepted_at, now, limit, length_us)) > 0
        ]
        if full:
            wait_us, window, limit = max(full)
            seconds = -(-wait_us // 1_000_000)
            raise Refusal(
                Code.RECIPIENT_LIMITED, param="to", limit=limit, window=window, retry_after_s=seconds
            )

    def given(self) -> dict[str, int]:
        """The limits there are, by their windows."""
        return {window: limit for window, limit in self._asdict().items() if limit is not None}


def _wait_us(accepted_at: Sequence[int], now: int, limit: int, length_us: int) -> int:
    """How long `limit` messages will still fill the window; a limit of none at all is always full."""
    if len(accepted_at) < limit:
        return 0
    return accepted_at[-limit] + length_us - now if limit else length_us


Limits = Mapping[Lane, RecipientLimits]
"""An account's, by purpose; a purpose that is missing has none."""

NO_LIMITS: Limits = MappingProxyType({})


def check_limits(limits: Limits) -> None:
    """Refuse with INVALID_VALUE a limit that is not from 1 to `LIMIT_MAX`."""
    for lane, each in limits.items():
        for window, limit in each.given().items():
            if not 1 <= limit <= LIMIT_MAX:
                param = f"recipient_limits.{lane.label}.{window}"
                raise Refusal(Code.INVALID_VALUE, param=param, minimum=1, maximum=LIMIT_MAX)


def as_json(limits: Limits) -> str | None:
    """As it is stored; None for no limits."""
    written = {lane.label: given for lane, each in sorted(limits.items()) if (given := each.given())}
    return json.dumps(written, separators=(",", ":")) if written else None


def from_json(stored: str | None) -> Limits:
    """The limits that were stored."""
    if stored is None:
        return NO_LIMITS
    return {Lane[label.upper()]: RecipientLimits(**given) for label, given in json.loads(stored).items()}
