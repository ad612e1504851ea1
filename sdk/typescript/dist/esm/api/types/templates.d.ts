import type { CulpritCharacter } from "./sms_replies.js";
/** Templates, oldest first: which. */
export interface TemplatesListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
}
/** Templates by their newest versions, oldest first. */
export interface TemplateRows {
    readonly data: TemplateReply[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A template, by one of its versions. */
export interface TemplateReply {
    /** Names the template when sending. As `tpl_0c7xk3m9p2q4r`. */
    readonly template_id: string;
    /** As `Login code`. */
    readonly name: string;
    /** As `otp`. */
    readonly kind: "otp" | "notification" | "marketing";
    /** As `Your code is {code}.`. */
    readonly text: string;
    /** Placed in front within 【】. As `驿站`. */
    readonly signature: string | null;
    /** Messages name the one they were sent with. As `1`. */
    readonly version: number;
    /** In the order of the text. */
    readonly variables: VariableRow[];
    /** What reviewers may refuse; it can be sent all the same. */
    readonly warnings: Warned[];
    /** Of this version. */
    readonly bindings: BindingRow[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly updated_at: string;
}
/** A variable of a template. */
export interface VariableRow {
    /** As `code`. */
    readonly name: string;
    /** Characters of its longest value. As `64`. */
    readonly max_length: number;
}
/** What a vendor's reviewers may refuse. */
export interface Warned {
    /** As `link`. */
    readonly rule: "several_signatures" | "signature_in_text" | "only_variables" | "adjacent_variables" | "marketing_variable" | "otp_link" | "variable_link" | "short_link" | "link" | "no_opt_out" | "opt_out" | "otp_without_code" | "otp_variables" | "otp_wording" | "contact" | "symbol" | "too_long" | "too_many_parts" | "left_out";
    /** In the caller's language. As `Reviewers often refuse links.`. */
    readonly message: string;
    /** Where in the text, in characters from 0; null: all of it. */
    readonly position: number | null;
}
/** Which of a vendor's templates a version is, and how the vendor's review of it stands. */
export interface BindingRow {
    /** A vendor, or a channel by its name. As `aliyun`. */
    readonly vendor: string;
    /** The vendor's own id. As `SMS_154950909`. */
    readonly vendor_template_id: string;
    /** The version it is of; no other is sent with it. */
    readonly version: number;
    /** The vendor's name or place of a parameter → our variable, in the vendor's order. */
    readonly parameters: Record<string, string>;
    /** As `approved`. */
    readonly state: "draft" | "pending" | "approved" | "rejected";
    /** Why, in the vendor's words. As `含有未报备的链接`. */
    readonly reason: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly updated_at: string;
}
/** A template to make. */
export interface TemplateRequest {
    /** What it is called, for people. As `Login code`. */
    name: string;
    /** What its messages are for, unless they say otherwise; marketing is nothing else. */
    kind: "marketing" | "notification" | "otp";
    /** With {variable}s; a brace that is to be printed is doubled. As `Your code is {code}.`. */
    text: string;
    /** An id of your choice, which is not used again for another; ours when absent. As `login-code`. */
    id?: string | null | undefined;
    /** Placed in front within 【】, which it must not hold itself. As `驿站`. */
    signature?: string | null | undefined;
    /** The longest value of a variable, in characters; 64 where none is named. */
    variables?: Record<string, number> | null | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** Look a template up: which. */
export interface TemplatesGetQuery {
    /** Which version; the newest when absent. */
    version?: number | undefined;
}
/** What to change of a template; what is absent stays. All but the name makes a new version. */
export interface TemplateChanges {
    /** What it is called, for people. As `Login code`. */
    name?: string | undefined;
    /** With {variable}s; a brace that is to be printed is doubled. As `Your code is {code}.`. */
    text?: string | undefined;
    /** Placed in front within 【】, which it must not hold itself. As `驿站`. */
    signature?: string | null | undefined;
    /** The longest value of a variable, in characters; 64 where none is named. */
    variables?: Record<string, number> | undefined;
}
/** What a template said before: which. */
export interface TemplatesVersionsQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
}
/** The versions of a template, newest first. */
export interface VersionRows {
    readonly data: VersionRow[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** One version of a template: it is never changed. */
export interface VersionRow {
    /** As `1`. */
    readonly version: number;
    /** As `Your code is {code}.`. */
    readonly text: string;
    /** Placed in front within 【】. As `驿站`. */
    readonly signature: string | null;
    readonly variables: VariableRow[];
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly updated_at: string;
}
/** A vendor's template to take over. */
export interface ImportRequest {
    /** Whose it is, and in whose notation its text stands. */
    vendor: "aliyun" | "huawei" | "tencent" | "twilio";
    /** As it stands with the vendor, 【signature】 in front included where there is one. As `【驿站】您的验证码是{1}，{2}分钟内有效。`. */
    text: string;
    /** The vendor's own id of it. As `SMS_154950909`. */
    vendor_template_id: string;
    /** What it is called, for people. As `Login code`. */
    name: string;
    /** What its messages are for, unless they say otherwise; marketing is nothing else. */
    kind: "marketing" | "notification" | "otp";
    /** An id of your choice, which is not used again for another; ours when absent. As `login-code`. */
    id?: string | null | undefined;
    /** Our names for places that have a number only, in their order. */
    names?: readonly string[] | null | undefined;
    /** How far the vendor's review has come; only what is approved is sent. */
    state?: "approved" | "draft" | "pending" | "rejected" | undefined;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** With which parameters, and where to; nothing needs to be said. */
export interface PreviewRequest {
    /** The template's parameters; numbers with decimals are written as texts. */
    params?: Record<string, string | number> | null | undefined;
    /** A recipient, whose country decides how a text is counted. As `+15555550123`. */
    to?: string | null | undefined;
    /** The country itself (ISO 3166, two letters) instead; the account's when absent. As `CN`. */
    country?: string | null | undefined;
    /** Placed in front within 【】, which it must not hold itself. As `驿站`. */
    signature?: string | null | undefined;
    /** Which version; the newest when absent. */
    version?: number | null | undefined;
}
/** What a template would send; nothing was. */
export interface PreviewReply {
    /** As `tpl_0c7xk3m9p2q4r`. */
    readonly template_id: string;
    /** As `1`. */
    readonly version: number;
    /** Where texts are counted for. As `CN`. */
    readonly country: string;
    /** Placed in front within 【】. */
    readonly signature: string | null;
    /** As it would be sent, signature included; null where parameters are lacking. */
    readonly text: string | null;
    /** Of this text; each is charged. */
    readonly segments: number | null;
    readonly encoding: "gsm7" | "ucs2" | null;
    /** Septets of GSM-7, or UTF-16 units of UCS-2. */
    readonly units: number | null;
    /** The first 20 of this text; none where every text is UCS-2, as in mainland China. */
    readonly culprits: CulpritCharacter[];
    readonly worst_case: WorstCase;
    /** What reviewers may refuse; it can be sent all the same. */
    readonly warnings: Warned[];
}
/** The longest message of a template: every variable at its full length, in characters of GSM-7. */
export interface WorstCase {
    /** Parts on the air; each is charged. */
    readonly segments: number;
    readonly encoding: "gsm7" | "ucs2";
    /** Septets of GSM-7, or UTF-16 units of UCS-2. As `36`. */
    readonly units: number;
    /** Segments where values hold other characters, such as Chinese ones. */
    readonly segments_unicode: number;
    /** Of the template's own text; positions in it as it is written, from 0. */
    readonly culprits: CulpritCharacter[];
}
