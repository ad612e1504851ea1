/** What the simulated handsets got: which. */
export interface SandboxMessagesQuery {
    /** Only this number's handset. */
    to?: string | undefined;
    /** How many at most. */
    limit?: number | undefined;
}
/** What the simulated handsets got, newest first. */
export interface SandboxReply {
    readonly data: SandboxMessage[];
}
/** What a simulated handset shows. */
export interface SandboxMessage {
    /** As `sms_0c7xk3m9p2q4r`. */
    readonly sms_id: string;
    /** E.164. As `+15555550123`. */
    readonly to: string;
    readonly from: string | null;
    /** The text it shows. As `Your order has shipped.`. */
    readonly text: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly received_at: string;
}
