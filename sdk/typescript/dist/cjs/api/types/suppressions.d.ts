/** Suppressed numbers, newest first: which. */
export interface SuppressionsListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** Only this number's. As `+15555550123`. */
    to?: string | undefined;
}
/** Suppressions, newest first. */
export interface SuppressionRows {
    readonly data: SuppressionRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A number that gets nothing from the account. */
export interface SuppressionRow {
    /** As `sup_0c7xk3m9p2q4r`. */
    readonly suppression_id: string;
    /** E.164. As `+15555550123`. */
    readonly to: string;
    /** For messages of this purpose alone; null: of every one. */
    readonly purpose: "otp" | "notification" | "marketing" | null;
    readonly reason: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
}
/** A number to write to no more. */
export interface SuppressionRequest {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** For messages of this purpose alone; of all when absent. */
    purpose?: "marketing" | "notification" | "otp" | null | undefined;
    /** Why, in words of your own: one line. As `replied TD`. */
    reason?: string | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
