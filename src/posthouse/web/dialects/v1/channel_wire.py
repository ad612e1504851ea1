"""What the calls about channels read, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from posthouse.core.errors import Code
from posthouse.services.channels import CONCURRENCY_MAX, NETWORKS_MAX, RATE_MAX, WEIGHT_MAX
from posthouse.services.naming import NAME_MAX
from posthouse.web.body import Fault
from posthouse.web.dialects.v1.admin_wire import Money
from posthouse.web.dialects.v1.pages import PageQuery
from posthouse.web.dialects.v1.wire import Key

SETTINGS_MAX = 100
COUNTRIES_MAX = 300

Account = Annotated[
    str,
    Meta(
        description=(
            "Whose channel; with an operator's key the platform's when absent, with any other one's own. "
            "Others' need an operator's key."
        ),
        examples=["acme"],
    ),
]
Settings = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64)], str],
    Meta(
        description=(
            "What its vendor kind asks for, see `/v1/vendors`; secrets are sealed and never shown again. "
            "An empty text takes a setting back."
        ),
        examples=[
            {
                "secret_id": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
                "secret_key": "…",
                "sdk_app_id": "1400006666",
            }
        ],
        max_length=SETTINGS_MAX,
    ),
]
Countries = Annotated[
    list[str],
    Meta(
        description="Countries that it carries (ISO 3166); an empty list for all.",
        examples=[["CN", "HK"]],
        max_length=COUNTRIES_MAX,
    ),
]
Costs = Annotated[
    dict[str, Money],
    Meta(
        description="Country → what a part costs us there, where it is not `cost`.",
        examples=[{"CN": "0.04"}],
        max_length=COUNTRIES_MAX,
    ),
]
Cost = Annotated[
    Money,
    Meta(description="What a part costs us, in currency units; it orders channels, and never sets a price."),
]
Rate = Annotated[
    int, Meta(description="Messages a second it is given at most; 0 for any number.", ge=0, le=RATE_MAX)
]
Concurrency = Annotated[int, Meta(description="Calls at once.", ge=1, le=CONCURRENCY_MAX, examples=[8])]
Weight = Annotated[
    int,
    Meta(
        description="Its share among equals; 0: only when there is no other.",
        ge=0,
        le=WEIGHT_MAX,
        examples=[1],
    ),
]
CallbackFrom = Annotated[
    list[str],
    Meta(
        description="Networks that its vendor's callbacks may come from; an empty list for any.",
        examples=[["203.0.113.0/24"]],
        max_length=NETWORKS_MAX,
    ),
]


class ChannelsQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Which channels, and which page of them."""

    account: Annotated[str, Meta(description="Only this account's. Operators only.")] | None = None
    vendor: Annotated[str, Meta(description="Only this vendor's.", examples=["tencent"])] | None = None
    state: Annotated[Literal["active", "draining"], Meta(description="Only those in this state.")] | None = (
        None
    )


class OwnerQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose channel."""

    account: Account | None = None


class OwnerRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whose channel; nothing else needs to be said."""

    account: Account | None = None


class ChannelRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A channel to set up."""

    vendor: Annotated[
        str, Meta(description="Of which vendor kind.", examples=["tencent"], max_length=NAME_MAX)
    ]
    name: (
        Annotated[
            str,
            Meta(
                description=(
                    "What it is called, in `vendor` of a message for one: letters, digits and . _ -; "
                    "as its vendor, and numbered, when absent."
                ),
                examples=["tencent-cn"],
                max_length=NAME_MAX,
            ),
        ]
        | None
    ) = None
    account: Account | None = None
    settings: Settings = {}
    countries: Countries | None = None
    cost: Cost | None = None
    costs: Costs | None = None
    rate_per_s: Rate | None = None
    concurrency: Concurrency | None = None
    weight: Weight | None = None
    callback_from: CallbackFrom | None = None
    idempotency_key: Key | None = None


class ChannelChanges(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What to change of a channel; what is absent stays. Another address needs its secrets anew."""

    account: Account | None = None
    settings: Settings = {}
    countries: Countries | UnsetType = UNSET
    cost: Cost | UnsetType = UNSET
    costs: Costs | UnsetType = UNSET
    rate_per_s: Rate | UnsetType = UNSET
    concurrency: Concurrency | UnsetType = UNSET
    weight: Weight | UnsetType = UNSET
    callback_from: CallbackFrom | UnsetType = UNSET


class RotateRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """New credentials, some or all; the old ones are wiped."""

    account: Account | None = None
    settings: Settings = {}
    callback: Annotated[
        bool, Meta(description="Whether the callback address becomes another too; the old one dies.")
    ] = False


class CheckRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What to try; without anything the channel as it is."""

    account: Account | None = None
    settings: (
        Annotated[Settings, Meta(description="On top of those it has, to be tried before they are stored.")]
        | None
    ) = None


FAULTS: Mapping[str, Fault] = {
    "state": (Code.INVALID_VALUE, {"allowed": "active, draining"}),
}
"""Fields whose faulty values have facts of their own."""
