/** A message as its sender sees it. */
export interface SmsRecord {
    /** As `sms_0c7xk3m9p2q4r`. */
    readonly sms_id: string;
    /** E.164. As `+15555550123`. */
    readonly to: string;
    /** Where it stands. As `queued`. */
    readonly state: "scheduled" | "queued" | "sending" | "unknown" | "sent" | "delivered" | "undelivered" | "expired" | "failed" | "canceled" | "unconfirmed";
    /** Who carries it; null until chosen. */
    readonly vendor: string | null;
    /** Parts on the air; each is charged. As `1`. */
    readonly segments: number;
    readonly encoding: "gsm7" | "ucs2";
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly send_at: string | null;
    /** Nothing is tried after this. As `2026-11-22T08:00:00.123456Z`. */
    readonly expires_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly updated_at: string;
    /** As `notification`. */
    readonly purpose: "otp" | "notification" | "marketing";
    readonly from: string | null;
    readonly signature: string | null;
    readonly template_id: string | null;
    readonly reference: string | null;
    readonly metadata: Record<string, string> | null;
    /** As `bat_0c7xk3m9p2q4r`. */
    readonly batch_id: string | null;
    readonly price: Price;
    /** It went, or will go, to the simulator and to no handset. */
    readonly simulated: boolean;
    /** Why a vendor or carrier refused it, in our words. */
    readonly reason: "auth" | "forbidden" | "balance" | "rate_limited" | "quota" | "invalid_number" | "invalid_sender" | "template" | "content" | "blocked" | "invalid_request" | "unroutable" | "unreachable" | "expired" | "vendor_temporary" | "unknown" | null;
    /** Vendor calls made for it so far. As `0`. */
    readonly attempts: number;
    /** Which version of our template it says; null for a vendor's own. */
    readonly template_version: number | null;
    /** When it would have gone, had it not been moved out of quiet hours. As `2026-11-21T08:00:00.123456Z`. */
    readonly postponed_from: string | null;
}
/** An amount of money. */
export interface Price {
    /** In currency units. As `0.05`. */
    readonly amount: string;
    /** As `CNY`. */
    readonly currency: string;
}
/** Everything that ever happened to a message. */
export interface TraceReply {
    readonly message: SmsRecord;
    readonly attempts: Attempt[];
    readonly events: Event[];
}
/** One vendor call. */
export interface Attempt {
    readonly number: number;
    /** As `sandbox`. */
    readonly channel: string;
    /** As `sandbox`. */
    readonly vendor: string;
    /** As `accepted`. */
    readonly outcome: "started" | "accepted" | "refused" | "deferred" | "not_sent" | "unknown" | "delivered" | "undelivered";
    /** Why a vendor or carrier refused it, in our words. */
    readonly reason: "auth" | "forbidden" | "balance" | "rate_limited" | "quota" | "invalid_number" | "invalid_sender" | "template" | "content" | "blocked" | "invalid_request" | "unroutable" | "unreachable" | "expired" | "vendor_temporary" | "unknown" | null;
    /** The vendor's own code, as it came. */
    readonly vendor_code: string | null;
    /** The vendor's own words, as they came. */
    readonly vendor_text: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly started_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly answered_at: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly settled_at: string | null;
    /** The call over HTTP, without its secrets and what the message says: `recipients`, `ms`; of an answer `status` and `bytes`, and what it said if it refused. Operators see the `request` as well. */
    readonly exchange: Record<string, unknown> | null;
}
/** One change, numbered from 1. */
export interface Event {
    readonly sequence: number;
    /** The state it entered, or what else happened. As `queued`. */
    readonly kind: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly at: string;
    /** Details, such as the channels considered and why. */
    readonly data: Record<string, unknown> | null;
}
/** A batch that was taken in. */
export interface BatchReply {
    /** As `bat_0c7xk3m9p2q4r`. */
    readonly batch_id: string;
    /** Messages that will be sent. */
    readonly accepted: number;
    /** Recipients left out, with on_error accept_rest. */
    readonly rejected: RejectedItem[];
}
/** A recipient that was not accepted. */
export interface RejectedItem {
    /** Its place in the request, from 0. */
    readonly index: number;
    /** The recipient as given. As `12`. */
    readonly to: string;
    /** What is wrong with it. As `invalid_number`. */
    readonly code: "malformed_json" | "not_utf8" | "too_deep" | "body_too_large" | "unsupported_media_type" | "invalid_request" | "missing_field" | "unknown_field" | "wrong_type" | "invalid_value" | "unsupported_field" | "content_missing" | "content_conflict" | "invalid_number" | "invisible_characters" | "empty_text" | "text_too_long" | "invalid_text" | "unknown_vendor" | "vendor_not_configured" | "send_at_in_past" | "send_at_too_far" | "invalid_time" | "invalid_validity" | "invalid_purpose" | "invalid_sender" | "invalid_signature" | "invalid_metadata" | "invalid_template" | "missing_param" | "unknown_param" | "invalid_param" | "template_deleted" | "marketing_template" | "unknown_signature" | "sensitive_word" | "recipient_suppressed" | "recipient_limited" | "too_many" | "template_not_otp" | "otp_cooldown" | "checks_paused" | "country_not_allowed" | "number_type_not_allowed" | "guard_blocked" | "guard_limited" | "batch_empty" | "batch_too_large" | "batch_refused" | "idempotency_key_invalid" | "idempotency_key_conflict" | "idempotency_key_reused" | "insufficient_balance" | "unauthenticated" | "forbidden" | "account_not_verified" | "last_operator_key" | "local_only" | "trials_exhausted" | "not_found" | "method_not_allowed" | "not_cancelable" | "not_reschedulable" | "already_exists" | "rate_limited" | "overloaded" | "unavailable" | "internal";
}
/** A code on its way. */
export interface OtpReply {
    /** The verification's id. As `otp_0c7xk3m9p2q4r`. */
    readonly request_id: string;
    /** Until when the code can be used. As `2026-11-21T08:00:00.123456Z`. */
    readonly expires_at: string;
    /** Of the verification. As `pending`. */
    readonly state: "pending" | "verified" | "expired" | "canceled" | "locked";
    /** The message; null for a test number. As `sms_0c7xk3m9p2q4r`. */
    readonly sms_id: string | null;
    /** E.164. As `+15555550123`. */
    readonly to: string;
    /** What the code is for, in a word of your own; each purpose has a code of its own. As `login`. */
    readonly purpose: string;
    /** When the next one may be asked for. As `2026-11-21T08:01:00.123456Z`. */
    readonly resend_at: string;
}
/** Whether the code was right. If not, nothing says why. */
export interface VerifyReply {
    /** Right, and for the first time. */
    readonly valid: boolean;
    /** Of the code that was right. As `otp_0c7xk3m9p2q4r`. */
    readonly request_id?: string | null;
    /** When, if it was right. As `2026-11-21T08:00:00.123456Z`. */
    readonly verified_at?: string | null;
}
/** What a message would be; nothing was sent, stored or held. */
export interface EstimateReply {
    /** E.164. As `+15555550123`. */
    readonly to: string;
    /** As `US`. */
    readonly country: string;
    /** Parts on the air; each is charged. */
    readonly segments: number;
    readonly encoding: "gsm7" | "ucs2";
    /** Null for a vendor's own template. */
    readonly characters: Characters | null;
    /** The first 20; none where every text is UCS-2, as in mainland China. */
    readonly culprits: CulpritCharacter[];
    /** Segments with every suggestion followed; null without culprits. */
    readonly segments_if_replaced: number | null;
    /** What would be held. */
    readonly price: Price;
    readonly price_per_segment: Price;
    /** Whether the balance suffices now. */
    readonly affordable: boolean;
    /** Who would carry it first; null: no channel would. */
    readonly vendor: string | null;
    /** It would go to the simulator and to no handset. */
    readonly simulated: boolean;
    /** In the order they would be tried, then those left out. */
    readonly candidates: Candidate[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly send_at: string | null;
    /** When it would go, were it not to be moved out of quiet hours. As `2026-11-21T08:00:00.123456Z`. */
    readonly postponed_from: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly expires_at: string;
}
/** How the text, signature included, fills its segments: in septets of GSM-7, or UTF-16 units of UCS-2. */
export interface Characters {
    /** Units of the whole text; some characters take two. */
    readonly used: number;
    /** Units one segment holds. As `160`. */
    readonly per_segment: number;
    /** Units that still fit into the last segment. */
    readonly left: number;
}
/** A character that GSM-7 has not, so that the whole text takes more than twice the room. */
export interface CulpritCharacter {
    /** As `’`. */
    readonly character: string;
    /** As `U+2019`. */
    readonly codepoint: string;
    /** As `RIGHT SINGLE QUOTATION MARK`. */
    readonly name: string;
    /** Where it stands in the text as sent, signature included, from 0; the first 100. */
    readonly positions: number[];
    /** What GSM-7 has in its place; empty: leave it out; null: nothing. As `'`. */
    readonly suggestion: string | null;
}
/** A channel, and why it would or would not carry the message. */
export interface Candidate {
    /** As `sandbox`. */
    readonly channel: string;
    /** As `sandbox`. */
    readonly vendor: string;
    readonly chosen: boolean;
    /** As `chosen`. */
    readonly why: string;
}
/** A page of messages, newest first. */
export interface MessagesReply {
    readonly data: SmsRecord[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
