import type { BalanceReply, LimitsByPurpose } from "./account.js";
/** All accounts with their money: which. */
export interface AccountsListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
}
/** Accounts, oldest first. */
export interface AccountRows {
    readonly data: AccountRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** An account as operators see it. */
export interface AccountRow {
    /** Its name. As `acme`. */
    readonly account: string;
    /** As `approved`. */
    readonly status: "pending" | "approved" | "rejected" | "trial";
    readonly balance: BalanceReply;
    /** Where bare numbers are read. As `CN`. */
    readonly region: string;
    /** As `leave`. */
    readonly unknown_policy: "leave" | "resend";
    readonly strict_numbers: boolean;
    /** Calls a second a key; null: the usual. */
    readonly rate_limit: number | null;
    /** From when until when messages for marketing wait, on the clocks of the server's zone; over midnight where the end is the earlier. null: no quiet hours. As `21:00-08:00`. */
    readonly quiet_hours: string | null;
    /** How many messages one number may get, by purpose; what is absent has no limit. */
    readonly recipient_limits: LimitsByPurpose;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
}
/** An account to open. */
export interface AccountRequest {
    /** The account's name: one line without a slash. As `acme`. */
    name: string;
    /** In currency units, with at most six decimals. As `100.00`. */
    balance?: string | undefined;
    /** How far the account may go: only an approved one sends for real. */
    status?: "approved" | "pending" | "rejected" | undefined;
    /** Where bare numbers are read: an ISO 3166 code of two letters. As `CN`. */
    region?: string | undefined;
    /** What becomes of a notification whose fate cannot be learnt: it is left, or sent again. */
    unknown_policy?: "leave" | "resend" | undefined;
    /** Whether numbers that no country has assigned are refused. */
    strict_numbers?: boolean | undefined;
    /** Calls a second each key of the account may make; null: the usual 5,000. As `5000`. */
    rate_limit?: number | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** What to change of an account; what is absent stays. */
export interface AccountChanges {
    /** How far the account may go: only an approved one sends for real. */
    status?: "approved" | "pending" | "rejected" | undefined;
    /** Where bare numbers are read: an ISO 3166 code of two letters. As `CN`. */
    region?: string | undefined;
    /** What becomes of a notification whose fate cannot be learnt: it is left, or sent again. */
    unknown_policy?: "leave" | "resend" | undefined;
    /** Whether numbers that no country has assigned are refused. */
    strict_numbers?: boolean | undefined;
    /** Calls a second each key of the account may make; null: the usual 5,000. As `5000`. */
    rate_limit?: number | null | undefined;
    /** From when until when messages for marketing wait, on the clocks of the server's zone; over midnight where the end is the earlier. null: no quiet hours. As `21:00-08:00`. */
    quiet_hours?: string | null | undefined;
    /** How many messages one number may get, by purpose. What is given replaces all there were: what is absent has no limit. null or {}: no limits. */
    recipient_limits?: LimitsByPurpose | null | undefined;
}
/** Money to add. */
export interface CreditRequest {
    /** In currency units, with at most six decimals. As `100.00`. */
    amount: string;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** What an account has after a credit. */
export interface CreditReply {
    /** Its name. As `acme`. */
    readonly account: string;
    /** What was added. As `100.00`. */
    readonly amount: string;
    readonly balance: BalanceReply;
}
/** What no message of an account may hold. */
export interface WordsReply {
    /** Its name. As `acme`. */
    readonly account: string;
    /** How many words there are. As `2`. */
    readonly count: number;
    /** In the order they were given. */
    readonly words: string[];
}
/** A whole list of words; the one of before is forgotten. */
export interface WordsRequest {
    /** What no message of the account may hold, however it is cased, full-width or half: one line each. An empty list lets everything pass. */
    words: readonly string[];
}
/** A list of words that was set. */
export interface WordsCount {
    /** Its name. As `acme`. */
    readonly account: string;
    /** How many words there are now, each once. As `2`. */
    readonly count: number;
}
/** Lines of a price list to set; lines that are not named stay. */
export interface PricesRequest {
    /** Country (ISO 3166, two letters), or * for all others → price of a part in currency units; null takes a country's line out, so that * holds for it again. */
    prices: Record<string, string | null>;
}
