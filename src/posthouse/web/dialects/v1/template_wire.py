"""What the calls about templates and signatures read, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from posthouse.core.errors import Code
from posthouse.core.ports.templates import Approval
from posthouse.core.template import NAME_MAX as VARIABLE_NAME_MAX
from posthouse.core.template import TEXT_MAX, USUAL_LENGTH, VALUE_MAX, VARIABLES_MAX
from posthouse.core.text import SIGNATURE_MAX
from posthouse.core.translation import Notation
from posthouse.services.naming import ID_MAX, NAME_MAX
from posthouse.services.reviews import REASON_MAX, VENDOR_ID_MAX
from posthouse.web.body import Fault
from posthouse.web.dialects.v1.wire import Key, Params, Purpose

VERSION_MAX = 1_000_000

Id = Annotated[
    str,
    Meta(
        description="An id of your choice, which is not used again for another; ours when absent.",
        examples=["login-code"],
        extra_json_schema={"minLength": 1, "maxLength": ID_MAX},
    ),
]
Name = Annotated[
    str,
    Meta(
        description="What it is called, for people.",
        min_length=1,
        max_length=NAME_MAX,
        examples=["Login code"],
    ),
]
Kind = Annotated[
    Purpose,
    Meta(description="What its messages are for, unless they say otherwise; marketing is nothing else."),
]
TemplateText = Annotated[
    str,
    Meta(
        description="With {variable}s; a brace that is to be printed is doubled.",
        min_length=1,
        max_length=TEXT_MAX,
        examples=["Your code is {code}."],
    ),
]
Signature = Annotated[
    str,
    Meta(
        description="Placed in front within 【】, which it must not hold itself.",
        examples=["驿站"],
        extra_json_schema={"minLength": 1, "maxLength": SIGNATURE_MAX},
    ),
]
VariableName = Annotated[str, Meta(min_length=1, max_length=VARIABLE_NAME_MAX)]
Lengths = Annotated[
    dict[VariableName, Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": VALUE_MAX})]],
    Meta(
        description=f"The longest value of a variable, in characters; {USUAL_LENGTH} where none is named.",
        max_length=VARIABLES_MAX,
        examples=[{"code": 10}],
    ),
]
Version = Annotated[int, Meta(description="Which version; the newest when absent.", ge=1, le=VERSION_MAX)]
State = Annotated[
    Literal["draft", "pending", "approved", "rejected"],
    Meta(description="How far the vendor's review has come; only what is approved is sent."),
]
Reason = Annotated[
    str,
    Meta(
        description="Why, in the vendor's words.",
        max_length=REASON_MAX,
        examples=["含有未报备的链接"],
    ),
]
VendorId = Annotated[
    str,
    Meta(
        description="The vendor's own id of it.",
        min_length=1,
        max_length=VENDOR_ID_MAX,
        examples=["SMS_154950909"],
    ),
]
_Named = dict[Annotated[str, Meta(min_length=1, max_length=NAME_MAX)], VariableName]
Parameters = Annotated[
    Annotated[list[VariableName], Meta(max_length=VARIABLES_MAX)]
    | Annotated[_Named, Meta(max_length=VARIABLES_MAX)],
    Meta(
        description=(
            "Our variables in the order of the vendor's places, or the vendor's name of a parameter → our "
            "variable. When absent all of them: under their own names for vendors whose templates have names "
            "(aliyun), else in the order of the text."
        ),
        examples=[["code"], {"verify_code": "code"}],
    ),
]


class TemplateRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A template to make."""

    name: Name
    kind: Kind
    text: TemplateText
    id: Id | None = None
    signature: Signature | None = None
    variables: Lengths | None = None
    idempotency_key: Key | None = None


class TemplateChanges(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What to change of a template; what is absent stays. All but the name makes a new version."""

    name: Name | UnsetType = UNSET
    text: TemplateText | UnsetType = UNSET
    signature: Signature | UnsetType | None = UNSET
    variables: Lengths | UnsetType = UNSET


class ImportRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A vendor's template to take over."""

    vendor: Annotated[
        Literal["aliyun", "huawei", "tencent", "twilio"],
        Meta(description="Whose it is, and in whose notation its text stands."),
    ]
    text: Annotated[
        str,
        Meta(
            description="As it stands with the vendor, 【signature】 in front included where there is one.",
            min_length=1,
            max_length=TEXT_MAX,
            examples=["【驿站】您的验证码是{1}，{2}分钟内有效。"],
        ),
    ]
    vendor_template_id: VendorId
    name: Name
    kind: Kind
    id: Id | None = None
    names: (
        Annotated[
            list[VariableName],
            Meta(
                description="Our names for places that have a number only, in their order.",
                max_length=VARIABLES_MAX,
                examples=[["code", "minutes"]],
            ),
        ]
        | None
    ) = None
    state: State = "draft"
    idempotency_key: Key | None = None


class PreviewRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """With which parameters, and where to; nothing needs to be said."""

    params: Params | None = None
    to: (
        Annotated[
            str,
            Meta(
                description="A recipient, whose country decides how a text is counted.",
                examples=["+15555550123"],
            ),
        ]
        | None
    ) = None
    country: (
        Annotated[
            str,
            Meta(
                description="The country itself (ISO 3166, two letters) instead; the account's when absent.",
                examples=["CN"],
            ),
        ]
        | None
    ) = None
    signature: Signature | None = None
    version: Version | None = None


class BindingRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which of the vendor's templates it is, and how the vendor's review stands."""

    vendor_template_id: VendorId
    parameters: Parameters | None = None
    state: State = "draft"
    reason: Reason | None = None
    version: Version | None = None


class SignatureRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A signature to register."""

    name: Annotated[
        str,
        Meta(
            description="The bare name that will stand within 【】, which it must not hold itself.",
            examples=["驿站"],
            extra_json_schema={"minLength": 1, "maxLength": SIGNATURE_MAX},
        ),
    ]
    id: Id | None = None
    idempotency_key: Key | None = None


class ApprovalRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a vendor's review of a signature stands."""

    state: State
    reason: Reason | None = None
    vendor_signature_id: VendorId | None = None


class VersionQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which version."""

    version: Version | None = None


class BindingsQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which bindings to list."""

    version: (
        Annotated[
            int, Meta(description="Only those of this version; of all when absent.", ge=1, le=VERSION_MAX)
        ]
        | None
    ) = None


STATES = ", ".join(Approval)
FAULTS: Mapping[str, Fault] = {
    "kind": (Code.INVALID_VALUE, {"allowed": "otp, notification, marketing"}),
    "state": (Code.INVALID_VALUE, {"allowed": STATES}),
    "vendor": (Code.INVALID_VALUE, {"allowed": ", ".join(sorted(Notation))}),
}
"""Fields whose faulty values have codes of their own, or are told what would do."""

APPROVAL_FAULTS: Mapping[str, Fault] = {"state": FAULTS["state"]}
