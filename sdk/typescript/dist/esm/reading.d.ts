import type { Answer } from "./call.js";
import { BadReply } from "./errors.js";
/** What an answer of the server means: the reply, or an APIError or BadReply thrown. */
export declare function read<T>(response: Response, text: string): Answer<T>;
/** The error for an answer that is no refusal and makes no sense. */
export declare function strange(response: Response, how: string): BadReply;
/** The body as text. Throws BadReply where it is longer than any of ours. */
export declare function textOf(response: Response): Promise<string>;
/** Seconds that Retry-After asks to wait: a number or a date; null where it says nothing. */
export declare function retryAfterS(headers: Headers, now: number): number | null;
