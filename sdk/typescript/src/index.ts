export { PosthouseClient, PosthouseClient as InfraiClient } from "./client.js";
export type { Activated, Sms } from "./client.js";
export { ROUTES } from "./api/routes.js";
export type { RouteName } from "./api/routes.js";
export type { Route } from "./route.js";
export type { ClientOptions, RequestOptions } from "./options.js";
export { Call } from "./call.js";
export type { Answer } from "./call.js";
export { Listing } from "./listing.js";
export type { Page } from "./listing.js";
export { FINAL_STATES } from "./waiting.js";
export type { WaitOptions } from "./waiting.js";
export { verifyWebhook } from "./webhooks.js";
export type { WebhookHeaders, WebhookOptions } from "./webhooks.js";
export {
  APIError,
  AuthenticationError,
  BadReply,
  BadRequest,
  Conflict,
  ConnectionFailed,
  CredentialsMissing,
  CredentialsUnreadable,
  InsufficientBalance,
  InvalidSettings,
  NotFound,
  PermissionDenied,
  PosthouseError,
  RateLimited,
  ServerError,
  StillOpen,
  TimedOut,
  Unprocessable,
  WebhookInvalid,
} from "./errors.js";
export { VERSION } from "./version.js";
export type * from "./api/calls.js";
export type * from "./api/types.js";
