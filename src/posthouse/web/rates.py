"""How often a key may call, and what the caller is told of it."""

from posthouse.core.errors import Code, Refusal
from posthouse.web.asgi import Fields

_SECOND = 1_000_000
_REMEMBERED_MAX = 10_000


class Rates:
    """One leaky bucket a key, which holds a second's worth of calls."""

    def __init__(self) -> None:
        self._empty_at: dict[str, int] = {}

    def take(self, lookup: str, limit: int, now: int) -> Fields:
        """Count one call of this key; answers the headers of draft-ietf-httpapi-ratelimit-headers-11.

        Refuses with RATE_LIMITED.
        """
        if limit <= 0:
            raise Refusal(Code.RATE_LIMITED, limit=limit, retry_after_s=1)
        drop = max(_SECOND // limit, 1)
        empty_at = max(self._empty_at.get(lookup, 0), now) + drop
        left = (now + _SECOND - empty_at) // drop
        if left < 0:
            raise Refusal(Code.RATE_LIMITED, limit=limit, retry_after_s=1)
        if len(self._empty_at) >= _REMEMBERED_MAX and lookup not in self._empty_at:
            self._empty_at = {key: at for key, at in self._empty_at.items() if at > now}
        self._empty_at[lookup] = empty_at
        return (
            (b"ratelimit-policy", b'"key";q=%d;w=1' % limit),
            (b"ratelimit", b'"key";r=%d;t=1' % left),
        )
