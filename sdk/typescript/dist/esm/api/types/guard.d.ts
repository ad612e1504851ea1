/** An account's guard against pumped traffic. */
export interface GuardReply {
    /** null: all. */
    readonly countries: string[] | null;
    readonly simulator: "enforce" | "shadow";
    readonly spend: SpendReply;
    /** Rules in the order they are asked. */
    readonly rules: Record<string, RuleReply>;
    readonly breaker: BreakerReply;
}
/** The most that codes may cost in any hour and day; null: no bound. */
export interface SpendReply {
    /** As `10.00`. */
    readonly hour: string | null;
    /** As `100.00`. */
    readonly day: string | null;
}
/** A rule as it is set, and what it said of the last day's codes; only the fields that it has. */
export interface RuleReply {
    readonly mode: "enforce" | "shadow" | "off";
    /** Codes that it refused. */
    readonly refused_24h: number;
    /** Codes that it would have refused. */
    readonly shadowed_24h: number;
    /** null: no bound. */
    readonly per_hour?: number | null;
    /** null: nothing is blocked. */
    readonly block_s?: number | null;
    readonly types?: string[];
    readonly min_sends?: number | null;
}
/** Whether checks are paused, since too many different numbers got wrong codes. */
export interface BreakerReply {
    readonly open: boolean;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly until: string | null;
}
/** What to change of an account's guard; what is absent stays. */
export interface GuardChanges {
    /** The countries whose numbers get codes (ISO 3166, two letters); null: all. */
    countries?: readonly string[] | null | undefined;
    /** Whether the usual bounds refuse codes to the simulator too, or only note what they would; what you set yourself refuses there in any case. As `shadow`. */
    simulator?: "enforce" | "shadow" | undefined;
    /** The most that codes may cost. */
    spend?: SetSpend | undefined;
    /** Rules, by their names. */
    rules?: SetRules | undefined;
}
/** The most that codes may cost. */
export interface SetSpend {
    /** In any hour; null: no bound. As `100.00`. */
    hour?: string | null | undefined;
    /** In any day; null: no bound. As `100.00`. */
    day?: string | null | undefined;
}
/** Rules to change; what is absent stays. */
export interface SetRules {
    country?: SetRule | undefined;
    number_type?: SetNumberTypes | undefined;
    blocklist?: SetRule | undefined;
    velocity_prefix?: SetVelocity | undefined;
    velocity_range?: SetVelocity | undefined;
    velocity_address?: SetVelocity | undefined;
    velocity_account?: SetAccountVelocity | undefined;
    spend?: SetRule | undefined;
    conversion?: SetConversion | undefined;
}
/** A rule to change. */
export interface SetRule {
    /** Whether the rule refuses, only notes what it would refuse, or is not asked. */
    mode?: "enforce" | "off" | "shadow" | undefined;
}
/** Which types of numbers get no codes. */
export interface SetNumberTypes {
    /** Whether the rule refuses, only notes what it would refuse, or is not asked. */
    mode?: "enforce" | "off" | "shadow" | undefined;
    /** Types of numbers that get no codes. */
    types?: readonly string[] | undefined;
}
/** How many codes go to one prefix, or for one address. */
export interface SetVelocity {
    /** Whether the rule refuses, only notes what it would refuse, or is not asked. */
    mode?: "enforce" | "off" | "shadow" | undefined;
    /** Codes within any hour; null: no bound. As `30`. */
    per_hour?: number | null | undefined;
    /** How long what trips the rule is blocked; null: until the hour has room again. As `3600`. */
    block_s?: number | null | undefined;
}
/** How many codes the whole account sends. */
export interface SetAccountVelocity {
    /** Whether the rule refuses, only notes what it would refuse, or is not asked. */
    mode?: "enforce" | "off" | "shadow" | undefined;
    /** Codes within any hour; null: no bound. As `30`. */
    per_hour?: number | null | undefined;
}
/** Prefixes whose codes are hardly ever verified. */
export interface SetConversion {
    /** Whether the rule refuses, only notes what it would refuse, or is not asked. */
    mode?: "enforce" | "off" | "shadow" | undefined;
    /** Verifications of a prefix within the hour before it is judged. As `20`. */
    min_sends?: number | undefined;
    /** How long what trips the rule is blocked; null: until the hour has room again. As `3600`. */
    block_s?: number | null | undefined;
}
/** Blocked prefixes and addresses, newest first: which. */
export interface GuardBlocksQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
}
/** Entries of a list, newest first. */
export interface EntryRows {
    readonly data: EntryRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A prefix or an address on one of the guard's lists. */
export interface EntryRow {
    /** As `grd_0c7xk3m9p2q4r`. */
    readonly id: string;
    /** As `+23767`. */
    readonly prefix: string | null;
    /** As `203.0.113.7`. */
    readonly address: string | null;
    /** The rule that made it; null: somebody did. */
    readonly rule: "country" | "number_type" | "blocklist" | "velocity_prefix" | "velocity_range" | "velocity_address" | "velocity_account" | "spend" | "conversion" | null;
    /** It holds for every account, and is not the account's. */
    readonly platform: boolean;
    /** For codes of these keys; null: of all. */
    readonly mode: "live" | "test" | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** null: never. As `2026-11-21T08:00:00.123456Z`. */
    readonly expires_at: string | null;
}
/** A prefix of numbers, or an end user's address; one of the two. */
export interface EntryRequest {
    /** What numbers begin with, country code included. As `+23767`. */
    prefix?: string | null | undefined;
    /** IPv4, or IPv6, of which the /64 counts. As `203.0.113.7`. */
    address?: string | null | undefined;
    /** For how long; for good when absent. As `86400`. */
    ttl_s?: number | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** Prefixes and addresses held to be safe, newest first: which. */
export interface GuardSafeQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
}
/** The platform's prefixes, in their order. */
export interface PrefixesReply {
    /** As `2`. */
    readonly count: number;
    readonly prefixes: string[];
}
/** The whole list; the one of before is forgotten. */
export interface PrefixesRequest {
    /** What numbers begin with that get no codes, whoever asks; an empty list blocks none. */
    prefixes: readonly string[];
}
/** How long the platform's list is. */
export interface PrefixesCount {
    /** As `2`. */
    readonly count: number;
}
