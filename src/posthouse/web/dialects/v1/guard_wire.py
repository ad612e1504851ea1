"""What the calls about the guard read and answer, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from posthouse.core.errors import Code
from posthouse.core.guard import Rule
from posthouse.core.guard_changes import BLOCK_MAX_S, BLOCK_MIN_S, MIN_SENDS_MAX, PER_HOUR_MAX
from posthouse.core.number_kinds import KINDS
from posthouse.core.ports.guard import PREFIXES_MAX
from posthouse.services.guarding import TTL_MAX_S, TTL_MIN_S
from posthouse.web.body import Fault
from posthouse.web.dialects.v1.admin_wire import Money
from posthouse.web.dialects.v1.pages import NextCursor
from posthouse.web.dialects.v1.records import Time
from posthouse.web.dialects.v1.wire import Key

RuleMode = Annotated[
    Literal["enforce", "shadow", "off"],
    Meta(description="Whether the rule refuses, only notes what it would refuse, or is not asked."),
]
SimulatorMode = Annotated[
    Literal["enforce", "shadow"],
    Meta(
        description=(
            "Whether the usual bounds refuse codes to the simulator too, or only note what they would; "
            "what you set yourself refuses there in any case."
        ),
        examples=["shadow"],
    ),
]
Countries = Annotated[
    list[Annotated[str, Meta(max_length=2)]],
    Meta(
        description="The countries whose numbers get codes (ISO 3166, two letters); null: all.",
        examples=[["CN", "US"]],
        max_length=300,
    ),
]
PerHour = Annotated[
    int, Meta(description="Codes within any hour; null: no bound.", ge=1, le=PER_HOUR_MAX, examples=[30])
]
BlockSeconds = Annotated[
    int,
    Meta(
        description="How long what trips the rule is blocked; null: until the hour has room again.",
        ge=BLOCK_MIN_S,
        le=BLOCK_MAX_S,
        examples=[3600],
    ),
]
Types = Annotated[
    list[str],
    Meta(
        description="Types of numbers that get no codes.",
        examples=[["premium_rate", "shared_cost"]],
        max_length=len(KINDS),
        extra_json_schema={"items": {"enum": sorted(KINDS)}},
    ),
]
MinSends = Annotated[
    int,
    Meta(
        description="Verifications of a prefix within the hour before it is judged.",
        ge=1,
        le=MIN_SENDS_MAX,
        examples=[20],
    ),
]


class SetRule(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A rule to change."""

    mode: RuleMode | UnsetType = UNSET


