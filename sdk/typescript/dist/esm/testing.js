import { PosthouseClient } from "./client.js";
import { StillOpen } from "./errors.js";
import { pause } from "./retrying.js";
const TIMEOUT_MS = 5_000;
const LOOK_MS = 50;
export class SmsOutbox {
    #client;
    constructor(client = new PosthouseClient()) {
        this.#client = client;
    }
    async messages(number) {
        return (await this.#client.sandbox.messages({ to: number })).data;
    }
    last(number, options = {}) {
        return this.#awaited(number, options, (message) => message, "a message");
    }
    lastCode(number, options = {}) {
        return this.#awaited(number, options, ({ text }) => codeIn(text), "a message with a code");
    }
    async #awaited(number, { timeoutMs = TIMEOUT_MS, smsId }, pick, what) {
        const end = Date.now() + timeoutMs;
        for (;;) {
            for (const message of await this.messages(number)) {
                const found = !smsId || message.sms_id === smsId ? pick(message) : undefined;
                if (found !== undefined)
                    return found;
            }
            if (Date.now() >= end) {
                throw new StillOpen(`The number did not get ${what} within ${timeoutMs / 1000} s.\n` +
                    "Fix: check that it was sent to this number, by this account, and to the simulator.");
            }
            await pause(LOOK_MS, undefined);
        }
    }
}
const DIGITS = String.raw `(?<!\d)(\d{4,10})(?!\d)`;
const WORD = String.raw `(?:code|password|\bpin\b|\botp\b|验证码|校验码|动态码|密码)`;
const NO_STOP = String.raw `[^.,;\u3002\uff0c\uff1b\n]`;
const NEAR = String.raw `[^0-9.,;\u3002\uff0c\uff1b\n]{0,24}`;
const PATTERNS = [
    String.raw `^@\S+ #${DIGITS}`,
    String.raw `${DIGITS}\s*(?:is|as|为|是|作为)${NEAR}${WORD}`,
    String.raw `${WORD}${NO_STOP}{0,40}?(?:\bis\b|[:\uff1a是为])\s*${DIGITS}`,
    `${WORD}${NEAR}${DIGITS}`,
    DIGITS,
].map((pattern) => new RegExp(pattern, "im"));
export function codeIn(text) {
    const told = text.replace(/【[^】]*】/g, " ");
    for (const pattern of PATTERNS) {
        const found = pattern.exec(told)?.[1];
        if (found)
            return found;
    }
    return undefined;
}
export async function signWebhook(body, { secret, id = `msg_${crypto.randomUUID()}`, now = new Date() }) {
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const signed = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
    const signature = btoa(String.fromCharCode(...new Uint8Array(signed)));
    return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
