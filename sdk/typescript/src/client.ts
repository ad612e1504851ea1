import type { TrialReply } from "./api/types.js";
import type { Calls, SmsCalls } from "./api/calls.js";
import type { SmsRecord } from "./api/types.js";
import type { Call } from "./call.js";
import { AuthenticationError } from "./errors.js";
import type { ClientOptions, RequestOptions } from "./options.js";
import type { Route } from "./route.js";
import { Settings } from "./settings.js";
import { surface } from "./surface.js";
import { Transport, type Said } from "./transport.js";
import { waited, type WaitOptions } from "./waiting.js";
import { verifyWebhook } from "./webhooks.js";

/** Calls under `client.sms`, and what is put together of them. */
export interface Sms extends SmsCalls {
  /** Look again and again until the message is final. Throws StillOpen after `timeoutMs` (60,000). */
  wait(smsId: string, options?: WaitOptions): Promise<SmsRecord>;
}

/** An account whose key is in the credentials file by now. */
export type Activated = Pick<TrialReply, "account" | "status" | "balance" | "base_url">;

// Every call of the API, by the table.
export interface PosthouseClient extends Omit<Calls, "sms" | "activate"> {
  readonly sms: Sms;
}

/** A client of Posthouse; it may be shared by everything in the process. */
export class PosthouseClient {
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #calls: Calls;
  /** Webhooks as this server signs them. */
  readonly webhooks = { verify: verifyWebhook };

  /** Throws InvalidSettings; a missing key is told with the first call. */
  constructor(options: ClientOptions = {}) {
    this.#settings = new Settings(options);
    this.#transport = new Transport(this.#settings, options);
    this.#calls = surface(this.#transport);
    const { activate: _, ...groups } = this.#calls;
    const wait: Sms["wait"] = (smsId, how = {}) =>
      waited((request) => this.#calls.sms.status(smsId, request), how);
    Object.assign(this, groups, { sms: { ...groups.sms, wait } });
  }

  /**
   * Open an account on trial, on the server's own machine, and go on with its key, which is kept in
   * `~/.infrai/credentials` for later processes. A key that is kept there already and still opens this
   * server stays.
   */
  async activate(request: RequestOptions = {}): Promise<Activated> {
    if (await this.#settings.takeKept()) {
      try {
        return this.#activated(await this.#calls.account.get(request));
      } catch (failure) {
        this.#settings.forget();
        if (!(failure instanceof AuthenticationError)) throw failure;
      }
    }
    const opened = await this.#calls.activate({}, request);
    await this.#settings.keep(opened.key);
    return this.#activated(opened);
  }

  async #activated({ account, status, balance }: Omit<Activated, "base_url">): Promise<Activated> {
    return { account, status, balance, base_url: await this.#settings.baseUrl() };
  }

  /** Call a route of the table by hand: `client.request(ROUTES["sms.otp"], { input: { to } })`. */
  request<T = unknown>(route: Route, said?: Said, request?: RequestOptions): Call<T> {
    return this.#transport.call<T>(route, said, request);
  }
}
