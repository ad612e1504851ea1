"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.verifyWebhook = verifyWebhook;
const errors_js_1 = require("./errors.js");
const TOLERANCE_S = 300;
async function verifyWebhook(body, headers, secret, { toleranceS = TOLERANCE_S, now = new Date() } = {}) {
    const id = header(headers, "webhook-id");
    const timestamp = header(headers, "webhook-timestamp");
    const signatures = header(headers, "webhook-signature");
    checkTime(timestamp, toleranceS, now);
    const content = signed(id, timestamp, body);
    const candidates = signatures.split(" ").filter((one) => one.startsWith("v1,"));
    for (const one of [secret].flat()) {
        const key = await imported(one);
        for (const candidate of candidates) {
            const signature = decoded(candidate.slice(3));
            if (signature && (await crypto.subtle.verify("HMAC", key, signature, content)))
                return parsed(body);
        }
    }
    throw new errors_js_1.WebhookInvalid("No signature of this webhook is right for this secret.\n" +
        "Fix: check the secret, and hand over the body as it came, before anything has parsed it.");
}
function header(headers, name) {
    const value = headers instanceof Headers
        ? headers.get(name)
        : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
    const text = Array.isArray(value) ? value[0] : value;
    if (text)
        return text;
    throw new errors_js_1.WebhookInvalid(`The header ${name} is missing.\nFix: hand over all headers of the request.`);
}
function checkTime(timestamp, toleranceS, now) {
    const apart = /^\d{1,15}$/.test(timestamp) ? Math.abs(now.getTime() / 1000 - Number(timestamp)) : Number.NaN;
    if (apart <= toleranceS)
        return;
    throw new errors_js_1.WebhookInvalid(Number.isNaN(apart)
        ? "The header webhook-timestamp is no time in seconds."
        : `The webhook is ${Math.round(apart)} s away from this clock.\nFix: if that is always so, set the clock; else somebody sends an old one again.`);
}
function signed(id, timestamp, body) {
    const text = new TextEncoder();
    const head = text.encode(`${id}.${timestamp}.`);
    const tail = typeof body === "string" ? text.encode(body) : body;
    const whole = new Uint8Array(head.length + tail.length);
    whole.set(head);
    whole.set(tail, head.length);
    return whole;
}
async function imported(secret) {
    const bytes = decoded(secret.replace(/^whsec_/, ""));
    if (!bytes?.length) {
        throw new errors_js_1.WebhookInvalid("The secret is not one: it should read `whsec_` and Base64.");
    }
    return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}
function decoded(base64) {
    try {
        return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    }
    catch {
        return undefined;
    }
}
function parsed(body) {
    try {
        return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
    }
    catch {
        throw new errors_js_1.WebhookInvalid("The signature is right, but the body is not JSON.");
    }
}
