import type { ProblemReply } from "./api/types.js";
import type { Answer } from "./call.js";
import { BadReply, refused } from "./errors.js";

// Several times the longest reply there is, that to a batch of 10,000.
const REPLY_MAX_BYTES = 32 * 2 ** 20;

/** What an answer of the server means: the reply, or an APIError or BadReply thrown. */
export function read<T>(response: Response, text: string): Answer<T> {
  const requestId = response.headers.get("x-request-id");
  const parsed = parse(text);
  if (response.status >= 400) throw refusal(response, parsed, requestId);
  if (response.status === 204) return { data: undefined as T, response, requestId };
  if (!response.ok) throw strange(response, "redirects elsewhere: give the base URL that it leads to");
  if (!isObject(parsed)) throw strange(response, "is not JSON as Posthouse writes it");
  return { data: parsed as T, response, requestId };
}

/** The error for an answer that is no refusal and makes no sense. */
export function strange(response: Response, how: string): BadReply {
  return new BadReply(
    `The answer (${described(response)}) ${how}.\n` +
      "Fix: check that the base URL leads to Posthouse itself, and what proxies in between make of it.",
  );
}

/** The body as text. Throws BadReply where it is longer than any of ours. */
export async function textOf(response: Response): Promise<string> {
  const pieces = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let length = 0; pieces; ) {
    const { done, value } = await pieces.read();
    if (done) break;
    length += value.length;
    text += decoder.decode(value, { stream: true });
    if (length > REPLY_MAX_BYTES) {
      await pieces.cancel();
      throw strange(response, "is longer than any of Posthouse's");
    }
  }
  return text + decoder.decode();
}

/** Seconds that Retry-After asks to wait: a number or a date; null where it says nothing. */
export function retryAfterS(headers: Headers, now: number): number | null {
  const said = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(said)) return Number(said);
  const at = /[a-z]/i.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}

function refusal(response: Response, parsed: unknown, requestId: string | null): Error {
  const problem = isProblem(parsed) ? parsed : foreign(response);
  const facts = problem as { retry_after_s?: unknown };
  const waits = retryAfterS(response.headers, Date.now());
  return refused({
    status: response.status,
    problem,
    link: linked(problem.type, response.url),
    requestId: problem.request_id ?? requestId,
    retryAfterS: waits ?? (typeof facts.retry_after_s === "number" ? facts.retry_after_s : null),
  });
}

// What a proxy says, or a server that is not ours; its text is not shown, for who knows what it holds.
function foreign(response: Response): Partial<ProblemReply> {
  return {
    title: `HTTP ${response.status}`,
    detail: `The answer (${described(response)}) is no problem document, so it does not come from Posthouse`,
    suggested_action: "Check that the base URL leads to Posthouse itself, and what proxies in between say.",
  };
}

function described(response: Response): string {
  return `${response.status}, ${response.headers.get("content-type") ?? "no content type"}`;
}

function isProblem(parsed: unknown): parsed is Partial<ProblemReply> {
  return isObject(parsed) && typeof (parsed as { code?: unknown }).code === "string" && "detail" in parsed;
}

function isObject(parsed: unknown): parsed is object {
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
}

function linked(type: string | undefined, url: string): string | null {
  try {
    return type === undefined ? null : new URL(type, url).href;
  } catch {
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
