/** What every code and reason means: which. */
export interface ErrorsListQuery {
    /** The language; otherwise Accept-Language decides. */
    lang?: "en" | "zh" | undefined;
}
/** Codes of refused requests, and reasons of refused messages. */
export interface CatalogueReply {
    readonly codes: CodeEntry[];
    readonly reasons: ReasonEntry[];
}
/** Why a request was refused. */
export interface CodeEntry {
    /** As `invalid_number`. */
    readonly code: "malformed_json" | "not_utf8" | "too_deep" | "body_too_large" | "unsupported_media_type" | "invalid_request" | "missing_field" | "unknown_field" | "wrong_type" | "invalid_value" | "unsupported_field" | "content_missing" | "content_conflict" | "invalid_number" | "invisible_characters" | "empty_text" | "text_too_long" | "invalid_text" | "unknown_vendor" | "vendor_not_configured" | "send_at_in_past" | "send_at_too_far" | "invalid_time" | "invalid_validity" | "invalid_purpose" | "invalid_sender" | "invalid_signature" | "invalid_metadata" | "invalid_template" | "missing_param" | "unknown_param" | "invalid_param" | "template_deleted" | "marketing_template" | "unknown_signature" | "sensitive_word" | "recipient_suppressed" | "recipient_limited" | "too_many" | "template_not_otp" | "otp_cooldown" | "checks_paused" | "country_not_allowed" | "number_type_not_allowed" | "guard_blocked" | "guard_limited" | "batch_empty" | "batch_too_large" | "batch_refused" | "idempotency_key_invalid" | "idempotency_key_conflict" | "idempotency_key_reused" | "insufficient_balance" | "unauthenticated" | "forbidden" | "account_not_verified" | "last_operator_key" | "local_only" | "trials_exhausted" | "not_found" | "method_not_allowed" | "not_cancelable" | "not_reschedulable" | "already_exists" | "rate_limited" | "overloaded" | "unavailable" | "internal";
    /** The HTTP status it comes with. As `400`. */
    readonly status: number;
    /** A few words. As `Invalid phone number`. */
    readonly title: string;
    /** What is wrong; a problem document says it more precisely. As `A recipient is not a phone number.`. */
    readonly detail: string;
    /** How to put it right. As `Write the number with its country code, such as +15555550123, and check its length.`. */
    readonly suggested_action: string;
    /** Whether the same request may succeed later. */
    readonly retryable: boolean;
}
/** Why a vendor or carrier refused a message. */
export interface ReasonEntry {
    /** As `blocked`. */
    readonly reason: "auth" | "forbidden" | "balance" | "rate_limited" | "quota" | "invalid_number" | "invalid_sender" | "template" | "content" | "blocked" | "invalid_request" | "unroutable" | "unreachable" | "expired" | "vendor_temporary" | "unknown";
    /** A few words. As `Recipient blocked`. */
    readonly title: string;
    /** What happened. As `The recipient has opted out, or the number is on a block list of the vendor or carrier.`. */
    readonly meaning: string;
    /** What can be done about it. As `Stop sending to this number until its owner asks for messages again.`. */
    readonly suggested_action: string;
    /** Whether the same message may succeed later. */
    readonly retryable: boolean;
}
/** What one code or reason means: which. */
export interface ErrorsGetQuery {
    /** The language; otherwise Accept-Language decides. */
    lang?: "en" | "zh" | undefined;
}
