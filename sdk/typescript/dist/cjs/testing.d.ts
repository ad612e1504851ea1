import type { SandboxMessage } from "./api/types.js";
import { PosthouseClient } from "./client.js";
/** How to wait for a message. */
export interface OutboxOptions {
    /** In milliseconds; 5,000. */
    timeoutMs?: number | undefined;
    /** Only this message, as `otp` answers its `sms_id`; else the newest of the number. */
    smsId?: string | null | undefined;
}
/** What simulated handsets show, for tests: `await new SmsOutbox().lastCode("+15555550123")`. */
export declare class SmsOutbox {
    #private;
    /** By default with the key of the environment or the credentials file. */
    constructor(client?: PosthouseClient);
    /** What a number got so far, newest first. */
    messages(number: string): Promise<readonly SandboxMessage[]>;
    /** The newest message of a number; waits for the first. Throws StillOpen. */
    last(number: string, options?: OutboxOptions): Promise<SandboxMessage>;
    /** The code in the newest message of a number that holds one. Throws StillOpen. */
    lastCode(number: string, options?: OutboxOptions): Promise<string>;
}
/** The 4 to 10 digits that a text calls a code, else the first that stand alone. */
export declare function codeIn(text: string): string | undefined;
/** The headers a sender of webhooks puts with a body; for tests of a receiver. */
export declare function signWebhook(body: string, { secret, id, now }: {
    secret: string;
    id?: string;
    now?: Date;
}): Promise<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>>;
