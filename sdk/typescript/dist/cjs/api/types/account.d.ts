/** The account behind the key, and what the key may do. */
export interface AccountReply {
    /** As `default`. */
    readonly account: string;
    /** As `approved`. */
    readonly status: "pending" | "approved" | "rejected" | "trial";
    readonly balance: BalanceReply;
    /** Messages ever accepted. */
    readonly total_sent: number;
    /** Messages accepted today, in the server's zone. */
    readonly today_sent: number;
    /** From when until when messages for marketing wait, on the clocks of the server's zone; over midnight where the end is the earlier. null: no quiet hours. As `21:00-08:00`. */
    readonly quiet_hours: string | null;
    /** How many messages one number may get, by purpose; what is absent has no limit. */
    readonly recipient_limits: LimitsByPurpose;
    readonly mode: "live" | "test";
    readonly role: "operator" | "account";
    readonly scopes: string[];
}
/** Prepaid money. */
export interface BalanceReply {
    /** In currency units. As `0.05`. */
    readonly available: string;
    /** Set aside for messages on their way. As `0.05`. */
    readonly held: string;
    /** In currency units. As `0.05`. */
    readonly spent: string;
    /** As `CNY`. */
    readonly currency: string;
}
/** How many messages one number may get, by their purpose; what is absent has no limit. */
export interface LimitsByPurpose {
    readonly otp?: PurposeLimits | null;
    readonly notification?: PurposeLimits | null;
    readonly marketing?: PurposeLimits | null;
}
/** The most messages of one purpose that may be accepted for one number. */
export interface PurposeLimits {
    /** In any 60 s. */
    readonly minute?: number | null;
    /** In any 3,600 s. */
    readonly hour?: number | null;
    /** In any 86,400 s. */
    readonly day?: number | null;
}
/** A price list. */
export interface PricesReply {
    /** Whose it is; null: what new accounts begin with. As `acme`. */
    readonly account: string | null;
    /** As `CNY`. */
    readonly currency: string;
    /** Country, or * for all others → price of a part. */
    readonly prices: Record<string, string>;
}
