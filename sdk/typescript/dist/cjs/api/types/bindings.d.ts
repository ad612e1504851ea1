import type { BindingRow, Warned } from "./templates.js";
/** How a template is bound to vendors' templates: which. */
export interface BindingsListQuery {
    /** Only those of this version; of all when absent. */
    version?: number | undefined;
}
/** Bindings of a template, of its newest version first, and how their reviews went. */
export interface BindingRows {
    readonly data: BindingRow[];
    /** The last 100 steps of all versions, newest first. */
    readonly history: BindingStep[];
}
/** One step of the review of a version. */
export interface BindingStep {
    /** A vendor, or a channel by its name. As `aliyun`. */
    readonly vendor: string;
    /** As `approved`. */
    readonly state: "draft" | "pending" | "approved" | "rejected";
    /** Why, in the vendor's words. As `含有未报备的链接`. */
    readonly reason: string | null;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly at: string;
    readonly version: number;
}
/** Which of the vendor's templates it is, and how the vendor's review stands. */
export interface BindingRequest {
    /** The vendor's own id of it. As `SMS_154950909`. */
    vendor_template_id: string;
    /** Our variables in the order of the vendor's places, or the vendor's name of a parameter → our variable. When absent all of them: under their own names for vendors whose templates have names (aliyun), else in the order of the text. */
    parameters?: readonly string[] | Record<string, string> | null | undefined;
    /** How far the vendor's review has come; only what is approved is sent. */
    state?: "approved" | "draft" | "pending" | "rejected" | undefined;
    /** Why, in the vendor's words. As `含有未报备的链接`. */
    reason?: string | null | undefined;
    /** Which version; the newest when absent. */
    version?: number | null | undefined;
}
/** A binding as it stands, and what may be wrong with it. */
export interface BoundReply {
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
    /** Variables of the template that it does not pass on to the vendor. */
    readonly warnings: Warned[];
}
/** Forget a binding: which. */
export interface BindingsDeleteQuery {
    /** Which version; the newest when absent. */
    version?: number | undefined;
}
