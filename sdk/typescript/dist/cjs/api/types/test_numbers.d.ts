/** An account's test numbers of the key's mode, newest first. */
export interface TestNumberRows {
    /** 20 at most. */
    readonly data: TestNumber[];
}
/** A test number. Its code is not told again: a hash of it is all that is kept. */
export interface TestNumber {
    /** As `tst_0c7xk3m9p2q4r`. */
    readonly id: string;
    /** E.164. As `+15555550123`. */
    readonly to: string;
    /** Of the keys it holds for: those of the same mode as the key that made it. As `live`. */
    readonly mode: "live" | "test";
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly expires_at: string;
}
/** A number that gets no messages, and whose code is always the same one. */
export interface TestNumberRequest {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** Its code: 6 to 10 digits; with a test key 4 to 10. As `246810`. */
    code: string;
    /** For how long; then it is a number like any other. As `2592000`. */
    ttl_s?: number | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
