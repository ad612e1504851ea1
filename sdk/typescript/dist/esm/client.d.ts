import type { TrialReply } from "./api/types.js";
import type { Calls, SmsCalls } from "./api/calls.js";
import type { SmsRecord } from "./api/types.js";
import type { Call } from "./call.js";
import type { ClientOptions, RequestOptions } from "./options.js";
import type { Route } from "./route.js";
import { type Said } from "./transport.js";
import { type WaitOptions } from "./waiting.js";
import { verifyWebhook } from "./webhooks.js";
/** Calls under `client.sms`, and what is put together of them. */
export interface Sms extends SmsCalls {
    /** Look again and again until the message is final. Throws StillOpen after `timeoutMs` (60,000). */
    wait(smsId: string, options?: WaitOptions): Promise<SmsRecord>;
}
/** An account whose key is in the credentials file by now. */
export type Activated = Pick<TrialReply, "account" | "status" | "balance" | "base_url">;
export interface PosthouseClient extends Omit<Calls, "sms" | "activate"> {
    readonly sms: Sms;
}
/** A client of Posthouse; it may be shared by everything in the process. */
export declare class PosthouseClient {
    #private;
    /** Webhooks as this server signs them. */
    readonly webhooks: {
        verify: typeof verifyWebhook;
    };
    /** Throws InvalidSettings; a missing key is told with the first call. */
    constructor(options?: ClientOptions);
    /**
     * Open an account on trial, on the server's own machine, and go on with its key, which is kept in
     * `~/.infrai/credentials` for later processes. A key that is kept there already and still opens this
     * server stays.
     */
    activate(request?: RequestOptions): Promise<Activated>;
    /** Call a route of the table by hand: `client.request(ROUTES["sms.otp"], { input: { to } })`. */
    request<T = unknown>(route: Route, said?: Said, request?: RequestOptions): Call<T>;
}
