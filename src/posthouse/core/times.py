"""Times: microseconds since 1970, UTC, wherever they are stored or compared."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from posthouse.core.errors import Code, Refusal

SEND_AT_MAX_US = 90 * 86_400 * 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def rfc3339(at: int) -> str:
    """The time as RFC 3339 in UTC, always with six decimals."""
    second, rest = divmod(at, 1_000_000)
    return f"{_until_second(second)}.{rest:06d}Z"


def rfc3339_or_none(at: int | None) -> str | None:
    """The same for a time that may be missing."""
    return None if at is None else rfc3339(at)


@lru_cache(maxsize=4096)
def _until_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def micros(when: datetime) -> int:
    """Microseconds of a time that knows its zone."""
    return (when - _EPOCH) // _MICROSECOND


def day_of(at: int, zone: tzinfo) -> int:
    """The date in this zone, as yyyymmdd."""
    local = datetime.fromtimestamp(at // 1_000_000, zone)
    return local.year * 10_000 + local.month * 100 + local.day


def sending_time(send_at: int, now: int) -> int:
    """The time itself; refuses with SEND_AT_IN_PAST and SEND_AT_TOO_FAR."""
    if send_at <= now:
        clock = _until_second(now // 1_000_000)
        raise Refusal(Code.SEND_AT_IN_PAST, param="send_at", now=f"{clock}Z")
    if send_at > now + SEND_AT_MAX_US:
        raise Refusal(Code.SEND_AT_TOO_FAR, param="send_at", days=SEND_AT_MAX_US // 86_400_000_000)
    return send_at
