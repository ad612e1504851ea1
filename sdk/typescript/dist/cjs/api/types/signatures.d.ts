/** Signatures, oldest first: which. */
export interface SignaturesListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
}
/** Registered signatures, oldest first. */
export interface SignatureRows {
    readonly data: SignatureRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A registered signature. */
export interface SignatureRow {
    /** As `sgn_0c7xk3m9p2q4r`. */
    readonly signature_id: string;
    /** The bare name, without 【】. As `驿站`. */
    readonly name: string;
    readonly approvals: ApprovalRow[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
}
/** How a vendor's review of a signature stands. */
export interface ApprovalRow {
    /** A vendor, or a channel by its name. As `aliyun`. */
    readonly vendor: string;
    /** The vendor's own id of it. As `SMS_154950909`. */
    readonly vendor_signature_id: string | null;
    /** As `approved`. */
    readonly state: "draft" | "pending" | "approved" | "rejected";
    /** Why, in the vendor's words. As `含有未报备的链接`. */
    readonly reason: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly updated_at: string;
}
/** A signature to register. */
export interface SignatureRequest {
    /** The bare name that will stand within 【】, which it must not hold itself. As `驿站`. */
    name: string;
    /** An id of your choice, which is not used again for another; ours when absent. As `login-code`. */
    id?: string | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** A registered signature, and how its reviews went. */
export interface SignatureReply {
    /** As `sgn_0c7xk3m9p2q4r`. */
    readonly signature_id: string;
    /** The bare name, without 【】. As `驿站`. */
    readonly name: string;
    readonly approvals: ApprovalRow[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** The last 100 steps, newest first. */
    readonly history: Step[];
}
/** One step of a review. */
export interface Step {
    /** A vendor, or a channel by its name. As `aliyun`. */
    readonly vendor: string;
    /** As `approved`. */
    readonly state: "draft" | "pending" | "approved" | "rejected";
    /** Why, in the vendor's words. As `含有未报备的链接`. */
    readonly reason: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly at: string;
}
/** How a vendor's review of a signature stands. */
export interface ApprovalRequest {
    /** How far the vendor's review has come; only what is approved is sent. */
    state: "approved" | "draft" | "pending" | "rejected";
    /** Why, in the vendor's words. As `含有未报备的链接`. */
    reason?: string | null | undefined;
    /** The vendor's own id of it. As `SMS_154950909`. */
    vendor_signature_id?: string | null | undefined;
}
