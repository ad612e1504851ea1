import type { Call } from "../call.js";
import type { Listing } from "../listing.js";
import type { RequestOptions } from "../options.js";
import type { AccountReply, PricesReply } from "./types/account.js";
import type { AccountChanges, AccountRequest, AccountRow, AccountsListQuery, CreditReply, CreditRequest, PricesRequest, WordsCount, WordsReply, WordsRequest } from "./types/accounts.js";
import type { ActivateRequest, TrialReply } from "./types/activate.js";
import type { BatchStanding, BatchesListQuery, CanceledBatch, MoveRequest, MovedBatch } from "./types/batches.js";
import type { BindingRequest, BindingRows, BindingsDeleteQuery, BindingsListQuery, BoundReply } from "./types/bindings.js";
import type { ChannelChanges, ChannelRequest, ChannelRow, ChannelsBalanceQuery, ChannelsDeleteQuery, ChannelsGetQuery, ChannelsHealthQuery, ChannelsListQuery, CheckReply, CheckRequest, HealthReply, OwnerRequest, RotateRequest } from "./types/channels.js";
import type { CatalogueReply, ErrorsGetQuery, ErrorsListQuery } from "./types/errors.js";
import type { EntryRequest, EntryRow, GuardBlocksQuery, GuardChanges, GuardReply, GuardSafeQuery, PrefixesCount, PrefixesReply, PrefixesRequest } from "./types/guard.js";
import type { InboxListQuery, InboxText } from "./types/inbox.js";
import type { IssuedReply, KeyRequest, KeyRow, KeysListQuery } from "./types/keys.js";
import type { ExplainReply, ExplainRequest, RouteChanges, RouteRequest, RouteRow } from "./types/routes.js";
import type { SandboxMessagesQuery, SandboxReply } from "./types/sandbox.js";
import type { ApprovalRequest, ApprovalRow, SignatureReply, SignatureRequest, SignatureRow, SignaturesListQuery } from "./types/signatures.js";
import type { BatchReply, EstimateReply, OtpReply, SmsRecord, TraceReply, VerifyReply } from "./types/sms_replies.js";
import type { CancelRequest, OtpRequest, RescheduleRequest, SmsBatchOptions, SmsListQuery, SmsSendOptions, VerifyRequest } from "./types/sms_requests.js";
import type { SuppressionRequest, SuppressionRow, SuppressionsListQuery } from "./types/suppressions.js";
import type { BindingRow, ImportRequest, PreviewReply, PreviewRequest, TemplateChanges, TemplateReply, TemplateRequest, TemplatesGetQuery, TemplatesListQuery, TemplatesVersionsQuery, VersionRow } from "./types/templates.js";
import type { TestNumber, TestNumberRequest } from "./types/test_numbers.js";
import type { VendorRow } from "./types/vendors.js";
import type { VerificationRow, VerificationsListQuery } from "./types/verifications.js";
/** Calls under `client.sms`. */
export interface SmsCalls {
    /** Send one message. Scope `messages:write`. */
    send(opts: SmsSendOptions, request?: RequestOptions): Call<SmsRecord>;
    /** Look a message up. Scope `messages:read`. */
    get(smsId: string, request?: RequestOptions): Call<SmsRecord>;
    /** Look a message up. Scope `messages:read`. */
    status(smsId: string, request?: RequestOptions): Call<SmsRecord>;
    /** Give a scheduled message another time. Scope `messages:write`. */
    reschedule(smsId: string, opts: RescheduleRequest, request?: RequestOptions): Call<SmsRecord>;
    /** Stop a message that no vendor has yet. Scope `messages:write`. */
    cancel(smsId: string, opts?: CancelRequest, request?: RequestOptions): Call<SmsRecord>;
    /** Everything that happened to a message. Scope `messages:read`. */
    trace(smsId: string, request?: RequestOptions): Call<TraceReply>;
    /** Send up to 10,000 messages. Scope `messages:write`. */
    batch(opts: SmsBatchOptions, request?: RequestOptions): Call<BatchReply>;
    /** Send up to 10,000 messages. Scope `messages:write`. */
    sendBatch(opts: SmsBatchOptions, request?: RequestOptions): Call<BatchReply>;
    /** Send a one-time password. Scope `messages:write`. */
    otp(opts: OtpRequest, request?: RequestOptions): Call<OtpReply>;
    /** Check a one-time password. Scope `messages:write`. */
    verify(opts: VerifyRequest, request?: RequestOptions): Call<VerifyReply>;
    /** What a message would cost and which way it would go, without sending it. Scope `messages:write`. */
    estimate(opts: SmsSendOptions, request?: RequestOptions): Call<EstimateReply>;
    /** Messages, newest first. Scope `messages:read`. */
    list(query?: SmsListQuery, request?: RequestOptions): Listing<SmsRecord>;
}
/** Calls under `client.verifications`. */
export interface VerificationsCalls {
    /** One-time passwords and what became of them, newest first. Scope `messages:read`. */
    list(query?: VerificationsListQuery, request?: RequestOptions): Listing<VerificationRow>;
    /** What became of a one-time password. Scope `messages:read`. */
    get(id: string, request?: RequestOptions): Call<VerificationRow>;
    /** Let a one-time password count no more. Scope `messages:write`. */
    cancel(id: string, opts?: CancelRequest, request?: RequestOptions): Call<VerificationRow>;
}
/** Calls under `client.testNumbers`. */
export interface TestNumbersCalls {
    /** Test numbers, newest first. Scope `guard:read`. */
    list(request?: RequestOptions): Listing<TestNumber>;
    /** Give a number a code of its own, and send it none. Scope `guard:write`. */
    create(opts: TestNumberRequest, request?: RequestOptions): Call<TestNumber>;
    /** Make a test number a number like any other. Scope `guard:write`. */
    delete(id: string, request?: RequestOptions): Call<TestNumber>;
}
/** Calls under `client.guard`. */
export interface GuardCalls {
    /** The guard against pumped traffic. Scope `guard:read`. */
    get(request?: RequestOptions): Call<GuardReply>;
    /** Change the guard. Scope `guard:write`. */
    update(opts: GuardChanges, request?: RequestOptions): Call<GuardReply>;
    /** Blocked prefixes and addresses, newest first. Scope `guard:read`. */
    blocks(query?: GuardBlocksQuery, request?: RequestOptions): Listing<EntryRow>;
    /** Block a prefix or an address. Scope `guard:write`. */
    block(opts: EntryRequest, request?: RequestOptions): Call<EntryRow>;
    /** Block a prefix or an address no more. Scope `guard:write`. */
    unblock(id: string, request?: RequestOptions): Call<EntryRow>;
    /** Prefixes and addresses held to be safe, newest first. Scope `guard:read`. */
    safe(query?: GuardSafeQuery, request?: RequestOptions): Listing<EntryRow>;
    /** Hold safe a prefix or an address. Scope `guard:write`. */
    addSafe(opts: EntryRequest, request?: RequestOptions): Call<EntryRow>;
    /** Hold safe a prefix or an address no more. Scope `guard:write`. */
    removeSafe(id: string, request?: RequestOptions): Call<EntryRow>;
    /** Prefixes that get no codes, whoever asks. Scope `accounts:read`. */
    prefixes(request?: RequestOptions): Call<PrefixesReply>;
    /** Set the prefixes that get no codes. Scope `accounts:write`. */
    setPrefixes(opts: PrefixesRequest, request?: RequestOptions): Call<PrefixesCount>;
}
/** Calls under `client.batches`. */
export interface BatchesCalls {
    /** Batches, newest first. Scope `messages:read`. */
    list(query?: BatchesListQuery, request?: RequestOptions): Listing<BatchStanding>;
    /** What has become of a batch. Scope `messages:read`. */
    get(id: string, request?: RequestOptions): Call<BatchStanding>;
    /** Give what is still scheduled of a batch another time. Scope `messages:write`. */
    reschedule(id: string, opts: MoveRequest, request?: RequestOptions): Call<MovedBatch>;
    /** Stop every message of a batch that no vendor has yet. Scope `messages:write`. */
    cancel(id: string, opts?: CancelRequest, request?: RequestOptions): Call<CanceledBatch>;
}
/** Calls under `client.templates`. */
export interface TemplatesCalls {
    /** Templates, oldest first. Scope `templates:read`. */
    list(query?: TemplatesListQuery, request?: RequestOptions): Listing<TemplateReply>;
    /** Make a template. Scope `templates:write`. */
    create(opts: TemplateRequest, request?: RequestOptions): Call<TemplateReply>;
    /** Look a template up. Scope `templates:read`. */
    get(id: string, query?: TemplatesGetQuery, request?: RequestOptions): Call<TemplateReply>;
    /** Change a template: another text makes a version. Scope `templates:write`. */
    update(id: string, opts: TemplateChanges, request?: RequestOptions): Call<TemplateReply>;
    /** Take a template out of use. Scope `templates:write`. */
    delete(id: string, request?: RequestOptions): Call<TemplateReply>;
    /** What a template said before. Scope `templates:read`. */
    versions(id: string, query?: TemplatesVersionsQuery, request?: RequestOptions): Listing<VersionRow>;
    /** Take over a template as it stands with a vendor. Scope `templates:write`. */
    import(opts: ImportRequest, request?: RequestOptions): Call<TemplateReply>;
    /** What a template would send, and how long that can become. Scope `templates:read`. */
    preview(id: string, opts?: PreviewRequest, request?: RequestOptions): Call<PreviewReply>;
}
/** Calls under `client.bindings`. */
export interface BindingsCalls {
    /** How a template is bound to vendors' templates. Scope `templates:read`. */
    list(id: string, query?: BindingsListQuery, request?: RequestOptions): Call<BindingRows>;
    /** Bind a template to a vendor's, or write how the review goes on. Scope `templates:write`. */
    set(id: string, vendor: string, opts: BindingRequest, request?: RequestOptions): Call<BoundReply>;
    /** Forget a binding. Scope `templates:write`. */
    delete(id: string, vendor: string, query?: BindingsDeleteQuery, request?: RequestOptions): Call<BindingRow>;
}
/** Calls under `client.signatures`. */
export interface SignaturesCalls {
    /** Signatures, oldest first. Scope `templates:read`. */
    list(query?: SignaturesListQuery, request?: RequestOptions): Listing<SignatureRow>;
    /** Register a signature. Scope `templates:write`. */
    create(opts: SignatureRequest, request?: RequestOptions): Call<SignatureRow>;
    /** Look a signature up. Scope `templates:read`. */
    get(id: string, request?: RequestOptions): Call<SignatureReply>;
    /** Forget a signature. Scope `templates:write`. */
    delete(id: string, request?: RequestOptions): Call<SignatureReply>;
    /** Write how a vendor's review of a signature stands. Scope `templates:write`. */
    approve(id: string, vendor: string, opts: ApprovalRequest, request?: RequestOptions): Call<ApprovalRow>;
    /** Forget a vendor's approval of a signature. Scope `templates:write`. */
    disapprove(id: string, vendor: string, request?: RequestOptions): Call<ApprovalRow>;
}
/** Calls under `client.suppressions`. */
export interface SuppressionsCalls {
    /** Suppressed numbers, newest first. Scope `suppressions:read`. */
    list(query?: SuppressionsListQuery, request?: RequestOptions): Listing<SuppressionRow>;
    /** Write to a number no more. Scope `suppressions:write`. */
    create(opts: SuppressionRequest, request?: RequestOptions): Call<SuppressionRow>;
    /** Look a suppression up. Scope `suppressions:read`. */
    get(id: string, request?: RequestOptions): Call<SuppressionRow>;
    /** Write to a number again. Scope `suppressions:write`. */
    delete(id: string, request?: RequestOptions): Call<SuppressionRow>;
}
/** Calls under `client.inbox`. */
export interface InboxCalls {
    /** What handsets wrote, newest first. Scope `messages:read`. */
    list(query?: InboxListQuery, request?: RequestOptions): Listing<InboxText>;
    /** Look an inbound text up. Scope `messages:read`. */
    get(id: string, request?: RequestOptions): Call<InboxText>;
}
/** Calls under `client.account`. */
export interface AccountCalls {
    /** The account behind the key. Scope `account:read`. */
    get(request?: RequestOptions): Call<AccountReply>;
    /** What the account behind the key pays. Scope `account:read`. */
    prices(request?: RequestOptions): Call<PricesReply>;
}
/** Calls under `client.keys`. */
export interface KeysCalls {
    /** The keys of an account. Scope `keys:read`. */
    list(query?: KeysListQuery, request?: RequestOptions): Listing<KeyRow>;
    /** Issue a key. Scope `keys:write`. */
    create(opts?: KeyRequest, request?: RequestOptions): Call<IssuedReply>;
    /** Look a key up. Scope `keys:read`. */
    get(id: string, request?: RequestOptions): Call<KeyRow>;
    /** Revoke a key. Scope `keys:write`. */
    revoke(id: string, request?: RequestOptions): Call<KeyRow>;
}
/** Calls under `client.accounts`. */
export interface AccountsCalls {
    /** All accounts with their money. Scope `accounts:read`. */
    list(query?: AccountsListQuery, request?: RequestOptions): Listing<AccountRow>;
    /** Open an account. Scope `accounts:write`. */
    create(opts: AccountRequest, request?: RequestOptions): Call<AccountRow>;
    /** Look an account up. Scope `accounts:read`. */
    get(name: string, request?: RequestOptions): Call<AccountRow>;
    /** Change an account's settings. Scope `accounts:write`. */
    update(name: string, opts: AccountChanges, request?: RequestOptions): Call<AccountRow>;
    /** Add money to an account. Scope `accounts:write`. */
    credit(name: string, opts: CreditRequest, request?: RequestOptions): Call<CreditReply>;
    /** The words that an account does not let pass. Scope `accounts:read`. */
    words(name: string, request?: RequestOptions): Call<WordsReply>;
    /** Set the words that an account does not let pass. Scope `accounts:write`. */
    setWords(name: string, opts: WordsRequest, request?: RequestOptions): Call<WordsCount>;
    /** What an account pays. Scope `accounts:read`. */
    prices(name: string, request?: RequestOptions): Call<PricesReply>;
    /** Set prices of an account. Scope `accounts:write`. */
    setPrices(name: string, opts: PricesRequest, request?: RequestOptions): Call<PricesReply>;
}
/** Calls under `client.prices`. */
export interface PricesCalls {
    /** The prices that new accounts begin with. Scope `accounts:read`. */
    get(request?: RequestOptions): Call<PricesReply>;
    /** Set prices that new accounts begin with. Scope `accounts:write`. */
    set(opts: PricesRequest, request?: RequestOptions): Call<PricesReply>;
}
/** Calls under `client.routes`. */
export interface RoutesCalls {
    /** All routes, in their order. Scope `routes:read`. */
    list(request?: RequestOptions): Listing<RouteRow>;
    /** Say which messages go over which channels. Scope `routes:write`. */
    create(opts: RouteRequest, request?: RequestOptions): Call<RouteRow>;
    /** Look a route up. Scope `routes:read`. */
    get(name: string, request?: RequestOptions): Call<RouteRow>;
    /** Change a route. Scope `routes:write`. */
    update(name: string, opts: RouteChanges, request?: RequestOptions): Call<RouteRow>;
    /** Forget a route. Scope `routes:write`. */
    delete(name: string, request?: RequestOptions): Call<RouteRow>;
    /** Which way a message would go, and why, without sending it. Scope `routes:read`. */
    explain(opts: ExplainRequest, request?: RequestOptions): Call<ExplainReply>;
}
/** Calls under `client.vendors`. */
export interface VendorsCalls {
    /** What channels can be made of. Scope `channels:read`. */
    list(request?: RequestOptions): Listing<VendorRow>;
}
/** Calls under `client.channels`. */
export interface ChannelsCalls {
    /** Connections to vendors. Scope `channels:read`. */
    list(query?: ChannelsListQuery, request?: RequestOptions): Listing<ChannelRow>;
    /** Connect a vendor. Scope `channels:write`. */
    create(opts: ChannelRequest, request?: RequestOptions): Call<ChannelRow>;
    /** Look a channel up. Scope `channels:read`. */
    get(name: string, query?: ChannelsGetQuery, request?: RequestOptions): Call<ChannelRow>;
    /** Change a channel. Scope `channels:write`. */
    update(name: string, opts: ChannelChanges, request?: RequestOptions): Call<ChannelRow>;
    /** Remove a channel. Scope `channels:write`. */
    delete(name: string, query?: ChannelsDeleteQuery, request?: RequestOptions): Call<ChannelRow>;
    /** Give a channel nothing new. Scope `channels:write`. */
    drain(name: string, opts?: OwnerRequest, request?: RequestOptions): Call<ChannelRow>;
    /** Give a channel messages again. Scope `channels:write`. */
    undrain(name: string, opts?: OwnerRequest, request?: RequestOptions): Call<ChannelRow>;
    /** Replace a channel's credentials. Scope `channels:write`. */
    rotate(name: string, opts: RotateRequest, request?: RequestOptions): Call<ChannelRow>;
    /** Ask a channel's vendor whether it takes the credentials. Scope `channels:write`. */
    test(name: string, opts?: CheckRequest, request?: RequestOptions): Call<CheckReply>;
    /** What money a channel's vendor account has left. Scope `channels:read`. */
    balance(name: string, query?: ChannelsBalanceQuery, request?: RequestOptions): Call<CheckReply>;
    /** How a channel does. Scope `channels:read`. */
    health(name: string, query?: ChannelsHealthQuery, request?: RequestOptions): Call<HealthReply>;
}
/** Calls under `client.sandbox`. */
export interface SandboxCalls {
    /** What the simulated handsets got. Scope `sandbox:read`. */
    messages(query?: SandboxMessagesQuery, request?: RequestOptions): Call<SandboxReply>;
}
/** Calls under `client.errors`. */
export interface ErrorsCalls {
    /** What every code and reason means. */
    list(query?: ErrorsListQuery, request?: RequestOptions): Call<CatalogueReply>;
    /** What one code or reason means. */
    get(name: string, query?: ErrorsGetQuery, request?: RequestOptions): Call<CatalogueReply>;
}
/** Every call of the API, as a client offers it. */
export interface Calls {
    /** Open an account on trial. */
    activate(opts?: ActivateRequest, request?: RequestOptions): Call<TrialReply>;
    readonly sms: SmsCalls;
    readonly verifications: VerificationsCalls;
    readonly testNumbers: TestNumbersCalls;
    readonly guard: GuardCalls;
    readonly batches: BatchesCalls;
    readonly templates: TemplatesCalls;
    readonly bindings: BindingsCalls;
    readonly signatures: SignaturesCalls;
    readonly suppressions: SuppressionsCalls;
    readonly inbox: InboxCalls;
    readonly account: AccountCalls;
    readonly keys: KeysCalls;
    readonly accounts: AccountsCalls;
    readonly prices: PricesCalls;
    readonly routes: RoutesCalls;
    readonly vendors: VendorsCalls;
    readonly channels: ChannelsCalls;
    readonly sandbox: SandboxCalls;
    readonly errors: ErrorsCalls;
}
