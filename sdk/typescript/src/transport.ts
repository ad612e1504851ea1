import { Call, type Answer } from "./call.js";
import { BadReply, ConnectionFailed, InvalidSettings, TimedOut } from "./errors.js";
import type { ClientOptions, RequestOptions } from "./options.js";
import { read, textOf } from "./reading.js";
import { isPassing, pause, pauseMs, TIMER_MAX_MS } from "./retrying.js";
import { filled, type Route } from "./route.js";
import type { Settings } from "./settings.js";
import { VERSION } from "./version.js";

const TIMEOUT_MS = 10_000;
const RETRIES = 2;

/** What one call says: ids for its path, and a body or a query. */
export interface Said {
  readonly ids?: readonly unknown[];
  readonly input?: object | undefined;
}

interface Ready {
  readonly url: string;
  readonly init: RequestInit;
  readonly idempotencyKey: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Makes the calls of one client. */
export class Transport {
  readonly #settings: Settings;
  readonly #options: ClientOptions;

  constructor(settings: Settings, options: ClientOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Call a route; repeated where that is safe and may help. */
  call<T>(route: Route, said: Said = {}, request: RequestOptions = {}): Call<T> {
    return new Call<T>(this.#tried<T>(route, said, request));
  }

  async #tried<T>(route: Route, said: Said, request: RequestOptions): Promise<Answer<T>> {
    const ready = await this.#prepared(route, said, request);
    const retries = route.repeat === "never" ? 0 : (request.retries ?? this.#options.retries ?? RETRIES);
    // All tries and pauses together take no longer than the tries alone might.
    const end = Date.now() + ready.timeoutMs * (retries + 1);
    for (let again = 1; ; again++) {
      try {
        return await this.#once<T>(ready, Math.max(1, Math.min(ready.timeoutMs, end - Date.now())));
      } catch (failure) {
        const ms = again <= retries && isPassing(failure) ? pauseMs(failure, again, end - Date.now()) : undefined;
        if (ms === undefined) throw failure;
        await pause(ms, ready.signal);
      }
    }
  }

  async #prepared(route: Route, said: Said, request: RequestOptions): Promise<Ready> {
    const path = filled(route.path, said.ids ?? []);
    const query = route.input === "query" ? queryText(said.input) : "";
    const headers = new Headers({ Accept: "application/json, application/problem+json" });
    headers.set("User-Agent", `posthouse-sdk-typescript/${VERSION}`);
    const language = request.language ?? this.#options.language;
    if (language) headers.set("Accept-Language", language);
    if (!route.open) headers.set("Authorization", `Bearer ${await this.#settings.apiKey()}`);
    const init: RequestInit = { method: route.method, headers, redirect: "manual" };
    if (route.input === "body") {
      headers.set("Content-Type", "application/json");
    }
    const idempotencyKey = keyOf(route, said, request);
    const drawn = idempotencyKey !== null && !named(said);
    // A header holds but letters, digits and signs of ASCII, a body holds everything.
    const inBody = drawn && !/^[\x21-\x7e]+$/.test(idempotencyKey);
    if (drawn && !inBody) headers.set("Idempotency-Key", idempotencyKey);
    if (route.input === "body") {
      init.body = JSON.stringify({ ...said.input, ...(inBody && { idempotency_key: idempotencyKey }) });
    }
    for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
    return {
      url: (await this.#settings.baseUrl()) + path + query,
      init,
      idempotencyKey,
      timeoutMs: patience(request.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS),
      signal: request.signal,
    };
  }

  async #once<T>({ url, init, idempotencyKey, signal }: Ready, timeoutMs: number): Promise<Answer<T>> {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeoutMs);
    const giveUp = (): void => stop.abort();
    signal?.addEventListener("abort", giveUp, { once: true });
    let response: Response;
    let text: string;
    try {
      response = await (this.#options.fetch ?? fetch)(url, { ...init, signal: stop.signal });
      text = await textOf(response);
    } catch (failure) {
      if (signal?.aborted) throw signal.reason;
      if (failure instanceof BadReply) throw failure;
      const { origin } = new URL(url);
      throw stop.signal.aborted ? timedOut(origin, timeoutMs, idempotencyKey) : failed(origin, failure, idempotencyKey);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
    return read<T>(response, text);
  }
}

function patience(timeoutMs: number): number {
  if (timeoutMs > 0) return Math.min(timeoutMs, TIMER_MAX_MS);
  throw new InvalidSettings("`timeoutMs` must be more than 0.\nFix: leave it out for 10,000.");
}

function queryText(input: object | undefined): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

// The caller's own key, in the body.
function named(said: Said): string | null {
  return (said.input as { idempotency_key?: string | null } | undefined)?.idempotency_key || null;
}

function keyOf(route: Route, said: Said, request: RequestOptions): string | null {
  return route.repeat === "keyed" ? (named(said) ?? request.idempotencyKey ?? crypto.randomUUID()) : null;
}

function timedOut(origin: string, timeoutMs: number, key: string | null): TimedOut {
  return new TimedOut(
    `${origin} did not answer within ${timeoutMs / 1000} s.`,
    "see whether the server is well (GET /readyz), or give it longer by `timeoutMs`.",
    key,
  );
}

function failed(origin: string, failure: unknown, key: string | null): ConnectionFailed {
  const code = (failure as { cause?: { code?: string } }).cause?.code;
  return new ConnectionFailed(
    `The connection to ${origin} failed${code ? ` (${code})` : ""}.`,
    `check that a server runs at ${origin} and can be reached from here.`,
    key,
    failure,
  );
}
