"""How often a key may call, and what the caller is told of it."""

from functools import lru_cache
from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.web.asgi import Fields

_SECOND = 10**12  # in picoseconds: so fine that a limit of 700,000 means just that
_MICROSECOND = 10**6
_REMEMBERED_MAX = 10_000


class Taken(NamedTuple):
    """One more call: how many of `limit` are left (below zero: none), and the headers that say so."""

    limit: int
    left: int
    told: Fields

    def check(self) -> None:
        """Refuse with RATE_LIMITED what came too soon."""
        if self.left < 0:
            raise Refusal(Code.RATE_LIMITED, limit=self.limit, retry_after_s=1)


class Rates:
    """One leaky bucket a key, which holds a second's worth of calls."""

    def __init__(self) -> None:
        self._empty_at: dict[str, int] = {}

    def take(self, lookup: str, limit: int, now: int) -> Taken:
        """Count one call of this key, which may make `limit` (from 1 to 1,000,000) a second.

        The headers are those of draft-ietf-httpapi-ratelimit-headers-11.
        """
        now *= _MICROSECOND
        drop = _SECOND // limit
        empty_at = max(self._empty_at.get(lookup, 0), now) + drop
        left = (now + _SECOND - empty_at) // drop
        if left >= 0:
            if len(self._empty_at) >= _REMEMBERED_MAX and lookup not in self._empty_at:
                self._empty_at = {key: at for key, at in self._empty_at.items() if at > now}
            self._empty_at[lookup] = empty_at
        return Taken(
            limit,
            left,
            (_policy(limit), (b"ratelimit", b'"key";r=%d;t=1' % max(left, 0))),
        )


@lru_cache
def _policy(limit: int) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", b'"key";q=%d;w=1' % limit
