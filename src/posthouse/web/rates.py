"""How often a key may call."""

from posthouse.core.errors import Code, Refusal

_SECOND = 1_000_000
_REMEMBERED_MAX = 10_000


class Rates:
    """One leaky bucket a key, which holds a second's worth of calls."""

    def __init__(self) -> None:
        self._empty_at: dict[str, int] = {}

    def take(self, lookup: str, limit: int, now: int) -> None:
        """Count one call of this key, or refuse with RATE_LIMITED."""
        if limit <= 0:
            raise Refusal(Code.RATE_LIMITED, limit=limit, retry_after_s=1)
        empty_at = max(self._empty_at.get(lookup, 0), now) + _SECOND // limit
        if empty_at - now > _SECOND:
            raise Refusal(Code.RATE_LIMITED, limit=limit, retry_after_s=1)
        if len(self._empty_at) >= _REMEMBERED_MAX and lookup not in self._empty_at:
            self._empty_at.clear()
        self._empty_at[lookup] = empty_at
