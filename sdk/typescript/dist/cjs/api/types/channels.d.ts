/** Connections to vendors: which. */
export interface ChannelsListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** Only this account's. Operators only. */
    account?: string | undefined;
    /** Only this vendor's. As `tencent`. */
    vendor?: string | undefined;
    /** Only those in this state. */
    state?: "active" | "draining" | undefined;
}
/** Channels, oldest first. */
export interface ChannelRows {
    readonly data: ChannelRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A channel, without its secrets. */
export interface ChannelRow {
    /** The channel's name. As `tencent`. */
    readonly name: string;
    /** Its vendor kind. As `tencent`. */
    readonly vendor: string;
    /** Whose own it is; null: the platform's. */
    readonly account: string | null;
    /** A draining one finishes what it has and gets nothing new. As `active`. */
    readonly state: "active" | "draining";
    /** Whether it is a simulator. */
    readonly simulated: boolean;
    /** What it was told, but for its secrets. */
    readonly settings: Record<string, string>;
    /** Which secrets it has. */
    readonly credentials: string[];
    /** Why it cannot be connected as it is; null: nothing shows. */
    readonly broken: string | null;
    /** What it carries; empty: all. */
    readonly countries: string[];
    /** What a part costs us. As `0.045`. */
    readonly cost: string;
    /** Where it costs something else. */
    readonly costs: Record<string, string>;
    /** Messages a second at most; 0: any. As `3000`. */
    readonly rate_per_s: number;
    /** Calls at once. As `8`. */
    readonly concurrency: number;
    /** Its share among equals. As `1`. */
    readonly weight: number;
    /** Where callbacks may come from; empty: anywhere. */
    readonly callback_from: string[];
    /** Where its vendor calls back, behind this server's own address. It is a secret: who knows it can tell us anything. Null with a test key. As `/callbacks/tencent/k7x2…`. */
    readonly callback_path: string | null;
    /** The whole address to give to the vendor; null where `public_url` is not set. As `https://sms.example.com/callbacks/tencent/k7x2…`. */
    readonly callback_url: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly changed_at: string;
}
/** A channel to set up. */
export interface ChannelRequest {
    /** Of which vendor kind. As `tencent`. */
    vendor: string;
    /** What it is called, in `vendor` of a message for one: letters, digits and . _ -; as its vendor, and numbered, when absent. As `tencent-cn`. */
    name?: string | null | undefined;
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | null | undefined;
    /** What its vendor kind asks for, see `/v1/vendors`; secrets are sealed and never shown again. An empty text takes a setting back. */
    settings?: Record<string, string> | undefined;
    /** Countries that it carries (ISO 3166); an empty list for all. */
    countries?: readonly string[] | null | undefined;
    /** What a part costs us, in currency units; it orders channels, and never sets a price. As `100.00`. */
    cost?: string | null | undefined;
    /** Country → what a part costs us there, where it is not `cost`. */
    costs?: Record<string, string> | null | undefined;
    /** Messages a second it is given at most; 0 for any number. */
    rate_per_s?: number | null | undefined;
    /** Calls at once. As `8`. */
    concurrency?: number | null | undefined;
    /** Its share among equals; 0: only when there is no other. As `1`. */
    weight?: number | null | undefined;
    /** Networks that its vendor's callbacks may come from; an empty list for any. */
    callback_from?: readonly string[] | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** Look a channel up: which. */
export interface ChannelsGetQuery {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | undefined;
}
/** What to change of a channel; what is absent stays. Another address needs its secrets anew. */
export interface ChannelChanges {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | null | undefined;
    /** What its vendor kind asks for, see `/v1/vendors`; secrets are sealed and never shown again. An empty text takes a setting back. */
    settings?: Record<string, string> | undefined;
    /** Countries that it carries (ISO 3166); an empty list for all. */
    countries?: readonly string[] | undefined;
    /** What a part costs us, in currency units; it orders channels, and never sets a price. As `100.00`. */
    cost?: string | undefined;
    /** Country → what a part costs us there, where it is not `cost`. */
    costs?: Record<string, string> | undefined;
    /** Messages a second it is given at most; 0 for any number. */
    rate_per_s?: number | undefined;
    /** Calls at once. As `8`. */
    concurrency?: number | undefined;
    /** Its share among equals; 0: only when there is no other. As `1`. */
    weight?: number | undefined;
    /** Networks that its vendor's callbacks may come from; an empty list for any. */
    callback_from?: readonly string[] | undefined;
}
/** Remove a channel: which. */
export interface ChannelsDeleteQuery {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | undefined;
}
/** Whose channel; nothing else needs to be said. */
export interface OwnerRequest {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | null | undefined;
}
/** New credentials, some or all; the old ones are wiped. */
export interface RotateRequest {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | null | undefined;
    /** What its vendor kind asks for, see `/v1/vendors`; secrets are sealed and never shown again. An empty text takes a setting back. */
    settings?: Record<string, string> | undefined;
    /** Whether the callback address becomes another too; the old one dies. */
    callback?: boolean | undefined;
}
/** What to try; without anything the channel as it is. */
export interface CheckRequest {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | null | undefined;
    /** On top of those it has, to be tried before they are stored. */
    settings?: Record<string, string> | null | undefined;
}
/** What a vendor says of a channel's credentials. */
export interface CheckReply {
    /** The channel's name. As `tencent`. */
    readonly channel: string;
    /** It takes them, or cannot be asked. */
    readonly ok: boolean;
    /** Whether it was asked: of some kinds nothing can be, without sending. */
    readonly asked: boolean;
    /** Why it does not. */
    readonly reason: "auth" | "forbidden" | "balance" | "rate_limited" | "quota" | "invalid_number" | "invalid_sender" | "template" | "content" | "blocked" | "invalid_request" | "unroutable" | "unreachable" | "expired" | "vendor_temporary" | "unknown" | null;
    /** The vendor's code. */
    readonly code: string | null;
    /** The vendor's words. */
    readonly text: string | null;
    /** Why there is no answer that can be used. */
    readonly detail: string | null;
    readonly balance: MoneyLeft | null;
}
/** What a vendor account has left. */
export interface MoneyLeft {
    /** As the vendor writes it. As `1024.50`. */
    readonly amount: string;
    /** A currency, or `messages`. As `CNY`. */
    readonly unit: string;
}
/** What money a channel's vendor account has left: which. */
export interface ChannelsBalanceQuery {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | undefined;
}
/** How a channel does: which. */
export interface ChannelsHealthQuery {
    /** Whose channel; with an operator's key the platform's when absent, with any other one's own. Others' need an operator's key. As `acme`. */
    account?: string | undefined;
}
/** How a channel does, as this server sees it since it was started. */
export interface HealthReply {
    /** The channel's name. As `tencent`. */
    readonly channel: string;
    /** closed: in use; open: left alone; probing: one message sees how it does. As `closed`. */
    readonly state: "closed" | "open" | "probing";
    /** Calls of the last minute. As `120`. */
    readonly calls: number;
    /** How many of them failed. As `0`. */
    readonly failed: number;
    /** The share that succeeds, at least, at 95 % confidence; 0 without calls. As `0.97`. */
    readonly success_low: number;
    /** How long half of the receipts take at most. As `2.5`. */
    readonly receipt_p50_s: number | null;
    /** Receipts of the last ten minutes. As `118`. */
    readonly delivered: number;
    /** Those that say otherwise. As `2`. */
    readonly undelivered: number;
    /** Since when it is left alone. */
    readonly opened_at: string | null;
    /** What it is left alone for. */
    readonly why: string;
}
