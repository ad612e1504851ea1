"""What `/v1` reads: the request structs, field by field, as the reference shows them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from posthouse.core.errors import Code
from posthouse.core.text import SIGNATURE_MAX
from posthouse.services.submission import VALIDITY_MAX_S
from posthouse.services.submit import BATCH_MAX, KEY_MAX
from posthouse.web.body import Fault

SENDER_MAX = 20
REFERENCE_MAX = 255
METADATA_KEYS_MAX = 16
METADATA_NAME_MAX = 40
METADATA_VALUE_MAX = 500
PARAMS_MAX = 50

Purpose = Literal["otp", "notification", "marketing"]

To = Annotated[
    str,
    Meta(
        description="The recipient: E.164, or a number of the account's default region.",
        examples=["+15555550123", "13800138000"],
    ),
]
Params = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64)], Annotated[str, Meta(max_length=1000)] | int],
    Meta(
        description="The template's parameters; numbers with decimals are written as texts.",
        examples=[{"code": "1234"}],
        max_length=PARAMS_MAX,
    ),
]
Key = Annotated[
    str,
    Meta(
        description=(
            "Makes the request safe to repeat: for 72 h the same key with the same request gets the first "
            "reply again, with another request 422. May stand in the Idempotency-Key header instead."
        ),
        examples=["order-4711-shipped"],
        extra_json_schema={"minLength": 1, "maxLength": KEY_MAX},
    ),
]
Reference = Annotated[
    str,
    Meta(
        description="A label of your own, to find it by.", examples=["order-4711"], max_length=REFERENCE_MAX
    ),
]
OnError = Annotated[
    Literal["reject_all", "accept_rest"],
    Meta(description="Whether one recipient that cannot be accepted stops the whole batch."),
]


class Content(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What may be said of a message beside its recipient."""

    body: Annotated[str, Meta(description="The text. Either this or template_id.")] | None = None
    template_id: (
        Annotated[
            str,
            Meta(
                description="The template to send instead of a text; one we do not know is the vendor's own.",
                min_length=1,
                max_length=64,
            ),
        ]
        | None
    ) = None
    params: Params | None = None
    from_: (
        Annotated[
            str,
            Meta(
                description="The sender: a number, short code or sender id set up on a channel.",
                min_length=1,
                max_length=SENDER_MAX,
            ),
        ]
        | None
    ) = field(default=None, name="from")
    vendor: (
        Annotated[
            str, Meta(description="A vendor or channel to use instead of our choice.", examples=["sandbox"])
        ]
        | None
    ) = None
    signature: (
        Annotated[
            str,
            Meta(
                description="Placed in front of the text within 【】, which it must not hold itself.",
                examples=["驿站"],
                extra_json_schema={"minLength": 1, "maxLength": SIGNATURE_MAX},
            ),
        ]
        | None
    ) = None
    send_at: (
        Annotated[
            str,
            Meta(
                description="When to send, RFC 3339 with a zone, at most 90 days ahead; else at once.",
                extra_json_schema={"format": "date-time"},
                examples=["2026-12-01T08:00:00+08:00"],
            ),
        ]
        | None
    ) = None
    validity_s: (
        Annotated[
            int,
            Meta(
                description="How long to try, from send_at or now; by default 600 s for otp, else a day.",
                ge=1,
                le=VALIDITY_MAX_S,
            ),
        ]
        | None
    ) = None
    purpose: Annotated[Purpose, Meta(description="Also its lane; notification when absent.")] | None = None
    reference: Reference | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Meta(min_length=1, max_length=METADATA_NAME_MAX)],
                Annotated[str, Meta(max_length=METADATA_VALUE_MAX)],
            ],
            Meta(
                description="Kept with the message and given back; no control characters.",
                max_length=METADATA_KEYS_MAX,
            ),
        ]
        | None
    ) = None


class SendRequest(Content, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One message to one recipient."""

    to: To
    idempotency_key: Key | None = None


class BatchItem(Content, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One message of a batch; what it leaves out comes from the batch."""

    to: To


class BatchRequest(Content, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Many messages: one content to many recipients (`to`), or each its own (`messages`)."""

    to: (
        Annotated[
            list[To],
            Meta(
                description="Recipients of one content. Either this or messages.",
                extra_json_schema={"minItems": 1, "maxItems": BATCH_MAX},
            ),
        ]
        | None
    ) = None
    messages: (
        Annotated[
            list[BatchItem],
            Meta(
                description="Messages with contents of their own. Either this or to.",
                extra_json_schema={"minItems": 1, "maxItems": BATCH_MAX},
            ),
        ]
        | None
    ) = None
    on_error: OnError = "reject_all"
    idempotency_key: Key | None = None


class CancelRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Nothing needs to be said; canceling twice is the same as once."""

    idempotency_key: Key | None = None


class SandboxQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose handset to look at."""

    to: Annotated[str, Meta(description="Only this number's handset.")] | None = None
    limit: Annotated[int, Meta(description="How many at most.", ge=1, le=100)] = 20


RESERVED = frozenset({"callback_url"})
"""Names that are refused by name until webhooks exist."""

FAULTS: Mapping[str, Fault] = {
    "from": (Code.INVALID_SENDER, {}),
    "send_at": (Code.INVALID_TIME, {"form": "RFC 3339"}),
    "validity_s": (Code.INVALID_VALIDITY, {"limit": VALIDITY_MAX_S}),
    "purpose": (Code.INVALID_PURPOSE, {"allowed": "otp, notification, marketing"}),
    "metadata": (Code.INVALID_METADATA, {"keys_max": METADATA_KEYS_MAX, "length_max": METADATA_VALUE_MAX}),
    "on_error": (Code.INVALID_VALUE, {"allowed": "reject_all, accept_rest"}),
}
"""Fields whose faulty values have codes of their own."""
