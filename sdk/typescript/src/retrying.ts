import { APIError, ConnectionFailed } from "./errors.js";

const FIRST_MS = 250;
const LONGEST_MS = 4_000;

/** What a timer can hold; what is longer would end at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/** Refusals whose wait is a matter of minutes: people must hear of them at once. */
export const MINUTES: ReadonlySet<string> = new Set(["otp_cooldown", "recipient_limited", "checks_paused", "guard_limited"]);

/** Whether the same request may succeed in a moment. */
export function isPassing(failure: unknown): boolean {
  if (failure instanceof ConnectionFailed) return true;
  if (!(failure instanceof APIError) || failure.problem.retryable === false || MINUTES.has(failure.code)) return false;
  if (failure.status === 409) return failure.retryable;
  return failure.status === 408 || failure.status === 429 || failure.status >= 500;
}

/**
 * Milliseconds to wait before try `again` (from 1): what Retry-After asks, else a growing pause with
 * jitter. Undefined where what was asked does not fit into the time that is left.
 */
export function pauseMs(failure: unknown, again: number, leftMs: number): number | undefined {
  const asked = failure instanceof APIError ? failure.retryAfterS : null;
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** (again - 1));
  // Who was told the same time as everybody else comes a little later than told, never sooner.
  const pause = asked === null ? grown * (0.5 + Math.random() / 2) : asked * 1000 + FIRST_MS * Math.random();
  return pause < leftMs ? pause : undefined;
}

/** Wait; throws the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, Math.min(ms, TIMER_MAX_MS));
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
