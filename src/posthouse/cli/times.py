"""Times as people type them."""

import re
from datetime import UTC, datetime

import typer

_AGO = re.compile(r"(\d{1,6})\s*([smhd])", re.ASCII)
_UNITS_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def past(text: str, now: int, option: str) -> int:
    """Microseconds since 1970 from a time, or from how long ago it was (`90s 15m 2h 7d`).

    Raises:
        BadParameter: it is neither.
    """
    return _instant(text, now, -1, option)


def future(text: str, now: int) -> int:
    """The same for `--at`, looking forward: `15m` is in a quarter of an hour."""
    return _instant(text, now, 1, "--at")


def _instant(text: str, now: int, sign: int, option: str) -> int:
    span = _AGO.fullmatch(text.strip())
    if span is not None:
        return now + sign * int(span[1]) * _UNITS_US[span[2]]
    try:
        told = datetime.fromisoformat(text.strip())
        # A time without a zone is read in this machine's.
        micros = (told.astimezone(UTC) - _EPOCH).total_seconds() * 1_000_000
    except (ValueError, OverflowError, OSError):
        raise typer.BadParameter(
            f"{text!r} is no time: use 2026-12-01, 2026-12-01T08:00 (this machine's zone), "
            "2026-12-01T08:00:00+08:00, or a span such as 15m, 2h or 7d.",
            param_hint=option,
        ) from None
    return round(micros)
