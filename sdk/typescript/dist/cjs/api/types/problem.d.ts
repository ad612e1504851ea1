import type { RejectedItem } from "./sms_replies.js";
/** An RFC 9457 problem document. */
export interface ProblemReply {
    /** Leads to the code's entry in the catalogue. */
    readonly type: string;
    /** What is wrong, in a few words. */
    readonly title: string;
    /** The HTTP status. */
    readonly status: number;
    /** What is wrong, and where. */
    readonly detail: string;
    /** What is wrong, for programs; never renamed. */
    readonly code: "malformed_json" | "not_utf8" | "too_deep" | "body_too_large" | "unsupported_media_type" | "invalid_request" | "missing_field" | "unknown_field" | "wrong_type" | "invalid_value" | "unsupported_field" | "content_missing" | "content_conflict" | "invalid_number" | "invisible_characters" | "empty_text" | "text_too_long" | "invalid_text" | "unknown_vendor" | "vendor_not_configured" | "send_at_in_past" | "send_at_too_far" | "invalid_time" | "invalid_validity" | "invalid_purpose" | "invalid_sender" | "invalid_signature" | "invalid_metadata" | "invalid_template" | "missing_param" | "unknown_param" | "invalid_param" | "template_deleted" | "marketing_template" | "unknown_signature" | "sensitive_word" | "recipient_suppressed" | "recipient_limited" | "too_many" | "template_not_otp" | "otp_cooldown" | "checks_paused" | "country_not_allowed" | "number_type_not_allowed" | "guard_blocked" | "guard_limited" | "batch_empty" | "batch_too_large" | "batch_refused" | "idempotency_key_invalid" | "idempotency_key_conflict" | "idempotency_key_reused" | "insufficient_balance" | "unauthenticated" | "forbidden" | "account_not_verified" | "last_operator_key" | "local_only" | "trials_exhausted" | "not_found" | "method_not_allowed" | "not_cancelable" | "not_reschedulable" | "already_exists" | "rate_limited" | "overloaded" | "unavailable" | "internal";
    /** The field at fault. As `to`. */
    readonly param: string | null;
    /** How to put it right. */
    readonly suggested_action: string;
    /** Whether the same request may succeed later. */
    readonly retryable: boolean;
    /** As `req_0c7xk3m9p2q4r`. */
    readonly request_id: string;
    /** When to try again, in seconds; the Retry-After header too. */
    readonly retry_after_s?: number;
    /** The guard's rule, where it was the guard. */
    readonly rule?: string;
    /** With batch_refused: the first 100 recipients at fault. */
    readonly rejected?: RejectedItem[];
}
