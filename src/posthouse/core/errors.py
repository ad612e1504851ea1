"""What we tell our caller when we refuse.

    Exception
     └── Refusal      expected: the request, the account or the moment will not do; carries one Code

There is one class and many codes. A service raises, before its first write,
`Refusal(Code.TEXT_TOO_LONG, param="body", parts=12, limit=10)`, and nobody catches it before the dialect,
which turns the code into its own status and shape (`web/dialects/<name>/errors.py`) and into words in the
caller's language (`core/catalogue.py`). Whatever else escapes is a defect of ours and reaches the caller as
`Code.INTERNAL`.

Why a *vendor* refused is another vocabulary: `core.verdict.Reason`.
"""

from collections.abc import Mapping
from enum import StrEnum

Fact = str | int


class Code(StrEnum):
    """Why we refused a request. The values are public: they may be added to, never renamed."""

    # The request as bytes and as JSON.
    MALFORMED_JSON = "malformed_json"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"

    # Its fields.
    INVALID_REQUEST = "invalid_request"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    INVALID_VALUE = "invalid_value"
    UNSUPPORTED_FIELD = "unsupported_field"
    CONTENT_MISSING = "content_missing"
    CONTENT_CONFLICT = "content_conflict"

    # The message.
    INVALID_NUMBER = "invalid_number"
    INVISIBLE_CHARACTERS = "invisible_characters"
    EMPTY_TEXT = "empty_text"
    TEXT_TOO_LONG = "text_too_long"
    INVALID_TEXT = "invalid_text"
    UNKNOWN_VENDOR = "unknown_vendor"
    VENDOR_NOT_CONFIGURED = "vendor_not_configured"
    SEND_AT_IN_PAST = "send_at_in_past"
    SEND_AT_TOO_FAR = "send_at_too_far"
    INVALID_TIME = "invalid_time"
    INVALID_VALIDITY = "invalid_validity"
    INVALID_PURPOSE = "invalid_purpose"
    INVALID_SENDER = "invalid_sender"
    INVALID_SIGNATURE = "invalid_signature"
    INVALID_METADATA = "invalid_metadata"

    # Templates, signatures, and what an account does not let pass.
    INVALID_TEMPLATE = "invalid_template"
    MISSING_PARAM = "missing_param"
    UNKNOWN_PARAM = "unknown_param"
    INVALID_PARAM = "invalid_param"
    TEMPLATE_DELETED = "template_deleted"
    MARKETING_TEMPLATE = "marketing_template"
    UNKNOWN_SIGNATURE = "unknown_signature"
    SENSITIVE_WORD = "sensitive_word"
    RECIPIENT_SUPPRESSED = "recipient_suppressed"
    RECIPIENT_LIMITED = "recipient_limited"
    TOO_MANY = "too_many"

    # One-time passwords.
    TEMPLATE_NOT_OTP = "template_not_otp"
    OTP_COOLDOWN = "otp_cooldown"
    CHECKS_PAUSED = "checks_paused"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NUMBER_TYPE_NOT_ALLOWED = "number_type_not_allowed"
    GUARD_BLOCKED = "guard_blocked"
    GUARD_LIMITED = "guard_limited"

    # Batches and idempotency.
    BATCH_EMPTY = "batch_empty"
    BATCH_TOO_LARGE = "batch_too_large"
    BATCH_REFUSED = "batch_refused"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_CONFLICT = "idempotency_key_conflict"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"

    # The account and its rights.
    INSUFFICIENT_BALANCE = "insufficient_balance"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    ACCOUNT_NOT_VERIFIED = "account_not_verified"
    LAST_OPERATOR_KEY = "last_operator_key"
    LOCAL_ONLY = "local_only"
    TRIALS_EXHAUSTED = "trials_exhausted"

    # What is there, and what state it is in.
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_CANCELABLE = "not_cancelable"
    NOT_RESCHEDULABLE = "not_reschedulable"
    ALREADY_EXISTS = "already_exists"

    # The moment.
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Refusal(Exception):
    """An expected refusal: the one exception services raise for their callers.

    Attributes:
        code: why.
        param: the request field at fault, by the caller's own name for it (`to`, `messages[3].body`).
        facts: short, harmless details for the sentence; each code's catalogue entry lists its own. Never a
            message text, a one-time code or a whole phone number.
    """

    code: Code
    param: str | None
    facts: Mapping[str, Fact]

    def __init__(self, code: Code, *, param: str | None = None, **facts: Fact) -> None:
        # No formatting here: most refusals are counted or mapped to a row, and are never put into words.
        super().__init__(code)
        self.code = code
        self.param = param
        self.facts = facts

    def __str__(self) -> str:
        """The code, and the field where there is one: for logs, which get no facts."""
        return self.code.value if self.param is None else f"{self.code.value} ({self.param[:64]!r})"
