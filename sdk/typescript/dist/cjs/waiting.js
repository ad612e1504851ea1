"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.FINAL_STATES = void 0;
exports.waited = waited;
const errors_js_1 = require("./errors.js");
const retrying_js_1 = require("./retrying.js");
const TIMEOUT_MS = 60_000;
const FIRST_MS = 100;
const LONGEST_MS = 5_000;
exports.FINAL_STATES = new Set([
    "delivered",
    "undelivered",
    "expired",
    "failed",
    "canceled",
    "unconfirmed",
]);
async function waited(look, { timeoutMs = TIMEOUT_MS, until = "final", ...request }) {
    const end = Date.now() + timeoutMs;
    for (let ms = FIRST_MS;; ms = Math.min(LONGEST_MS, ms * 1.5)) {
        const record = await look(request);
        if (exports.FINAL_STATES.has(record.state) || record.state === until)
            return record;
        const left = end - Date.now();
        if (left <= 0)
            throw stillOpen(record, timeoutMs);
        await (0, retrying_js_1.pause)(Math.min(ms, left), request.signal);
    }
}
function stillOpen(record, timeoutMs) {
    return new errors_js_1.StillOpen(`The message ${record.sms_id} is still ${record.state} after ${timeoutMs / 1000} s.\n` +
        "Fix: wait longer (`timeoutMs`), or read its story: `client.sms.trace(smsId)`.");
}
