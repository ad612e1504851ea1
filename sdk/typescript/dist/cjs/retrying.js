"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.MINUTES = exports.TIMER_MAX_MS = void 0;
exports.isPassing = isPassing;
exports.pauseMs = pauseMs;
exports.pause = pause;
const errors_js_1 = require("./errors.js");
const FIRST_MS = 250;
const LONGEST_MS = 4_000;
exports.TIMER_MAX_MS = 2 ** 31 - 1;
exports.MINUTES = new Set(["otp_cooldown", "recipient_limited", "checks_paused", "guard_limited"]);
function isPassing(failure) {
    if (failure instanceof errors_js_1.ConnectionFailed)
        return true;
    if (!(failure instanceof errors_js_1.APIError) || failure.problem.retryable === false || exports.MINUTES.has(failure.code))
        return false;
    if (failure.status === 409)
        return failure.retryable;
    return failure.status === 408 || failure.status === 429 || failure.status >= 500;
}
function pauseMs(failure, again, leftMs) {
    const asked = failure instanceof errors_js_1.APIError ? failure.retryAfterS : null;
    const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** (again - 1));
    const pause = asked === null ? grown * (0.5 + Math.random() / 2) : asked * 1000 + FIRST_MS * Math.random();
    return pause < leftMs ? pause : undefined;
}
function pause(ms, signal) {
    return new Promise((resolve, reject) => {
        const stop = () => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
        }, Math.min(ms, exports.TIMER_MAX_MS));
        if (signal?.aborted)
            stop();
        else
            signal?.addEventListener("abort", stop, { once: true });
    });
}
