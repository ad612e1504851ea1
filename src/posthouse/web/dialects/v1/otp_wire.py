"""What the calls about one-time passwords read and answer, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct, field

from posthouse.core import otp
from posthouse.core.errors import Code
from posthouse.core.text import SIGNATURE_MAX
from posthouse.web.body import Fault
from posthouse.web.dialects.v1.records import Time
from posthouse.web.dialects.v1.wire import SENDER_MAX, Key, Params, To

Label = Annotated[
    str,
    Meta(
        description="What the code is for, in a word of your own; each purpose has a code of its own.",
        examples=["login"],
        min_length=1,
        max_length=otp.PURPOSE_MAX,
    ),
]
Amount = Annotated[
    str,
    Meta(
        description="An amount that the code is bound to: its check must name the same.",
        examples=["99.00 CNY"],
        min_length=1,
        max_length=otp.BOUND_MAX,
    ),
]
Payee = Annotated[
    str,
    Meta(
        description="A payee that the code is bound to: its check must name the same.",
        examples=["ACME"],
        min_length=1,
        max_length=otp.BOUND_MAX,
    ),
]
RequestId = Annotated[str, Meta(description="The verification's id.", examples=["otp_0c7xk3m9p2q4r"])]


class OtpRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A code to send."""

    to: To
    purpose: Label = otp.PURPOSE
    length: Annotated[int, Meta(description="Digits.", ge=otp.LENGTH_MIN, le=otp.LENGTH_MAX)] = otp.LENGTH
    ttl_s: Annotated[
        int, Meta(description="How long the code can be used.", ge=otp.TTL_MIN_S, le=otp.TTL_MAX_S)
    ] = otp.TTL_S
    template_id: (
        Annotated[
            str,
            Meta(
                description=(
                    "A template of yours of the kind otp, with {code} and perhaps {minutes}; when absent, a "
                    "usual text in Chinese or English, by the number's country."
                ),
                examples=["login-code"],
                min_length=1,
                max_length=64,
            ),
        ]
        | None
    ) = None
    params: (
        Annotated[Params, Meta(description="The template's other variables.", examples=[{"name": "Ada"}])]
        | None
    ) = None
    signature: (
        Annotated[
            str,
            Meta(
                description="Placed in front of the text within 【】.",
                examples=["驿站"],
                extra_json_schema={"minLength": 1, "maxLength": SIGNATURE_MAX},
            ),
        ]
        | None
    ) = None
    from_: (
        Annotated[
            str,
            Meta(description="The sender set up on a channel.", min_length=1, max_length=SENDER_MAX),
        ]
        | None
    ) = field(default=None, name="from")
    vendor: (
        Annotated[
            str, Meta(description="A vendor or channel to use instead of our choice.", examples=["sandbox"])
        ]
        | None
    ) = None
    ip: (
        Annotated[
            str,
            Meta(
                description="The address of your user: the guard counts codes by it.",
                examples=["203.0.113.7"],
                max_length=64,
            ),
        ]
        | None
    ) = None
    domain: (
        Annotated[
            str,
            Meta(
                description="Adds the last line @domain #code, from which browsers fill the code in.",
                examples=["example.com"],
                max_length=100,
            ),
        ]
        | None
    ) = None
    app_hash: (
        Annotated[
            str,
            Meta(
                description="Adds an Android app's hash as the last line, for the SMS Retriever.",
                examples=["FA+9qCX9VSu"],
                max_length=20,
            ),
        ]
        | None
    ) = None
    amount: Amount | None = None
    payee: Payee | None = None
    another_channel: Annotated[
        bool, Meta(description="A code that is sent again goes another way, even if a receipt came.")
    ] = False
    idempotency_key: Key | None = None


class OtpReply(Struct):
    """A code on its way."""

    request_id: RequestId
    expires_at: Annotated[Time, Meta(description="Until when the code can be used.")]
    state: Annotated[
        str,
        Meta(
            description="Of the verification.",
            examples=["pending"],
            extra_json_schema={"enum": list(otp.VerificationState)},
        ),
    ]
    sms_id: Annotated[
        str | None,
        Meta(description="The message; null for a test number.", examples=["sms_0c7xk3m9p2q4r"]),
    ]
    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    purpose: Label
    resend_at: Annotated[
        str,
        Meta(
            description="When the next one may be asked for.",
            examples=["2026-11-21T08:01:00.123456Z"],
            extra_json_schema={"format": "date-time"},
        ),
    ]


class VerifyRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A code to check."""

    to: To
    code: Annotated[
        str,
        Meta(
            description="What the user typed; spaces and hyphens do no harm.",
            examples=["123456"],
            min_length=1,
            max_length=64,
        ),
    ]
    purpose: (
        Annotated[Label, Meta(description="Which code; that of request_id, else default, when absent.")]
        | None
    ) = None
    request_id: (
        Annotated[str, Meta(description="Which code; the newest of the purpose when absent.", max_length=64)]
        | None
    ) = None
    amount: Amount | None = None
    payee: Payee | None = None
    idempotency_key: Key | None = None


class VerifyReply(Struct, omit_defaults=True):
    """Whether the code was right. If not, nothing says why."""

    valid: Annotated[bool, Meta(description="Right, and for the first time.", examples=[True])]
    request_id: Annotated[RequestId | None, Meta(description="Of the code that was right.")] = None
    verified_at: Annotated[Time | None, Meta(description="When, if it was right.")] = None


FAULTS: Mapping[str, Fault] = {
    "from": (Code.INVALID_SENDER, {}),
    "length": (Code.INVALID_VALUE, {"minimum": otp.LENGTH_MIN, "maximum": otp.LENGTH_MAX}),
    "ttl_s": (Code.INVALID_VALUE, {"minimum": otp.TTL_MIN_S, "maximum": otp.TTL_MAX_S}),
}
"""Fields whose faulty values are told what would do."""
