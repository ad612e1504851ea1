import { Call } from "./call.js";
import { BadReply, ConnectionFailed, InvalidSettings, TimedOut } from "./errors.js";
import { read, textOf } from "./reading.js";
import { isPassing, pause, pauseMs, TIMER_MAX_MS } from "./retrying.js";
import { filled } from "./route.js";
import { VERSION } from "./version.js";
const TIMEOUT_MS = 10_000;
const RETRIES = 2;
export class Transport {
    #settings;
    #options;
    constructor(settings, options) {
        this.#settings = settings;
        this.#options = options;
    }
    call(route, said = {}, request = {}) {
        return new Call(this.#tried(route, said, request));
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
                const ms = again <= retries && isPassing(failure) ? pauseMs(failure, again, end - Date.now()) : undefined;
                if (ms === undefined)
                    throw failure;
                await pause(ms, ready.signal);
            }
        }
    }
    async #prepared(route, said, request) {
        const path = filled(route.path, said.ids ?? []);
        const query = route.input === "query" ? queryText(said.input) : "";
        const headers = new Headers({ Accept: "application/json, application/problem+json" });
        headers.set("User-Agent", `posthouse-sdk-typescript/${VERSION}`);
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
            text = await textOf(response);
        }
        catch (failure) {
            if (signal?.aborted)
                throw signal.reason;
            if (failure instanceof BadReply)
                throw failure;
            const { origin } = new URL(url);
            throw stop.signal.aborted ? timedOut(origin, timeoutMs, idempotencyKey) : failed(origin, failure, idempotencyKey);
        }
        finally {
            clearTimeout(timer);
            signal?.removeEventListener("abort", giveUp);
        }
        return read(response, text);
    }
}
function patience(timeoutMs) {
    if (timeoutMs > 0)
        return Math.min(timeoutMs, TIMER_MAX_MS);
    throw new InvalidSettings("`timeoutMs` must be more than 0.\nFix: leave it out for 10,000.");
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
    return new TimedOut(`${origin} did not answer within ${timeoutMs / 1000} s.`, "see whether the server is well (GET /readyz), or give it longer by `timeoutMs`.", key);
}
function failed(origin, failure, key) {
    const code = failure.cause?.code;
    return new ConnectionFailed(`The connection to ${origin} failed${code ? ` (${code})` : ""}.`, `check that a server runs at ${origin} and can be reached from here.`, key, failure);
}
