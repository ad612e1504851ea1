"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Transport = void 0;
const call_js_1 = require("./call.js");
const errors_js_1 = require("./errors.js");
const reading_js_1 = require("./reading.js");
const retrying_js_1 = require("./retrying.js");
const route_js_1 = require("./route.js");
const version_js_1 = require("./version.js");
const TIMEOUT_MS = 10_000;
const RETRIES = 2;
class Transport {
    #settings;
    #options;
    constructor(settings, options) {
        this.#settings = settings;
        this.#options = options;
    }
    call(route, said = {}, request = {}) {
        return new call_js_1.Call(this.#tried(route, said, request));
    }
    async #tried(route, said, request) {
        const ready = await this.#prepared(route, said, request);
        const retries = route.repeat === "never" ? 0 : (request.retries ?? this.#options.retries ?? RETRIES);
        const end = Date.now() + ready.timeoutMs * (retries + 1);
        for (let again = 1;; again++) {
            try {
                return await this.#once(ready, Math.max(1, Math.min(ready.timeoutMs, end - Date.now())));
            }
            catch (failure) {
                const ms = again <= retries && (0, retrying_js_1.isPassing)(failure) ? (0, retrying_js_1.pauseMs)(failure, again, end - Date.now()) : undefined;
                if (ms === undefined)
                    throw failure;
                await (0, retrying_js_1.pause)(ms, ready.signal);
            }
        }
    }
    async #prepared(route, said, request) {
        const path = (0, route_js_1.filled)(route.path, said.ids ?? []);
        const query = route.input === "query" ? queryText(said.input) : "";
        const headers = new Headers({ Accept: "application/json, application/problem+json" });
        headers.set("User-Agent", `posthouse-sdk-typescript/${version_js_1.VERSION}`);
        const language = request.language ?? this.#options.language;
        if (language)
            headers.set("Accept-Language", language);
        if (!route.open)
            headers.set("Authorization", `Bearer ${await this.#settings.apiKey()}`);
        const init = { method: route.method, headers, redirect: "manual" };
        if (route.input === "body") {
            headers.set("Content-Type", "application/json");
        }
        const idempotencyKey = keyOf(route, said, request);
        const drawn = idempotencyKey !== null && !named(said);
        const inBody = drawn && !/^[\x21-\x7e]+$/.test(idempotencyKey);
        if (drawn && !inBody)
            headers.set("Idempotency-Key", idempotencyKey);
        if (route.input === "body") {
            init.body = JSON.stringify({ ...said.input, ...(inBody && { idempotency_key: idempotencyKey }) });
        }
        for (const [name, value] of Object.entries(request.headers ?? {}))
            headers.set(name, value);
        return {
            url: (await this.#settings.baseUrl()) + path + query,
            init,
            idempotencyKey,
            timeoutMs: patience(request.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS),
            signal: request.signal,
        };
    }
    async #once({ url, init, idempotencyKey, signal }, timeoutMs) {
        signal?.throwIfAborted();
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(), timeoutMs);
        const giveUp = () => stop.abort();
        signal?.addEventListener("abort", giveUp, { once: true });
        let response;
        let text;
        try {
            response = await (this.#options.fetch ?? fetch)(url, { ...init, signal: stop.signal });
            text = await (0, reading_js_1.textOf)(response);
        }
        catch (failure) {
            if (signal?.aborted)
                throw signal.reason;
            if (failure instanceof errors_js_1.BadReply)
                throw failure;
            const { origin } = new URL(url);
            throw stop.signal.aborted ? timedOut(origin, timeoutMs, idempotencyKey) : failed(origin, failure, idempotencyKey);
        }
        finally {
            clearTimeout(timer);
            signal?.removeEventListener("abort", giveUp);
        }
        return (0, reading_js_1.read)(response, text);
    }
}
exports.Transport = Transport;
function patience(timeoutMs) {
    if (timeoutMs > 0)
        return Math.min(timeoutMs, retrying_js_1.TIMER_MAX_MS);
    throw new errors_js_1.InvalidSettings("`timeoutMs` must be more than 0.\nFix: leave it out for 10,000.");
}
function queryText(input) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(input ?? {})) {
        if (value !== undefined && value !== null)
            query.set(name, String(value));
    }
    const text = query.toString();
    return text && `?${text}`;
}
function named(said) {
    return said.input?.idempotency_key || null;
}
function keyOf(route, said, request) {
    return route.repeat === "keyed" ? (named(said) ?? request.idempotencyKey ?? crypto.randomUUID()) : null;
}
function timedOut(origin, timeoutMs, key) {
    return new errors_js_1.TimedOut(`${origin} did not answer within ${timeoutMs / 1000} s.`, "see whether the server is well (GET /readyz), or give it longer by `timeoutMs`.", key);
}
function failed(origin, failure, key) {
    const code = failure.cause?.code;
    return new errors_js_1.ConnectionFailed(`The connection to ${origin} failed${code ? ` (${code})` : ""}.`, `check that a server runs at ${origin} and can be reached from here.`, key, failure);
}
