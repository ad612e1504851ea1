import type { Price } from "./sms_replies.js";
/** All routes, in the order in which they are held against messages. */
export interface RouteRows {
    readonly data: RouteRow[];
}
/** A route: which messages it is for, and where they go. */
export interface RouteRow {
    /** The route's name: letters, digits, dots, underscores and hyphens. As `mainland-otp`. */
    readonly name: string;
    /** Of the routes that apply to a message the one with the lowest position decides. As `10`. */
    readonly position: number;
    /** Only messages of these accounts; empty: of all. */
    readonly accounts: string[];
    /** Empty: all. */
    readonly purposes: ("otp" | "notification" | "marketing")[];
    /** Only to these countries (ISO 3166, two letters); empty: to all. */
    readonly countries: string[];
    /** Only to numbers that begin so, country code included; empty: to all. */
    readonly prefixes: string[];
    /** Only with these templates; empty: with any, or none. */
    readonly templates: string[];
    /** Only at this time of the day, on the clocks of the configured zone; null: always. As `09:00-21:00`. */
    readonly hours: string | null;
    /** Channels, or vendors for all of theirs, in the order in which they are tried. */
    readonly channels: string[];
    /** Whether no other channels may carry these messages; else they follow, as usual. */
    readonly only: boolean;
    /** Seconds after which a message of which no receipt came is sent once more, over another channel; null: never. Not for marketing, and one-time passwords are looked after by themselves. As `60`. */
    readonly receipt_within_s: number | null;
}
/** A route to make: what is said of messages must hold altogether. */
export interface RouteRequest {
    /** The route's name: letters, digits, dots, underscores and hyphens. As `mainland-otp`. */
    name: string;
    /** Behind all others when absent. As `10`. */
    position?: number | null | undefined;
    /** Only messages of these accounts; empty: of all. */
    accounts?: readonly string[] | undefined;
    /** Only messages of these purposes; empty: of all. */
    purposes?: readonly ("marketing" | "notification" | "otp")[] | undefined;
    /** Only to these countries (ISO 3166, two letters); empty: to all. */
    countries?: readonly string[] | undefined;
    /** Only to numbers that begin so, country code included; empty: to all. */
    prefixes?: readonly string[] | undefined;
    /** Only with these templates; empty: with any, or none. */
    templates?: readonly string[] | undefined;
    /** Only at this time of the day, on the clocks of the configured zone; null: always. As `09:00-21:00`. */
    hours?: string | null | undefined;
    /** Channels, or vendors for all of theirs, in the order in which they are tried. */
    channels?: readonly string[] | undefined;
    /** Whether no other channels may carry these messages; else they follow, as usual. */
    only?: boolean | undefined;
    /** Seconds after which a message of which no receipt came is sent once more, over another channel; null: never. Not for marketing, and one-time passwords are looked after by themselves. As `60`. */
    receipt_within_s?: number | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** What to change of a route; what is absent stays. */
export interface RouteChanges {
    /** Of the routes that apply to a message the one with the lowest position decides. As `10`. */
    position?: number | undefined;
    /** Only messages of these accounts; empty: of all. */
    accounts?: readonly string[] | undefined;
    /** Only messages of these purposes; empty: of all. */
    purposes?: readonly ("marketing" | "notification" | "otp")[] | undefined;
    /** Only to these countries (ISO 3166, two letters); empty: to all. */
    countries?: readonly string[] | undefined;
    /** Only to numbers that begin so, country code included; empty: to all. */
    prefixes?: readonly string[] | undefined;
    /** Only with these templates; empty: with any, or none. */
    templates?: readonly string[] | undefined;
    /** Only at this time of the day, on the clocks of the configured zone; null: always. As `09:00-21:00`. */
    hours?: string | null | undefined;
    /** Channels, or vendors for all of theirs, in the order in which they are tried. */
    channels?: readonly string[] | undefined;
    /** Whether no other channels may carry these messages; else they follow, as usual. */
    only?: boolean | undefined;
    /** Seconds after which a message of which no receipt came is sent once more, over another channel; null: never. Not for marketing, and one-time passwords are looked after by themselves. As `60`. */
    receipt_within_s?: number | null | undefined;
}
/** A message that is only thought of. */
export interface ExplainRequest {
    /** The recipient: E.164, or a number of the account's default region. As `+15555550123`. */
    to: string;
    /** When absent, the template's, else notification. */
    purpose?: "marketing" | "notification" | "otp" | null | undefined;
    /** A template; one we do not know is the vendor's own. */
    template_id?: string | null | undefined;
    /** The text, to count its segments. */
    body?: string | null | undefined;
    /** The vendor or channel the sender asks for. */
    vendor?: string | null | undefined;
    /** In whose name; one's own account when absent. */
    account?: string | null | undefined;
}
/** Which way the message would go now; nothing was sent, stored or held. */
export interface ExplainReply {
    /** E.164. As `+8613800138000`. */
    readonly to: string;
    /** As `CN`. */
    readonly country: string;
    /** As `acme`. */
    readonly account: string;
    readonly purpose: "otp" | "notification" | "marketing";
    /** Parts of the text; 1 where none was given. */
    readonly segments: number;
    /** The route that decides; null: none applies. As `mainland-otp`. */
    readonly rule: string | null;
    /** Who would carry it first; null: no channel would. */
    readonly channel: string | null;
    /** The channel's vendor. */
    readonly vendor: string | null;
    /** What all segments cost us there. */
    readonly cost: Price | null;
    /** In the order in which they would be tried. */
    readonly candidates: Way[];
    /** The channels left out. */
    readonly considered: LeftOut[];
}
/** A channel that could carry it. */
export interface Way {
    /** As `tencent-1`. */
    readonly channel: string;
    /** As `tencent`. */
    readonly vendor: string;
    /** What a segment costs us there. */
    readonly cost: Price;
    /** As `chosen`. */
    readonly why: string;
}
/** A channel that could not, and why. */
export interface LeftOut {
    /** As `sandbox`. */
    readonly channel: string;
    /** As `it does not carry US`. */
    readonly why: string;
}
