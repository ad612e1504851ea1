import { BadReply, refused } from "./errors.js";
const REPLY_MAX_BYTES = 32 * 2 ** 20;
export function read(response, text) {
    const requestId = response.headers.get("x-request-id");
    const parsed = parse(text);
    if (response.status >= 400)
        throw refusal(response, parsed, requestId);
    if (response.status === 204)
        return { data: undefined, response, requestId };
    if (!response.ok)
        throw strange(response, "redirects elsewhere: give the base URL that it leads to");
    if (!isObject(parsed))
        throw strange(response, "is not JSON as Posthouse writes it");
    return { data: parsed, response, requestId };
}
export function strange(response, how) {
    return new BadReply(`The answer (${described(response)}) ${how}.\n` +
        "Fix: check that the base URL leads to Posthouse itself, and what proxies in between make of it.");
}
export async function textOf(response) {
    const pieces = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let length = 0; pieces;) {
        const { done, value } = await pieces.read();
        if (done)
            break;
        length += value.length;
        text += decoder.decode(value, { stream: true });
        if (length > REPLY_MAX_BYTES) {
            await pieces.cancel();
            throw strange(response, "is longer than any of Posthouse's");
        }
    }
    return text + decoder.decode();
}
export function retryAfterS(headers, now) {
    const said = headers.get("retry-after")?.trim() ?? "";
    if (/^\d+$/.test(said))
        return Number(said);
    const at = /[a-z]/i.test(said) ? Date.parse(said) : Number.NaN;
    return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}
function refusal(response, parsed, requestId) {
    const problem = isProblem(parsed) ? parsed : foreign(response);
    const facts = problem;
    const waits = retryAfterS(response.headers, Date.now());
    return refused({
        status: response.status,
        problem,
        link: linked(problem.type, response.url),
        requestId: problem.request_id ?? requestId,
        retryAfterS: waits ?? (typeof facts.retry_after_s === "number" ? facts.retry_after_s : null),
    });
}
function foreign(response) {
    return {
        title: `HTTP ${response.status}`,
        detail: `The answer (${described(response)}) is no problem document, so it does not come from Posthouse`,
        suggested_action: "Check that the base URL leads to Posthouse itself, and what proxies in between say.",
    };
}
function described(response) {
    return `${response.status}, ${response.headers.get("content-type") ?? "no content type"}`;
}
function isProblem(parsed) {
    return isObject(parsed) && typeof parsed.code === "string" && "detail" in parsed;
}
function isObject(parsed) {
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
}
function linked(type, url) {
    try {
        return type === undefined ? null : new URL(type, url).href;
    }
    catch {
        return null;
    }
}
function parse(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
