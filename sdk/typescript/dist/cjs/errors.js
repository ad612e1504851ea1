"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ServerError = exports.RateLimited = exports.Unprocessable = exports.Conflict = exports.NotFound = exports.PermissionDenied = exports.InsufficientBalance = exports.AuthenticationError = exports.BadRequest = exports.APIError = exports.WebhookInvalid = exports.StillOpen = exports.BadReply = exports.TimedOut = exports.ConnectionFailed = exports.InvalidSettings = exports.CredentialsUnreadable = exports.CredentialsMissing = exports.PosthouseError = void 0;
exports.refused = refused;
class PosthouseError extends Error {
    name = "PosthouseError";
}
exports.PosthouseError = PosthouseError;
class CredentialsMissing extends PosthouseError {
    name = "CredentialsMissing";
}
exports.CredentialsMissing = CredentialsMissing;
class CredentialsUnreadable extends PosthouseError {
    name = "CredentialsUnreadable";
}
exports.CredentialsUnreadable = CredentialsUnreadable;
class InvalidSettings extends PosthouseError {
    name = "InvalidSettings";
}
exports.InvalidSettings = InvalidSettings;
class ConnectionFailed extends PosthouseError {
    name = "ConnectionFailed";
    idempotencyKey;
    constructor(what, fix, idempotencyKey, cause) {
        const safe = idempotencyKey === null ? "." : `; repeating it with idempotency_key "${idempotencyKey}" is safe.`;
        super(`${what}\nWhether the request was carried out is not known${safe}\nFix: ${fix}`, { cause });
        this.idempotencyKey = idempotencyKey;
    }
}
exports.ConnectionFailed = ConnectionFailed;
class TimedOut extends ConnectionFailed {
    name = "TimedOut";
}
exports.TimedOut = TimedOut;
class BadReply extends PosthouseError {
    name = "BadReply";
}
exports.BadReply = BadReply;
class StillOpen extends PosthouseError {
    name = "StillOpen";
}
exports.StillOpen = StillOpen;
class WebhookInvalid extends PosthouseError {
    name = "WebhookInvalid";
}
exports.WebhookInvalid = WebhookInvalid;
class APIError extends PosthouseError {
    name = "APIError";
    status;
    code;
    title;
    detail;
    param;
    suggestedAction;
    retryable;
    requestId;
    type;
    link;
    retryAfterS;
    problem;
    constructor(refusal) {
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
exports.APIError = APIError;
class BadRequest extends APIError {
    name = "BadRequest";
}
exports.BadRequest = BadRequest;
class AuthenticationError extends APIError {
    name = "AuthenticationError";
}
exports.AuthenticationError = AuthenticationError;
class InsufficientBalance extends APIError {
    name = "InsufficientBalance";
}
exports.InsufficientBalance = InsufficientBalance;
class PermissionDenied extends APIError {
    name = "PermissionDenied";
}
exports.PermissionDenied = PermissionDenied;
class NotFound extends APIError {
    name = "NotFound";
}
exports.NotFound = NotFound;
class Conflict extends APIError {
    name = "Conflict";
}
exports.Conflict = Conflict;
class Unprocessable extends APIError {
    name = "Unprocessable";
}
exports.Unprocessable = Unprocessable;
class RateLimited extends APIError {
    name = "RateLimited";
}
exports.RateLimited = RateLimited;
class ServerError extends APIError {
    name = "ServerError";
}
exports.ServerError = ServerError;
const CLASSES = {
    400: BadRequest,
    401: AuthenticationError,
    402: InsufficientBalance,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: Unprocessable,
    429: RateLimited,
};
function refused(refusal) {
    const kind = CLASSES[refusal.status] ?? (refusal.status >= 500 ? ServerError : APIError);
    return new kind(refusal);
}
function told({ status, problem, link, requestId, retryAfterS }) {
    const cause = [problem.title, problem.detail].filter(Boolean).join(": ");
    const said = [`${cause} [${status} ${problem.code ?? "unknown"}]`];
    if (problem.suggested_action)
        said.push(`Fix: ${problem.suggested_action}`);
    if (retryAfterS !== null)
        said.push(`Wait: ${Math.ceil(retryAfterS)} s`);
    if (link)
        said.push(`More: ${link}`);
    if (requestId)
        said.push(`Request: ${requestId}`);
    return said.join("\n");
}
