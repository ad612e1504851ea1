export { PosthouseClient, PosthouseClient as InfraiClient } from "./client.js";
export { ROUTES } from "./api/routes.js";
export { Call } from "./call.js";
export { Listing } from "./listing.js";
export { FINAL_STATES } from "./waiting.js";
export { verifyWebhook } from "./webhooks.js";
export { APIError, AuthenticationError, BadReply, BadRequest, Conflict, ConnectionFailed, CredentialsMissing, CredentialsUnreadable, InsufficientBalance, InvalidSettings, NotFound, PermissionDenied, PosthouseError, RateLimited, ServerError, StillOpen, TimedOut, Unprocessable, WebhookInvalid, } from "./errors.js";
export { VERSION } from "./version.js";
