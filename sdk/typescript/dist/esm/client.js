import { AuthenticationError } from "./errors.js";
import { Settings } from "./settings.js";
import { surface } from "./surface.js";
import { Transport } from "./transport.js";
import { waited } from "./waiting.js";
import { verifyWebhook } from "./webhooks.js";
export class PosthouseClient {
    #settings;
    #transport;
    #calls;
    webhooks = { verify: verifyWebhook };
    constructor(options = {}) {
        this.#settings = new Settings(options);
        this.#transport = new Transport(this.#settings, options);
        this.#calls = surface(this.#transport);
        const { activate: _, ...groups } = this.#calls;
        const wait = (smsId, how = {}) => waited((request) => this.#calls.sms.status(smsId, request), how);
        Object.assign(this, groups, { sms: { ...groups.sms, wait } });
    }
    async activate(request = {}) {
        if (await this.#settings.takeKept()) {
            try {
                return this.#activated(await this.#calls.account.get(request));
            }
            catch (failure) {
                this.#settings.forget();
                if (!(failure instanceof AuthenticationError))
                    throw failure;
            }
        }
        const opened = await this.#calls.activate({}, request);
        await this.#settings.keep(opened.key);
        return this.#activated(opened);
    }
    async #activated({ account, status, balance }) {
        return { account, status, balance, base_url: await this.#settings.baseUrl() };
    }
    request(route, said, request) {
        return this.#transport.call(route, said, request);
    }
}
