import type { SmsRecord } from "./api/types.js";
import { StillOpen } from "./errors.js";
import type { RequestOptions } from "./options.js";
import { pause } from "./retrying.js";

const TIMEOUT_MS = 60_000;
const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** States a message does not leave any more. */
export const FINAL_STATES: ReadonlySet<string> = new Set([
  "delivered",
  "undelivered",
  "expired",
  "failed",
  "canceled",
  "unconfirmed",
]);

/** How long to wait for a message. */
export interface WaitOptions extends Omit<RequestOptions, "timeoutMs" | "idempotencyKey"> {
  /** Until its fate is known, or a vendor has it (`sent`); `final`. */
  until?: "final" | "sent" | undefined;
  /** In all, in milliseconds; 60,000. */
  timeoutMs?: number | undefined;
}

/** Look again and again, with growing pauses, until the message is so far. Throws StillOpen. */
export async function waited(
  look: (request: RequestOptions) => Promise<SmsRecord>,
  { timeoutMs = TIMEOUT_MS, until = "final", ...request }: WaitOptions,
): Promise<SmsRecord> {
  const end = Date.now() + timeoutMs;
  for (let ms = FIRST_MS; ; ms = Math.min(LONGEST_MS, ms * 1.5)) {
    const record = await look(request);
    if (FINAL_STATES.has(record.state) || record.state === until) return record;
    const left = end - Date.now();
    if (left <= 0) throw stillOpen(record, timeoutMs);
    await pause(Math.min(ms, left), request.signal);
  }
}

function stillOpen(record: SmsRecord, timeoutMs: number): StillOpen {
  return new StillOpen(
    `The message ${record.sms_id} is still ${record.state} after ${timeoutMs / 1000} s.\n` +
      "Fix: wait longer (`timeoutMs`), or read its story: `client.sms.trace(smsId)`.",
  );
}