class SetNumberTypes(SetRule, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which types of numbers get no codes."""

    types: Types | UnsetType = UNSET


class SetAccountVelocity(SetRule, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How many codes the whole account sends."""

    per_hour: PerHour | UnsetType | None = UNSET


class SetVelocity(SetAccountVelocity, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How many codes go to one prefix, or for one address."""

    block_s: BlockSeconds | UnsetType | None = UNSET


class SetConversion(SetRule, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Prefixes whose codes are hardly ever verified."""

    min_sends: MinSends | UnsetType = UNSET
    block_s: BlockSeconds | UnsetType | None = UNSET


class SetRules(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Rules to change; what is absent stays."""

    country: SetRule | UnsetType = UNSET
    number_type: SetNumberTypes | UnsetType = UNSET
    blocklist: SetRule | UnsetType = UNSET
    velocity_prefix: SetVelocity | UnsetType = UNSET
    velocity_range: SetVelocity | UnsetType = UNSET
    velocity_address: SetVelocity | UnsetType = UNSET
    velocity_account: SetAccountVelocity | UnsetType = UNSET
    spend: SetRule | UnsetType = UNSET
    conversion: SetConversion | UnsetType = UNSET


class SetSpend(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The most that codes may cost."""

    hour: Annotated[Money | UnsetType | None, Meta(description="In any hour; null: no bound.")] = UNSET
    day: Annotated[Money | UnsetType | None, Meta(description="In any day; null: no bound.")] = UNSET


class GuardChanges(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What to change of an account's guard; what is absent stays."""

    countries: Countries | UnsetType | None = UNSET
    simulator: SimulatorMode | UnsetType = UNSET
    spend: Annotated[SetSpend | UnsetType, Meta(description="The most that codes may cost.")] = UNSET
    rules: Annotated[SetRules | UnsetType, Meta(description="Rules, by their names.")] = UNSET


class RuleReply(Struct, omit_defaults=True):
    """A rule as it is set, and what it said of the last day's codes; only the fields that it has."""

    mode: Annotated[str, Meta(extra_json_schema={"enum": ["enforce", "shadow", "off"]})]
    refused_24h: Annotated[int, Meta(description="Codes that it refused.")]
    shadowed_24h: Annotated[int, Meta(description="Codes that it would have refused.")]
    per_hour: Annotated[int | UnsetType | None, Meta(description="null: no bound.")] = UNSET
    block_s: Annotated[int | UnsetType | None, Meta(description="null: nothing is blocked.")] = UNSET
    types: list[str] | UnsetType = UNSET
    min_sends: int | UnsetType | None = UNSET


class SpendReply(Struct):
    """The most that codes may cost in any hour and day; null: no bound."""

    hour: Annotated[str | None, Meta(examples=["10.00"])]
    day: Annotated[str | None, Meta(examples=["100.00"])]


class BreakerReply(Struct):
    """Whether checks are paused, since too many different numbers got wrong codes."""

    open: bool
    until: Time | None


class GuardReply(Struct):
    """An account's guard against pumped traffic."""

    countries: Annotated[list[str] | None, Meta(description="null: all.", examples=[["CN", "US"]])]
    simulator: Annotated[str, Meta(extra_json_schema={"enum": ["enforce", "shadow"]})]
    spend: SpendReply
    rules: Annotated[
        dict[str, RuleReply],
        Meta(
            description="Rules in the order they are asked.",
            extra_json_schema={"propertyNames": {"enum": list(Rule)}},
        ),
    ]
    breaker: BreakerReply


class EntryRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A prefix of numbers, or an end user's address; one of the two."""

    prefix: (
        Annotated[
            str,
            Meta(
                description="What numbers begin with, country code included.",
                examples=["+23767"],
                min_length=1,
                max_length=64,
            ),
        ]
        | None
    ) = None
    address: (
        Annotated[
            str,
            Meta(
                description="IPv4, or IPv6, of which the /64 counts.",
                examples=["203.0.113.7"],
                min_length=1,
                max_length=64,
            ),
        ]
        | None
    ) = None
    ttl_s: (
        Annotated[
            int,
            Meta(
                description="For how long; for good when absent.",
                examples=[86400],
                ge=TTL_MIN_S,
                le=TTL_MAX_S,
            ),
        ]
        | None
    ) = None
    idempotency_key: Key | None = None


class EntryRow(Struct):
    """A prefix or an address on one of the guard's lists."""

    id: Annotated[str, Meta(examples=["grd_0c7xk3m9p2q4r"])]
    prefix: Annotated[str | None, Meta(examples=["+23767"])]
    address: Annotated[str | None, Meta(examples=["203.0.113.7"])]
    rule: Annotated[
        str | None,
        Meta(
            description="The rule that made it; null: somebody did.",
            extra_json_schema={"enum": list(Rule)},
        ),
    ]
    platform: Annotated[bool, Meta(description="It holds for every account, and is not the account's.")]
    mode: Annotated[
        str | None,
        Meta(
            description="For codes of these keys; null: of all.",
            extra_json_schema={"enum": ["live", "test"]},
        ),
    ]
    created_at: Time
    expires_at: Annotated[Time | None, Meta(description="null: never.")]


class EntryRows(Struct):
    """Entries of a list, newest first."""

    data: list[EntryRow]
    next_cursor: NextCursor


class PrefixesRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The whole list; the one of before is forgotten."""

    prefixes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]],
        Meta(
            description="What numbers begin with that get no codes, whoever asks; an empty list blocks none.",
            examples=[["+23767", "+8835"]],
            max_length=PREFIXES_MAX,
        ),
    ]


class PrefixesReply(Struct):
    """The platform's prefixes, in their order."""

    count: Annotated[int, Meta(examples=[2])]
    prefixes: Annotated[list[str], Meta(examples=[["+23767", "+8835"]])]


class PrefixesCount(Struct):
    """How long the platform's list is."""

    count: Annotated[int, Meta(examples=[2])]


FAULTS: Mapping[str, Fault] = {
    "mode": (Code.INVALID_VALUE, {"allowed": "enforce, shadow, off"}),
    "simulator": (Code.INVALID_VALUE, {"allowed": "enforce, shadow"}),
    "countries": (Code.INVALID_VALUE, {"kind": "country"}),
    "per_hour": (Code.INVALID_VALUE, {"minimum": 1, "maximum": PER_HOUR_MAX}),
    "block_s": (Code.INVALID_VALUE, {"minimum": BLOCK_MIN_S, "maximum": BLOCK_MAX_S}),
    "min_sends": (Code.INVALID_VALUE, {"minimum": 1, "maximum": MIN_SENDS_MAX}),
    "ttl_s": (Code.INVALID_VALUE, {"minimum": TTL_MIN_S, "maximum": TTL_MAX_S}),
    "prefix": (Code.INVALID_VALUE, {"kind": "prefix"}),
    "prefixes": (Code.INVALID_VALUE, {"kind": "prefix"}),
    "address": (Code.INVALID_VALUE, {"kind": "ip"}),
}
"""Fields whose faulty values are told what would do."""
