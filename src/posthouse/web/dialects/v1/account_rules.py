"""Quiet hours and recipient limits, as requests and replies about accounts show them."""

from typing import Annotated

from msgspec import Meta, Struct, UnsetType
from msgspec.structs import asdict

from posthouse.core.limits import LIMIT_MAX, Limits, RecipientLimits
from posthouse.core.message import Lane

QuietHours = Annotated[
    str,
    Meta(
        description=(
            "From when until when messages for marketing wait, on the clocks of the server's zone; over "
            "midnight where the end is the earlier. null: no quiet hours."
        ),
        examples=["21:00-08:00"],
        extra_json_schema={"pattern": r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"},
    ),
]
_Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX)]


class PurposeLimits(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The most messages of one purpose that may be accepted for one number."""

    minute: Annotated[_Limit | None, Meta(description="In any 60 s.")] = None
    hour: Annotated[_Limit | None, Meta(description="In any 3,600 s.")] = None
    day: Annotated[_Limit | None, Meta(description="In any 86,400 s.")] = None


class LimitsByPurpose(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How many messages one number may get, by their purpose; what is absent has no limit."""

    otp: PurposeLimits | None = None
    notification: PurposeLimits | None = None
    marketing: PurposeLimits | None = None


Limited = Annotated[
    LimitsByPurpose,
    Meta(
        description="How many messages one number may get, by purpose; what is absent has no limit.",
        examples=[{"marketing": {"minute": 1, "hour": 5, "day": 10}}],
    ),
]

SetLimits = Annotated[
    LimitsByPurpose | UnsetType | None,
    Meta(
        description=(
            "How many messages one number may get, by purpose. What is given replaces all there were: what "
            "is absent has no limit. null or {}: no limits."
        ),
        examples=[{"marketing": {"minute": 1, "hour": 5, "day": 10}}],
    ),
]


def limits_of(given: LimitsByPurpose) -> Limits:
    """The limits that were asked for."""
    return {
        Lane[purpose.upper()]: RecipientLimits(**asdict(each))
        for purpose, each in asdict(given).items()
        if each is not None
    }


def of_limits(limits: Limits) -> LimitsByPurpose:
    """Limits as they are shown."""
    return LimitsByPurpose(**{lane.label: PurposeLimits(**each._asdict()) for lane, each in limits.items()})
