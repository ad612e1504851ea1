import { StillOpen } from "./errors.js";
import { pause } from "./retrying.js";
const TIMEOUT_MS = 60_000;
const FIRST_MS = 100;
const LONGEST_MS = 5_000;
export const FINAL_STATES = new Set([
    "delivered",
    "undelivered",
    "expired",
    "failed",
    "canceled",
    "unconfirmed",
]);
export async function waited(look, { timeoutMs = TIMEOUT_MS, until = "final", ...request }) {
    const end = Date.now() + timeoutMs;
    for (let ms = FIRST_MS;; ms = Math.min(LONGEST_MS, ms * 1.5)) {
        const record = await look(request);
        if (FINAL_STATES.has(record.state) || record.state === until)
            return record;
        const left = end - Date.now();
        if (left <= 0)
            throw stillOpen(record, timeoutMs);
        await pause(Math.min(ms, left), request.signal);
    }
}
function stillOpen(record, timeoutMs) {
    return new StillOpen(`The message ${record.sms_id} is still ${record.state} after ${timeoutMs / 1000} s.\n` +
        "Fix: wait longer (`timeoutMs`), or read its story: `client.sms.trace(smsId)`.");
}
