/** One message to one recipient. */
export interface SmsSendOptions {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** The text. Either this or template_id. */
    body?: string | null | undefined;
    /** The template to send instead of a text; one we do not know is the vendor's own. */
    template_id?: string | null | undefined;
    /** The template's parameters; numbers with decimals are written as texts. */
    params?: Record<string, string | number> | null | undefined;
    /** The sender: a number, short code or sender id set up on a channel. */
    from?: string | null | undefined;
    /** A vendor or channel to use instead of our choice. As `sandbox`. */
    vendor?: string | null | undefined;
    /** Placed in front of the text within 【】, which it must not hold itself. As `驿站`. */
    signature?: string | null | undefined;
    /** When to send, RFC 3339 with a zone, at most 90 days ahead; else at once. As `2026-12-01T08:00:00+08:00`. */
    send_at?: string | null | undefined;
    /** How long to try, from send_at or now; by default 600 s for otp, else a day. */
    validity_s?: number | null | undefined;
    /** Also its lane; notification when absent. */
    purpose?: "marketing" | "notification" | "otp" | null | undefined;
    /** A label of your own, to find it by. As `order-4711`. */
    reference?: string | null | undefined;
    /** Kept with the message and given back; no control characters. */
    metadata?: Record<string, string> | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** When to send it instead. */
export interface RescheduleRequest {
    /** The new time, RFC 3339 with a zone, at most 90 days ahead. As `2026-12-01T09:30:00+08:00`. */
    send_at: string;
    /** How long to try from then; as long as before. */
    validity_s?: number | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** Nothing needs to be said; canceling twice is the same as once. */
export interface CancelRequest {
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** Many messages: one content to many recipients (`to`), or each its own (`messages`). */
export interface SmsBatchOptions {
    /** The text. Either this or template_id. */
    body?: string | null | undefined;
    /** The template to send instead of a text; one we do not know is the vendor's own. */
    template_id?: string | null | undefined;
    /** The template's parameters; numbers with decimals are written as texts. */
    params?: Record<string, string | number> | null | undefined;
    /** The sender: a number, short code or sender id set up on a channel. */
    from?: string | null | undefined;
    /** A vendor or channel to use instead of our choice. As `sandbox`. */
    vendor?: string | null | undefined;
    /** Placed in front of the text within 【】, which it must not hold itself. As `驿站`. */
    signature?: string | null | undefined;
    /** When to send, RFC 3339 with a zone, at most 90 days ahead; else at once. As `2026-12-01T08:00:00+08:00`. */
    send_at?: string | null | undefined;
    /** How long to try, from send_at or now; by default 600 s for otp, else a day. */
    validity_s?: number | null | undefined;
    /** Also its lane; notification when absent. */
    purpose?: "marketing" | "notification" | "otp" | null | undefined;
    /** A label of your own, to find it by. As `order-4711`. */
    reference?: string | null | undefined;
    /** Kept with the message and given back; no control characters. */
    metadata?: Record<string, string> | null | undefined;
    /** Recipients of one content. Either this or messages. */
    to?: readonly string[] | null | undefined;
    /** Messages with contents of their own. Either this or to. */
    messages?: readonly BatchItem[] | null | undefined;
    /** Whether one recipient that cannot be accepted stops the whole batch. */
    on_error?: "accept_rest" | "reject_all" | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** One message of a batch; what it leaves out comes from the batch. */
export interface BatchItem {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** The text. Either this or template_id. */
    body?: string | null | undefined;
    /** The template to send instead of a text; one we do not know is the vendor's own. */
    template_id?: string | null | undefined;
    /** The template's parameters; numbers with decimals are written as texts. */
    params?: Record<string, string | number> | null | undefined;
    /** The sender: a number, short code or sender id set up on a channel. */
    from?: string | null | undefined;
    /** A vendor or channel to use instead of our choice. As `sandbox`. */
    vendor?: string | null | undefined;
    /** Placed in front of the text within 【】, which it must not hold itself. As `驿站`. */
    signature?: string | null | undefined;
    /** When to send, RFC 3339 with a zone, at most 90 days ahead; else at once. As `2026-12-01T08:00:00+08:00`. */
    send_at?: string | null | undefined;
    /** How long to try, from send_at or now; by default 600 s for otp, else a day. */
    validity_s?: number | null | undefined;
    /** Also its lane; notification when absent. */
    purpose?: "marketing" | "notification" | "otp" | null | undefined;
    /** A label of your own, to find it by. As `order-4711`. */
    reference?: string | null | undefined;
    /** Kept with the message and given back; no control characters. */
    metadata?: Record<string, string> | null | undefined;
}
/** A code to send. */
export interface OtpRequest {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** What the code is for, in a word of your own; each purpose has a code of its own. As `login`. */
    purpose?: string | undefined;
    /** Digits. */
    length?: number | undefined;
    /** How long the code can be used. */
    ttl_s?: number | undefined;
    /** A template of yours of the kind otp, with {code} and perhaps {minutes}; when absent, a usual text in Chinese or English, by the number's country. As `login-code`. */
    template_id?: string | null | undefined;
    /** The template's other variables. */
    params?: Record<string, string | number> | null | undefined;
    /** Placed in front of the text within 【】. As `驿站`. */
    signature?: string | null | undefined;
    /** The sender set up on a channel. */
    from?: string | null | undefined;
    /** A vendor or channel to use instead of our choice. As `sandbox`. */
    vendor?: string | null | undefined;
    /** The address of your user: the guard counts codes by it. As `203.0.113.7`. */
    ip?: string | null | undefined;
    /** Adds the last line @domain #code, from which browsers fill the code in. As `example.com`. */
    domain?: string | null | undefined;
    /** Adds an Android app's hash as the last line, for the SMS Retriever. As `FA+9qCX9VSu`. */
    app_hash?: string | null | undefined;
    /** An amount that the code is bound to: its check must name the same. As `99.00 CNY`. */
    amount?: string | null | undefined;
    /** A payee that the code is bound to: its check must name the same. As `ACME`. */
    payee?: string | null | undefined;
    /** A code that is sent again goes another way, even if a receipt came. */
    another_channel?: boolean | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** A code to check. */
export interface VerifyRequest {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** What the user typed; spaces and hyphens do no harm. As `123456`. */
    code: string;
    /** Which code; that of request_id, else default, when absent. As `login`. */
    purpose?: string | null | undefined;
    /** Which code; the newest of the purpose when absent. */
    request_id?: string | null | undefined;
    /** An amount that the code is bound to: its check must name the same. As `99.00 CNY`. */
    amount?: string | null | undefined;
    /** A payee that the code is bound to: its check must name the same. As `ACME`. */
    payee?: string | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** Messages, newest first: which. */
export interface SmsListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** One state, or several with commas. As `scheduled,queued`. */
    state?: string | undefined;
    /** The recipient. As `+15555550123`. */
    to?: string | undefined;
    /** Accepted at or after this time, RFC 3339 with a zone. What counts is the time in the id, which never goes back, even where the server's clock does. As `2026-12-01T08:00:00+08:00`. */
    since?: string | undefined;
    /** Accepted before this time, compared in the same way. As `2026-12-01T08:00:00+08:00`. */
    until?: string | undefined;
    /** Of this batch; one you do not have is empty. */
    batch_id?: string | undefined;
    /** With exactly this label. */
    reference?: string | undefined;
    /** In this lane. */
    purpose?: "marketing" | "notification" | "otp" | undefined;
}
