/** The vendor kinds there are. */
export interface VendorRows {
    readonly data: VendorRow[];
}
/** A vendor kind: what a channel can be made of. */
export interface VendorRow {
    /** Its name. As `tencent`. */
    readonly vendor: string;
    /** For people, in your language. As `Tencent Cloud SMS`. */
    readonly title: string;
    /** How its wire format was checked: official SDK, documents, live account, or our own. As `sdk`. */
    readonly proven: "sdk" | "docs" | "live" | "own";
    /** Recipients of one call. As `200`. */
    readonly recipients_max: number;
    /** How it reports deliveries. As `both`. */
    readonly receipts: "push" | "pull" | "both" | "none";
    /** It can be asked what became of a message. */
    readonly query: boolean;
    /** It hands over what handsets send. */
    readonly inbound: boolean;
    /** It takes approved templates only. */
    readonly approval: boolean;
    /** It takes a sender of your choice. */
    readonly senders: boolean;
    /** It takes the same request twice without sending twice. */
    readonly idempotent: boolean;
    /** It is a simulator. */
    readonly simulated: boolean;
    /** Its credentials can be tried without sending. */
    readonly balance: boolean;
    /** What it carries at most; empty: all. */
    readonly countries: string[];
    /** The usual limit of its API; 0: not known. As `3000`. */
    readonly rate_per_s: number;
    readonly settings: SettingRow[];
}
/** One thing that a channel of a kind is told. */
export interface SettingRow {
    /** As `secret_key`. */
    readonly name: string;
    /** What it is, in your language. As `its SecretKey`. */
    readonly about: string;
    readonly required: boolean;
    /** Sealed, and never shown. */
    readonly secret: boolean;
    /** Its value when it is not given. */
    readonly default: string;
    /** Its values, where only some are allowed. */
    readonly choices: string[];
}
