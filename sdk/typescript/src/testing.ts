import type { SandboxMessage } from "./api/types.js";
import { PosthouseClient } from "./client.js";
import { StillOpen } from "./errors.js";
import { pause } from "./retrying.js";

const TIMEOUT_MS = 5_000;
const LOOK_MS = 50;

/** How to wait for a message. */
export interface OutboxOptions {
  /** In milliseconds; 5,000. */
  timeoutMs?: number | undefined;
  /** Only this message, as `otp` answers its `sms_id`; else the newest of the number. */
  smsId?: string | null | undefined;
}

/** What simulated handsets show, for tests: `await new SmsOutbox().lastCode("+15555550123")`. */
export class SmsOutbox {
  readonly #client: PosthouseClient;

  /** By default with the key of the environment or the credentials file. */
  constructor(client: PosthouseClient = new PosthouseClient()) {
    this.#client = client;
  }

  /** What a number got so far, newest first. */
  async messages(number: string): Promise<readonly SandboxMessage[]> {
    return (await this.#client.sandbox.messages({ to: number })).data;
  }

  /** The newest message of a number; waits for the first. Throws StillOpen. */
  last(number: string, options: OutboxOptions = {}): Promise<SandboxMessage> {
    return this.#awaited(number, options, (message) => message, "a message");
  }

  /** The code in the newest message of a number that holds one. Throws StillOpen. */
  lastCode(number: string, options: OutboxOptions = {}): Promise<string> {
    return this.#awaited(number, options, ({ text }) => codeIn(text), "a message with a code");
  }

  async #awaited<T>(
    number: string,
    { timeoutMs = TIMEOUT_MS, smsId }: OutboxOptions,
    pick: (message: SandboxMessage) => T | undefined,
    what: string,
  ): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      for (const message of await this.messages(number)) {
        const found = !smsId || message.sms_id === smsId ? pick(message) : undefined;
        if (found !== undefined) return found;
      }
      if (Date.now() >= end) {
        throw new StillOpen(
          `The number did not get ${what} within ${timeoutMs / 1000} s.\n` +
            "Fix: check that it was sent to this number, by this account, and to the simulator.",
        );
      }
      await pause(LOOK_MS, undefined);
    }
  }
}

// Where a code stands, surest first: texts hold years, times and numbers of orders too.
const DIGITS = String.raw`(?<!\d)(\d{4,10})(?!\d)`;
const WORD = String.raw`(?:code|password|\bpin\b|\botp\b|验证码|校验码|动态码|密码)`;
const NO_STOP = String.raw`[^.,;\u3002\uff0c\uff1b\n]`;
const NEAR = String.raw`[^0-9.,;\u3002\uff0c\uff1b\n]{0,24}`;
const PATTERNS = [
  // The last line of a text for Web OTP.
  String.raw`^@\S+ #${DIGITS}`,
  String.raw`${DIGITS}\s*(?:is|as|为|是|作为)${NEAR}${WORD}`,
  String.raw`${WORD}${NO_STOP}{0,40}?(?:\bis\b|[:\uff1a是为])\s*${DIGITS}`,
  `${WORD}${NEAR}${DIGITS}`,
  DIGITS,
].map((pattern) => new RegExp(pattern, "im"));

/** The 4 to 10 digits that a text calls a code, else the first that stand alone. */
export function codeIn(text: string): string | undefined {
  const told = text.replace(/【[^】]*】/g, " ");
  for (const pattern of PATTERNS) {
    const found = pattern.exec(told)?.[1];
    if (found) return found;
  }
  return undefined;
}

/** The headers a sender of webhooks puts with a body; for tests of a receiver. */
export async function signWebhook(
  body: string,
  { secret, id = `msg_${crypto.randomUUID()}`, now = new Date() }: { secret: string; id?: string; now?: Date },
): Promise<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  const signature = btoa(String.fromCharCode(...new Uint8Array(signed)));
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
