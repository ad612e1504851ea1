/** What a timer can hold; what is longer would end at once. */
export declare const TIMER_MAX_MS: number;
/** Refusals whose wait is a matter of minutes: people must hear of them at once. */
export declare const MINUTES: ReadonlySet<string>;
/** Whether the same request may succeed in a moment. */
export declare function isPassing(failure: unknown): boolean;
/**
 * Milliseconds to wait before try `again` (from 1): what Retry-After asks, else a growing pause with
 * jitter. Undefined where what was asked does not fit into the time that is left.
 */
export declare function pauseMs(failure: unknown, again: number, leftMs: number): number | undefined;
/** Wait; throws the signal's reason as soon as it is aborted. */
export declare function pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
