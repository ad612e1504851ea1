import type { SmsRecord } from "./api/types.js";
import type { RequestOptions } from "./options.js";
/** States a message does not leave any more. */
export declare const FINAL_STATES: ReadonlySet<string>;
/** How long to wait for a message. */
export interface WaitOptions extends Omit<RequestOptions, "timeoutMs" | "idempotencyKey"> {
    /** Until its fate is known, or a vendor has it (`sent`); `final`. */
    until?: "final" | "sent" | undefined;
    /** In all, in milliseconds; 60,000. */
    timeoutMs?: number | undefined;
}
/** Look again and again, with growing pauses, until the message is so far. Throws StillOpen. */
export declare function waited(look: (request: RequestOptions) => Promise<SmsRecord>, { timeoutMs, until, ...request }: WaitOptions): Promise<SmsRecord>;
