import { WebhookInvalid } from "./errors.js";

// Standard Webhooks, symmetric signatures: https://www.standardwebhooks.com (specification 1.0.0).

const TOLERANCE_S = 300;

/** Headers as frameworks hand them over. */
export type WebhookHeaders = Headers | Record<string, string | readonly string[] | undefined>;

/** What may be set. */
export interface WebhookOptions {
  /** How far the sender's clock may be from ours, both ways, in seconds; 300. */
  toleranceS?: number | undefined;
  /** The time to compare with; now. */
  now?: Date | undefined;
}

/**
 * The event of a webhook, once its signature and time are right; else WebhookInvalid is thrown.
 *
 * `body` is the body as it came, to the byte: not parsed and written again. Several secrets are for the
 * time in which one takes the other's place.
 */
export async function verifyWebhook<T = unknown>(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceS = TOLERANCE_S, now = new Date() }: WebhookOptions = {},
): Promise<T> {
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
      // Compares in constant time.
      if (signature && (await crypto.subtle.verify("HMAC", key, signature, content))) return parsed<T>(body);
    }
  }
  throw new WebhookInvalid(
    "No signature of this webhook is right for this secret.\n" +
      "Fix: check the secret, and hand over the body as it came, before anything has parsed it.",
  );
}

function header(headers: WebhookHeaders, name: string): string {
  const value =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const text = Array.isArray(value) ? (value as readonly string[])[0] : (value as string | null | undefined);
  if (text) return text;
  throw new WebhookInvalid(`The header ${name} is missing.\nFix: hand over all headers of the request.`);
}

function checkTime(timestamp: string, toleranceS: number, now: Date): void {
  const apart = /^\d{1,15}$/.test(timestamp) ? Math.abs(now.getTime() / 1000 - Number(timestamp)) : Number.NaN;
  if (apart <= toleranceS) return;
  throw new WebhookInvalid(
    Number.isNaN(apart)
      ? "The header webhook-timestamp is no time in seconds."
      : `The webhook is ${Math.round(apart)} s away from this clock.\nFix: if that is always so, set the clock; else somebody sends an old one again.`,
  );
}

function signed(id: string, timestamp: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  const head = text.encode(`${id}.${timestamp}.`);
  const tail = typeof body === "string" ? text.encode(body) : body;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

async function imported(secret: string): Promise<CryptoKey> {
  const bytes = decoded(secret.replace(/^whsec_/, ""));
  if (!bytes?.length) {
    throw new WebhookInvalid("The secret is not one: it should read `whsec_` and Base64.");
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function decoded(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function parsed<T>(body: string | Uint8Array): T {
  try {
    return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body)) as T;
  } catch {
    throw new WebhookInvalid("The signature is right, but the body is not JSON.");
  }
}
