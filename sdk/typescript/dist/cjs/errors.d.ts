import type { ProblemReply } from "./api/types.js";
/** Anything this client throws by itself; its text says the cause, the fix, and where to read on. */
export declare class PosthouseError extends Error {
    readonly name: string;
}
/** No key was given, and none was found. */
export declare class CredentialsMissing extends PosthouseError {
    readonly name = "CredentialsMissing";
}
/** The file with the key cannot be read or understood. */
export declare class CredentialsUnreadable extends PosthouseError {
    readonly name = "CredentialsUnreadable";
}
/** A setting that cannot be used; its value is not repeated. */
export declare class InvalidSettings extends PosthouseError {
    readonly name = "InvalidSettings";
}
/** The server could not be reached, or the connection broke: whether it happened is not known. */
export declare class ConnectionFailed extends PosthouseError {
    readonly name: string;
    /** Under this key the call may be repeated; null where it has none. */
    readonly idempotencyKey: string | null;
    /** An error is made by the client from what became of the connection. */
    constructor(what: string, fix: string, idempotencyKey: string | null, cause?: unknown);
}
/** No answer came in time: whether it happened is not known. */
export declare class TimedOut extends ConnectionFailed {
    readonly name = "TimedOut";
}
/** An answer that does not come from this API. */
export declare class BadReply extends PosthouseError {
    readonly name = "BadReply";
}
/** The time to wait is up, and the message's fate is not known yet. */
export declare class StillOpen extends PosthouseError {
    readonly name = "StillOpen";
}
/** A webhook whose signature or time is not right. */
export declare class WebhookInvalid extends PosthouseError {
    readonly name = "WebhookInvalid";
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
export declare class APIError extends PosthouseError {
    readonly name: string;
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
    constructor(refusal: Refusal);
}
/** 400: the request is not one the server can carry out. */
export declare class BadRequest extends APIError {
    readonly name = "BadRequest";
}
/** 401: the key is missing, wrong or revoked. */
export declare class AuthenticationError extends APIError {
    readonly name = "AuthenticationError";
}
/** 402: the balance does not cover it; nothing was sent or charged. */
export declare class InsufficientBalance extends APIError {
    readonly name = "InsufficientBalance";
}
/** 403: this key, or this recipient, is not permitted. */
export declare class PermissionDenied extends APIError {
    readonly name = "PermissionDenied";
}
/** 404: there is nothing, or it belongs to somebody else. */
export declare class NotFound extends APIError {
    readonly name = "NotFound";
}
/** 409: things stand otherwise than the request supposes. */
export declare class Conflict extends APIError {
    readonly name = "Conflict";
}
/** 422: the idempotency key belongs to another request. */
export declare class Unprocessable extends APIError {
    readonly name = "Unprocessable";
}
/** 429: too much in too short a time; `retryAfterS` says how long to wait. */
export declare class RateLimited extends APIError {
    readonly name = "RateLimited";
}
/** 5xx: the server failed, or a proxy before it. */
export declare class ServerError extends APIError {
    readonly name = "ServerError";
}
/** The error of a refusal. */
export declare function refused(refusal: Refusal): APIError;
