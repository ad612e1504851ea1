"""An account's quiet hours and limits as they are typed, and as they are shown."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from posthouse.core.limits import Limits
    from posthouse.core.ports.queries import AccountRecord
    from posthouse.core.quiet import QuietHours

NONE = "none"

QuietHoursOption = Annotated[
    str | None,
    typer.Option(
        metavar="21:00-08:00|none",
        help="When messages for marketing wait, on the clocks of the server's zone.",
    ),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="PURPOSE=N/WINDOW|none",
        help="The most messages for one number in a minute, hour or day, as marketing=2/day; repeatable. "
        "They replace the limits there are.",
    ),
]

_LIMIT = re.compile(r"(otp|notification|marketing)=([0-9]{1,9})/(minute|hour|day)")


def hours(typed: str | None) -> "QuietHours | Literal['none'] | None":
    """Quiet hours as the store takes them.

    Raises:
        BadParameter: they are none.
    """
    from posthouse.core.errors import Refusal
    from posthouse.core.quiet import quiet_hours

    if typed is None:
        return None
    if typed == NONE:
        return "none"
    try:
        return quiet_hours(typed)
    except Refusal:
        begin, sign, end = typed.partition("-")
        if sign and begin == end:
            raise typer.BadParameter(
                f"{typed!r}: begin and end are the same; write none to have no quiet hours.",
                param_hint="--quiet-hours",
            ) from None
        raise typer.BadParameter(
            f"{typed!r} is no time of the day: write 21:00-08:00, or none.", param_hint="--quiet-hours"
        ) from None


def limits(typed: Sequence[str] | None) -> "Limits | None":
    """All limits that were typed, by purpose; None where none was.

    Raises:
        BadParameter: one of them is none.
    """
    from posthouse.core.limits import LIMIT_MAX, NO_LIMITS, RecipientLimits
    from posthouse.core.message import Lane

    if not typed:
        return None
    if list(typed) == [NONE]:
        return NO_LIMITS
    found: dict[Lane, RecipientLimits] = {}
    for each in typed:
        parts = _LIMIT.fullmatch(each)
        if parts is None or not 1 <= int(parts[2]) <= LIMIT_MAX:
            raise typer.BadParameter(
                f"{each!r} is no limit: write marketing=2/day, with otp, notification or marketing, "
                f"1 to {LIMIT_MAX:,}, and minute, hour or day; or none alone.",
                param_hint="--limit",
            )
        lane = Lane.of(parts[1])
        found[lane] = found.get(lane, RecipientLimits())._replace(**{parts[3]: int(parts[2])})
    return found


def fields(account: "AccountRecord") -> dict[str, object]:
    """Both as `/v1` shows them."""
    return {
        "quiet_hours": None if account.quiet_hours is None else str(account.quiet_hours),
        "recipient_limits": _by_purpose(account),
    }


def shown(account: "AccountRecord") -> dict[str, object]:
    """Both for people."""
    told = [
        f"{purpose}={limit}/{window}"
        for purpose, windows in _by_purpose(account).items()
        for window, limit in windows.items()
    ]
    return {
        "quiet_hours": NONE if account.quiet_hours is None else str(account.quiet_hours),
        "recipient_limits": " ".join(told) or NONE,
    }


def _by_purpose(account: "AccountRecord") -> Mapping[str, Mapping[str, int]]:
    return {lane.label: each.given() for lane, each in sorted(account.recipient_limits.items())}
