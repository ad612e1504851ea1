"""What the calls about accounts, keys and prices read, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from posthouse.core.errors import Code
from posthouse.core.keys import SCOPES
from posthouse.core.ledger import AMOUNT
from posthouse.core.limits import LIMIT_MAX
from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.routing import UnknownPolicy
from posthouse.core.words import WORD_MAX, WORDS_MAX
from posthouse.services.administer import NAME_MAX, RATE_LIMIT_MAX
from posthouse.web.body import Fault
from posthouse.web.dialects.v1.account_rules import QuietHours, SetLimits
from posthouse.web.dialects.v1.pages import PageQuery
from posthouse.web.dialects.v1.wire import Key

SetStatus = Literal["pending", "approved", "rejected"]

Status = Annotated[
    SetStatus, Meta(description="How far the account may go: only an approved one sends for real.")
]
_AMOUNT = {"pattern": f"^{AMOUNT}$"}
Money = Annotated[
    str,
    Meta(
        description="In currency units, with at most six decimals.",
        examples=["100.00"],
        extra_json_schema=_AMOUNT,
    ),
]
Name = Annotated[
    str,
    Meta(
        description="The account's name: one line without a slash.",
        min_length=1,
        max_length=NAME_MAX,
        examples=["acme"],
    ),
]
Region = Annotated[
    str,
    Meta(description="Where bare numbers are read: an ISO 3166 code of two letters.", examples=["CN"]),
]
Policy = Annotated[
    Literal["leave", "resend"],
    Meta(
        description="What becomes of a notification whose fate cannot be learnt: it is left, or sent again."
    ),
]
Strict = Annotated[
    bool, Meta(description="Whether numbers that no country has assigned are refused.", examples=[False])
]
RateLimit = Annotated[
    int,
    Meta(
        description="Calls a second each key of the account may make; null: the usual 5,000.",
        ge=1,
        le=RATE_LIMIT_MAX,
        examples=[5000],
    ),
]


class KeysQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Whose keys, and which page of them."""

    account: (
        Annotated[
            str, Meta(description="The account; one's own when absent. Others' need an operator's key.")
        ]
        | None
    ) = None


class KeyRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A key to issue: with no more rights than the key that asks for it."""

    name: (
        Annotated[
            str,
            Meta(
                description="What it is for, to tell it from others.",
                min_length=1,
                max_length=NAME_MAX,
                examples=["billing service"],
            ),
        ]
        | None
    ) = None
    mode: (
        Annotated[Literal["live", "test"], Meta(description="With test everything goes to the simulator.")]
        | None
    ) = None
    scopes: (
        Annotated[
            list[str],
            Meta(
                description="What it may do; when absent, all that is usual and the asking key may.",
                examples=[["messages:write", "messages:read"]],
                extra_json_schema={"items": {"enum": sorted(SCOPES)}},
                min_length=1,
                max_length=len(SCOPES),
            ),
        ]
        | None
    ) = None
    account: (
        Annotated[str, Meta(description="Whose it will be; one's own account when absent. Operators only.")]
        | None
    ) = None
    role: (
        Annotated[
            Literal["account", "operator"],
            Meta(description="An operator's key also rules the platform's resources. Operators only."),
        ]
        | None
    ) = None
    idempotency_key: Key | None = None


class AccountRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An account to open."""

    name: Name
    balance: Money = "0"
    status: Status = "pending"
    region: Region = "CN"
    unknown_policy: Policy = "leave"
    strict_numbers: Strict = False
    rate_limit: RateLimit | None = None
    idempotency_key: Key | None = None


class AccountChanges(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What to change of an account; what is absent stays."""

    status: Status | UnsetType = UNSET
    region: Region | UnsetType = UNSET
    unknown_policy: Policy | UnsetType = UNSET
    strict_numbers: Strict | UnsetType = UNSET
    rate_limit: RateLimit | UnsetType | None = UNSET
    quiet_hours: QuietHours | UnsetType | None = UNSET
    recipient_limits: SetLimits = UNSET


class CreditRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Money to add."""

    amount: Money
    idempotency_key: Key | None = None


class WordsRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A whole list of words; the one of before is forgotten."""

    words: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=WORD_MAX)]],
        Meta(
            description=(
                "What no message of the account may hold, however it is cased, full-width or half: one line "
                "each. An empty list lets everything pass."
            ),
            examples=[["稳赚不赔", "free money"]],
            max_length=WORDS_MAX,
        ),
    ]


class PricesRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lines of a price list to set; lines that are not named stay."""

    prices: Annotated[
        dict[Annotated[str, Meta(max_length=2)], Annotated[str, Meta(extra_json_schema=_AMOUNT)] | None],
        Meta(
            description=(
                "Country (ISO 3166, two letters), or * for all others → price of a part in currency units; "
                "null takes a country's line out, so that * holds for it again."
            ),
            examples=[{"*": "0.05", "US": "0.08"}],
            min_length=1,
            max_length=300,
        ),
    ]


class ActivateRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Nothing needs to be said. All callers on this machine share idempotency keys here: use a random one."""

    idempotency_key: Key | None = None


FAULTS: Mapping[str, Fault] = {
    "status": (Code.INVALID_VALUE, {"allowed": "pending, approved, rejected"}),
    "unknown_policy": (Code.INVALID_VALUE, {"allowed": ", ".join(UnknownPolicy)}),
    "mode": (Code.INVALID_VALUE, {"allowed": ", ".join(Mode)}),
    "role": (Code.INVALID_VALUE, {"allowed": ", ".join(Role)}),
    "scopes": (Code.INVALID_VALUE, {"allowed": ", ".join(sorted(SCOPES))}),
    "rate_limit": (Code.INVALID_VALUE, {"minimum": 1, "maximum": RATE_LIMIT_MAX}),
    **dict.fromkeys(("minute", "hour", "day"), (Code.INVALID_VALUE, {"minimum": 1, "maximum": LIMIT_MAX})),
}
"""Fields whose faulty values are told what would do."""
