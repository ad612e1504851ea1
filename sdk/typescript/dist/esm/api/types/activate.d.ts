import type { BalanceReply } from "./account.js";
/** Nothing needs to be said. All callers on this machine share idempotency keys here: use a random one. */
export interface ActivateRequest {
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** An account on trial with its key, whose secrets are shown here and never again. */
export interface TrialReply {
    /** As `trial-9hTq2LmXw4`. */
    readonly account: string;
    /** It sends to the simulator only. As `trial`. */
    readonly status: string;
    readonly balance: BalanceReply;
    /** The Bearer key for `/v1`; shown once. As `ph_live_9hTq2LmXw4…`. */
    readonly key: string;
    /** Names the key; no secret. As `sk_9hTq2LmXw4`. */
    readonly api_key: string;
    /** The secret that goes with api_key; shown once. As `8CkYw…`. */
    readonly api_secret: string;
    /** Where to call. As `http://127.0.0.1:8025`. */
    readonly base_url: string;
}
