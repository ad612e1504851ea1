/** How a client is made; what is left out comes from the environment or the credentials file. */
export interface ClientOptions {
    /** The key, as `ph_live_…`. Else POSTHOUSE_API_KEY, INFRAI_API_KEY, or the credentials file. */
    apiKey?: string | undefined;
    /** Where the server is. Else POSTHOUSE_BASE_URL, INFRAI_BASE_URL, the file, or http://127.0.0.1:8025. */
    baseUrl?: string | undefined;
    /** How long one try may take, connecting included, in milliseconds; 10,000. */
    timeoutMs?: number | undefined;
    /** How often a request is repeated where that is safe; 2. */
    retries?: number | undefined;
    /** The language of errors, such as `zh-CN`; English. */
    language?: string | undefined;
    /** What to call instead of the global `fetch`. */
    fetch?: typeof fetch | undefined;
    /** Where the credentials file is; `~/.infrai/credentials`. */
    credentialsFile?: string | undefined;
}
/** What one call does differently from its client. */
export interface RequestOptions {
    /** Gives the call up; it then throws the signal's reason. */
    signal?: AbortSignal | undefined;
    /** How long one try may take, in milliseconds. */
    timeoutMs?: number | undefined;
    /** How often the request is repeated where that is safe. */
    retries?: number | undefined;
    /** Makes it safe to repeat; else one is drawn and kept over all tries. Sent as a header. */
    idempotencyKey?: string | undefined;
    /** The language of errors. */
    language?: string | undefined;
    /** Further headers. */
    headers?: Record<string, string> | undefined;
}
