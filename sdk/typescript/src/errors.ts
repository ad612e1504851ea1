import type { ProblemReply } from "./api/types.js";

// PosthouseError
// ├── CredentialsMissing      no key anywhere
// ├── CredentialsUnreadable   a credentials file that cannot be read or understood
// ├── InvalidSettings         a setting that cannot be used
// ├── ConnectionFailed        no connection, or it broke
// │   └── TimedOut            no answer in time
// ├── BadReply                an answer that is not the API's
// ├── StillOpen               a message that is not final when the time to wait is up
// ├── WebhookInvalid          a webhook that nobody with the secret sent, or not now
// └── APIError                the server refused
//     ├── BadRequest (400)  AuthenticationError (401)  InsufficientBalance (402)  PermissionDenied (403)
//     ├── NotFound (404)  Conflict (409)  Unprocessable (422)  RateLimited (429)
//     └── ServerError (5xx)

/** Anything this client throws by itself; its text says the cause, the fix, and where to read on. */
export class PosthouseError extends Error {
  override readonly name: string = "PosthouseError";
}

/** No key was given, and none was found. */
export class CredentialsMissing extends PosthouseError {
  override readonly name = "CredentialsMissing";
}

/** The file with the key cannot be read or understood. */
export class CredentialsUnreadable extends PosthouseError {
  override readonly name = "CredentialsUnreadable";
}

/** A setting that cannot be used; its value is not repeated. */
export class InvalidSettings extends PosthouseError {
  override readonly name = "InvalidSettings";
}

/** The server could not be reached, or the connection broke: whether it happened is not known. */
export class ConnectionFailed extends PosthouseError {
  override readonly name: string = "ConnectionFailed";
  /** Under this key the call may be repeated; null where it has none. */
  readonly idempotencyKey: string | null;

  /** An error is made by the client from what became of the connection. */
  constructor(what: string, fix: string, idempotencyKey: string | null, cause?: unknown) {
    const safe = idempotencyKey === null ? "." : `; repeating it with idempotency_key "${idempotencyKey}" is safe.`;
    super(`${what}\nWhether the request was carried out is not known${safe}\nFix: ${fix}`, { cause });
    this.idempotencyKey = idempotencyKey;
  }
}

/** No answer came in time: whether it happened is not known. */
export class TimedOut extends ConnectionFailed {
  override readonly name = "TimedOut";
}

/** An answer that does not come from this API. */
export class BadReply extends PosthouseError {
  override readonly name = "BadReply";
}

/** The time to wait is up, and the message's fate is not known yet. */
export class StillOpen extends PosthouseError {
  override readonly name = "StillOpen";
}

/** A webhook whose signature or time is not right. */
export class WebhookInvalid extends PosthouseError {
  override readonly name = "WebhookInvalid";
}

/** What the server says about a request it refused. */
export interface Refusal {
  readonly status: number;
  /** The problem document; of another answer what could be told. */
  readonly problem: Partial<ProblemReply>;
  /** Where the code is explained. */
  readonly link: string | null;
  readonly requestId: string | null;
  readonly retryAfterS: number | null;
}

/** The server refused the request. */
export class APIError extends PosthouseError {
  override readonly name: string = "APIError";
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong, for programs; `unknown` where the answer was not the API's own. */
  readonly code: string;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What is wrong, and where. */
  readonly detail: string;
  /** The field at fault. */
  readonly param: string | null;
  /** How to put it right. */
  readonly suggestedAction: string | null;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Names the request in the server's logs. */
  readonly requestId: string | null;
  /** The entry of the catalogue, as the server wrote it. */
  readonly type: string | null;
  /** The same as a whole address. */
  readonly link: string | null;
  /** Seconds to wait before another try. */
  readonly retryAfterS: number | null;
  /** The whole problem document, with fields this version does not know. */
  readonly problem: Partial<ProblemReply>;

  /** An error is made by the client from what the server answered. */
  constructor(refusal: Refusal) {
    super(told(refusal));
    const { problem } = refusal;
    this.status = refusal.status;
    this.code = problem.code ?? "unknown";
    this.title = problem.title ?? `HTTP ${refusal.status}`;
    this.detail = problem.detail ?? this.title;
    this.param = problem.param ?? null;
    this.suggestedAction = problem.suggested_action ?? null;
    this.retryable = problem.retryable === true;
    this.requestId = refusal.requestId;
    this.type = problem.type ?? null;
    this.link = refusal.link;
    this.retryAfterS = refusal.retryAfterS;
    this.problem = problem;
  }
}

/** 400: the request is not one the server can carry out. */
export class BadRequest extends APIError {
  override readonly name = "BadRequest";
}

/** 401: the key is missing, wrong or revoked. */
export class AuthenticationError extends APIError {
  override readonly name = "AuthenticationError";
}

/** 402: the balance does not cover it; nothing was sent or charged. */
export class InsufficientBalance extends APIError {
  override readonly name = "InsufficientBalance";
}

/** 403: this key, or this recipient, is not permitted. */
export class PermissionDenied extends APIError {
  override readonly name = "PermissionDenied";
}

/** 404: there is nothing, or it belongs to somebody else. */
export class NotFound extends APIError {
  override readonly name = "NotFound";
}

/** 409: things stand otherwise than the request supposes. */
export class Conflict extends APIError {
  override readonly name = "Conflict";
}

/** 422: the idempotency key belongs to another request. */
export class Unprocessable extends APIError {
  override readonly name = "Unprocessable";
}

/** 429: too much in too short a time; `retryAfterS` says how long to wait. */
export class RateLimited extends APIError {
  override readonly name = "RateLimited";
}

/** 5xx: the server failed, or a proxy before it. */
export class ServerError extends APIError {
  override readonly name = "ServerError";
}

const CLASSES: Record<number, typeof APIError> = {
  400: BadRequest,
  401: AuthenticationError,
  402: InsufficientBalance,
  403: PermissionDenied,
  404: NotFound,
  409: Conflict,
  422: Unprocessable,
  429: RateLimited,
};

/** The error of a refusal. */
export function refused(refusal: Refusal): APIError {
  const kind = CLASSES[refusal.status] ?? (refusal.status >= 500 ? ServerError : APIError);
  return new kind(refusal);
}

function told({ status, problem, link, requestId, retryAfterS }: Refusal): string {
  const cause = [problem.title, problem.detail].filter(Boolean).join(": ");
  const said = [`${cause} [${status} ${problem.code ?? "unknown"}]`];
  if (problem.suggested_action) said.push(`Fix: ${problem.suggested_action}`);
  if (retryAfterS !== null) said.push(`Wait: ${Math.ceil(retryAfterS)} s`);
  if (link) said.push(`More: ${link}`);
  if (requestId) said.push(`Request: ${requestId}`);
  return said.join("\n");
}
