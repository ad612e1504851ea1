"""What the calls about routes read and answer, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from posthouse.core.errors import Code
from posthouse.core.message import Lane
from posthouse.core.rules import ENTRIES_MAX, POSITION_MAX, RECEIPT_MAX_S, RECEIPT_MIN_S
from posthouse.services.naming import NAME_MAX
from posthouse.web.body import Fault
from posthouse.web.dialects.v1.records import Price
from posthouse.web.dialects.v1.wire import Key, Purpose, To

Name = Annotated[
    str,
    Meta(
        description="The route's name: letters, digits, dots, underscores and hyphens.",
        min_length=1,
        max_length=NAME_MAX,
        examples=["mainland-otp"],
    ),
]
Position = Annotated[
    int,
    Meta(
        description="Of the routes that apply to a message the one with the lowest position decides.",
        ge=0,
        le=POSITION_MAX,
        examples=[10],
    ),
]
_LABELS = [lane.label for lane in Lane]
_Word = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
Accounts = Annotated[
    list[_Word],
    Meta(
        description="Only messages of these accounts; empty: of all.",
        max_length=ENTRIES_MAX,
        examples=[["acme"]],
    ),
]
Purposes = Annotated[
    list[Purpose],
    Meta(
        description="Only messages of these purposes; empty: of all.",
        max_length=len(Lane),
        examples=[["otp"]],
    ),
]
Countries = Annotated[
    list[Annotated[str, Meta(max_length=2)]],
    Meta(
        description="Only to these countries (ISO 3166, two letters); empty: to all.",
        max_length=ENTRIES_MAX,
        examples=[["CN"]],
    ),
]
Prefixes = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=64)]],
    Meta(
        description="Only to numbers that begin so, country code included; empty: to all.",
        max_length=ENTRIES_MAX,
        examples=[["+8613"]],
    ),
]
TemplateIds = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=64)]],
    Meta(
        description="Only with these templates; empty: with any, or none.",
        max_length=ENTRIES_MAX,
        examples=[["login"]],
    ),
]
Hours = Annotated[
    str,
    Meta(
        description="Only at this time of the day, on the clocks of the configured zone; null: always.",
        examples=["09:00-21:00"],
        max_length=20,
    ),
]
ChannelNames = Annotated[
    list[_Word],
    Meta(
        description="Channels, or vendors for all of theirs, in the order in which they are tried.",
        max_length=ENTRIES_MAX,
        examples=[["tencent", "aliyun-2"]],
    ),
]
Only = Annotated[
    bool,
    Meta(description="Whether no other channels may carry these messages; else they follow, as usual."),
]
ReceiptWithin = Annotated[
    int,
    Meta(
        description=(
            "Seconds after which a message of which no receipt came is sent once more, over another channel; "
            "null: never. Not for marketing, and one-time passwords are looked after by themselves."
        ),
        ge=RECEIPT_MIN_S,
        le=RECEIPT_MAX_S,
        examples=[60],
    ),
]


class RouteRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A route to make: what is said of messages must hold altogether."""

    name: Name
    position: Annotated[Position | None, Meta(description="Behind all others when absent.")] = None
    accounts: Accounts = []
    purposes: Purposes = []
    countries: Countries = []
    prefixes: Prefixes = []
    templates: TemplateIds = []
    hours: Hours | None = None
    channels: ChannelNames = []
    only: Only = False
    receipt_within_s: ReceiptWithin | None = None
    idempotency_key: Key | None = None


class RouteChanges(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What to change of a route; what is absent stays."""

    position: Position | UnsetType = UNSET
    accounts: Accounts | UnsetType = UNSET
    purposes: Purposes | UnsetType = UNSET
    countries: Countries | UnsetType = UNSET
    prefixes: Prefixes | UnsetType = UNSET
    templates: TemplateIds | UnsetType = UNSET
    hours: Hours | UnsetType | None = UNSET
    channels: ChannelNames | UnsetType = UNSET
    only: Only | UnsetType = UNSET
    receipt_within_s: ReceiptWithin | UnsetType | None = UNSET


class RouteRow(Struct):
    """A route: which messages it is for, and where they go."""

    name: Name
    position: Position
    accounts: Accounts
    purposes: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"enum": _LABELS})]],
        Meta(description="Empty: all.", examples=[["otp"]]),
    ]
    countries: Countries
    prefixes: Prefixes
    templates: TemplateIds
    hours: Hours | None
    channels: ChannelNames
    only: Only
    receipt_within_s: ReceiptWithin | None


class RouteRows(Struct):
    """All routes, in the order in which they are held against messages."""

    data: list[RouteRow]


class ExplainRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A message that is only thought of."""

    to: To
    purpose: (
        Annotated[Purpose, Meta(description="When absent, the template's, else notification.")] | None
    ) = None
    template_id: (
        Annotated[
            str,
            Meta(
                description="A template; one we do not know is the vendor's own.", min_length=1, max_length=64
            ),
        ]
        | None
    ) = None
    body: Annotated[str, Meta(description="The text, to count its segments.", max_length=10_000)] | None = (
        None
    )
    vendor: (
        Annotated[str, Meta(description="The vendor or channel the sender asks for.", max_length=NAME_MAX)]
        | None
    ) = None
    account: (
        Annotated[str, Meta(description="In whose name; one's own account when absent.", max_length=NAME_MAX)]
        | None
    ) = None


class Way(Struct):
    """A channel that could carry it."""

    channel: Annotated[str, Meta(examples=["tencent-1"])]
    vendor: Annotated[str, Meta(examples=["tencent"])]
    cost: Annotated[Price, Meta(description="What a segment costs us there.")]
    why: Annotated[str, Meta(examples=["chosen"])]


class LeftOut(Struct):
    """A channel that could not, and why."""

    channel: Annotated[str, Meta(examples=["sandbox"])]
    why: Annotated[str, Meta(examples=["it does not carry US"])]


class ExplainReply(Struct):
    """Which way the message would go now; nothing was sent, stored or held."""

    to: Annotated[str, Meta(description="E.164.", examples=["+8613800138000"])]
    country: Annotated[str, Meta(examples=["CN"])]
    account: Annotated[str, Meta(examples=["acme"])]
    purpose: Annotated[str, Meta(extra_json_schema={"enum": _LABELS})]
    segments: Annotated[int, Meta(description="Parts of the text; 1 where none was given.")]
    rule: Annotated[
        str | None, Meta(description="The route that decides; null: none applies.", examples=["mainland-otp"])
    ]
    channel: Annotated[str | None, Meta(description="Who would carry it first; null: no channel would.")]
    vendor: Annotated[str | None, Meta(description="The channel's vendor.")]
    cost: Annotated[Price | None, Meta(description="What all segments cost us there.")]
    candidates: Annotated[list[Way], Meta(description="In the order in which they would be tried.")]
    considered: Annotated[list[LeftOut], Meta(description="The channels left out.")]


FAULTS: Mapping[str, Fault] = {
    "purposes": (Code.INVALID_VALUE, {"allowed": ", ".join(_LABELS)}),
    "purpose": (Code.INVALID_PURPOSE, {"allowed": ", ".join(_LABELS)}),
    "receipt_within_s": (Code.INVALID_VALUE, {"minimum": RECEIPT_MIN_S, "maximum": RECEIPT_MAX_S}),
    "position": (Code.INVALID_VALUE, {"minimum": 0, "maximum": POSITION_MAX}),
}
"""Fields whose faulty values are told what would do."""
