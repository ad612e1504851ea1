/** The keys of an account: which. */
export interface KeysListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** The account; one's own when absent. Others' need an operator's key. */
    account?: string | undefined;
}
/** Keys, oldest first, revoked ones too. */
export interface KeyRows {
    readonly data: KeyRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A key, without its secrets: they are not stored. */
export interface KeyRow {
    /** Names the key; no secret. As `sk_9hTq2LmXw4`. */
    readonly key_id: string;
    /** Its name. As `acme`. */
    readonly account: string;
    /** As `billing service`. */
    readonly name: string | null;
    /** As `account`. */
    readonly role: "operator" | "account";
    /** As `live`. */
    readonly mode: "live" | "test";
    readonly scopes: string[];
    /** Calls a second it may make; null: any number. As `5000`. */
    readonly rate_limit: number | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly revoked_at: string | null;
}
/** A key to issue: with no more rights than the key that asks for it. */
export interface KeyRequest {
    /** What it is for, to tell it from others. As `billing service`. */
    name?: string | null | undefined;
    /** With test everything goes to the simulator. */
    mode?: "live" | "test" | null | undefined;
    /** What it may do; when absent, all that is usual and the asking key may. */
    scopes?: readonly string[] | null | undefined;
    /** Whose it will be; one's own account when absent. Operators only. */
    account?: string | null | undefined;
    /** An operator's key also rules the platform's resources. Operators only. */
    role?: "account" | "operator" | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** A new key; its secrets are shown here and never again. */
export interface IssuedReply {
    /** Names the key; no secret. As `sk_9hTq2LmXw4`. */
    readonly key_id: string;
    /** Its name. As `acme`. */
    readonly account: string;
    /** As `billing service`. */
    readonly name: string | null;
    /** As `account`. */
    readonly role: "operator" | "account";
    /** As `live`. */
    readonly mode: "live" | "test";
    readonly scopes: string[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** The Bearer key for `/v1`; shown once. As `ph_live_9hTq2LmXw4…`. */
    readonly key: string;
    /** Names the key; no secret. As `sk_9hTq2LmXw4`. */
    readonly api_key: string;
    /** The secret that goes with api_key; shown once. As `8CkYw…`. */
    readonly api_secret: string;
}
