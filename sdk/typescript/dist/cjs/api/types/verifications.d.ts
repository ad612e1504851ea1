/** One-time passwords and what became of them, newest first: which. */
export interface VerificationsListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** In this state. As `pending`. */
    state?: string | undefined;
    /** Of this number. As `+15555550123`. */
    to?: string | undefined;
    /** With exactly this label. As `login`. */
    purpose?: string | undefined;
}
/** A page of verifications, newest first. */
export interface VerificationRows {
    readonly data: VerificationRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A code that was asked for, and what became of it. */
export interface VerificationRow {
    /** The verification's id. As `otp_0c7xk3m9p2q4r`. */
    readonly request_id: string;
    /** E.164. As `+15555550123`. */
    readonly to: string;
    /** What the code is for, in a word of your own; each purpose has a code of its own. As `login`. */
    readonly purpose: string;
    /** As `verified`. */
    readonly state: "pending" | "verified" | "expired" | "canceled" | "locked";
    /** Nothing was sent: the number has a code of its own. */
    readonly test_number: boolean;
    /** Of the key that asked for it. As `live`. */
    readonly mode: "live" | "test";
    /** Digits. As `6`. */
    readonly length: number;
    /** How often it was asked for. As `1`. */
    readonly sends: number;
    /** Checks that are left, right or wrong. As `4`. */
    readonly checks_left: number;
    /** The number's. As `US`. */
    readonly country: string;
    /** Its messages, newest first; the last ten. */
    readonly sms_ids: string[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly expires_at: string;
    /** When the right code came. As `2026-11-21T08:00:00.123456Z`. */
    readonly verified_at: string | null;
}
