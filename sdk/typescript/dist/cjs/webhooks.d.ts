/** Headers as frameworks hand them over. */
export type WebhookHeaders = Headers | Record<string, string | readonly string[] | undefined>;
/** What may be set. */
export interface WebhookOptions {
    /** How far the sender's clock may be from ours, both ways, in seconds; 300. */
    toleranceS?: number | undefined;
    /** The time to compare with; now. */
    now?: Date | undefined;
}
/**
 * The event of a webhook, once its signature and time are right; else WebhookInvalid is thrown.
 *
 * `body` is the body as it came, to the byte: not parsed and written again. Several secrets are for the
 * time in which one takes the other's place.
 */
export declare function verifyWebhook<T = unknown>(body: string | Uint8Array, headers: WebhookHeaders, secret: string | readonly string[], { toleranceS, now }?: WebhookOptions): Promise<T>;
