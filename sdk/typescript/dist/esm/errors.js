export class PosthouseError extends Error {
    name = "PosthouseError";
}
export class CredentialsMissing extends PosthouseError {
    name = "CredentialsMissing";
}
export class CredentialsUnreadable extends PosthouseError {
    name = "CredentialsUnreadable";
}
export class InvalidSettings extends PosthouseError {
    name = "InvalidSettings";
}
export class ConnectionFailed extends PosthouseError {
    name = "ConnectionFailed";
    idempotencyKey;
    constructor(what, fix, idempotencyKey, cause) {
        const safe = idempotencyKey === null ? "." : `; repeating it with idempotency_key "${idempotencyKey}" is safe.`;
        super(`${what}\nWhether the request was carried out is not known${safe}\nFix: ${fix}`, { cause });
        this.idempotencyKey = idempotencyKey;
    }
}
export class TimedOut extends ConnectionFailed {
    name = "TimedOut";
}
export class BadReply extends PosthouseError {
    name = "BadReply";
}
export class StillOpen extends PosthouseError {
    name = "StillOpen";
}
export class WebhookInvalid extends PosthouseError {
    name = "WebhookInvalid";
}
export class APIError extends PosthouseError {
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
export class BadRequest extends APIError {
    name = "BadRequest";
}
export class AuthenticationError extends APIError {
    name = "AuthenticationError";
}
export class InsufficientBalance extends APIError {
    name = "InsufficientBalance";
}
export class PermissionDenied extends APIError {
    name = "PermissionDenied";
}
export class NotFound extends APIError {
    name = "NotFound";
}
export class Conflict extends APIError {
    name = "Conflict";
}
export class Unprocessable extends APIError {
    name = "Unprocessable";
}
export class RateLimited extends APIError {
    name = "RateLimited";
}
export class ServerError extends APIError {
    name = "ServerError";
}
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
export function refused(refusal) {
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
