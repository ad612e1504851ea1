"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.PosthouseClient = void 0;
const errors_js_1 = require("./errors.js");
const settings_js_1 = require("./settings.js");
const surface_js_1 = require("./surface.js");
const transport_js_1 = require("./transport.js");
const waiting_js_1 = require("./waiting.js");
const webhooks_js_1 = require("./webhooks.js");
class PosthouseClient {
    #settings;
    #transport;
    #calls;
    webhooks = { verify: webhooks_js_1.verifyWebhook };
    constructor(options = {}) {
        this.#settings = new settings_js_1.Settings(options);
        this.#transport = new transport_js_1.Transport(this.#settings, options);
        this.#calls = (0, surface_js_1.surface)(this.#transport);
        const { activate: _, ...groups } = this.#calls;
        const wait = (smsId, how = {}) => (0, waiting_js_1.waited)((request) => this.#calls.sms.status(smsId, request), how);
        Object.assign(this, groups, { sms: { ...groups.sms, wait } });
    }
    async activate(request = {}) {
        if (await this.#settings.takeKept()) {
            try {
                return this.#activated(await this.#calls.account.get(request));
            }
            catch (failure) {
                this.#settings.forget();
                if (!(failure instanceof errors_js_1.AuthenticationError))
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
exports.PosthouseClient = PosthouseClient;
