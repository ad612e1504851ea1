import type { Price } from "./sms_replies.js";
/** Batches, newest first: which. */
export interface BatchesListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** With exactly this label. */
    reference?: string | undefined;
}
/** A page of batches, newest first. */
export interface BatchesReply {
    readonly data: BatchStanding[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A batch, and what has become of its messages. */
export interface BatchStanding {
    /** As `bat_0c7xk3m9p2q4r`. */
    readonly batch_id: string;
    readonly reference: string | null;
    /** Messages that were accepted. */
    readonly count: number;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** Of all of them, as accepted. */
    readonly price: Price;
    /** How many messages are in each state. */
    readonly states: Record<string, number>;
    /** No message of it will be tried or heard of any more. */
    readonly done: boolean;
}
/** When to send what still waits for its time. */
export interface MoveRequest {
    /** The new time, RFC 3339 with a zone, at most 90 days ahead. As `2026-12-01T09:30:00+08:00`. */
    send_at: string;
    /** Makes the request safe to repeat: for 72 h the same key with the same request gets the first reply again, with another request 422. May stand in the Idempotency-Key header instead. As `order-4711-shipped`. */
    idempotency_key?: string | null | undefined;
}
/** A batch that was given another time. */
export interface MovedBatch {
    /** As `bat_0c7xk3m9p2q4r`. */
    readonly batch_id: string;
    readonly reference: string | null;
    /** Messages that were accepted. */
    readonly count: number;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** Of all of them, as accepted. */
    readonly price: Price;
    /** How many messages are in each state. */
    readonly states: Record<string, number>;
    /** No message of it will be tried or heard of any more. */
    readonly done: boolean;
    /** Messages moved; the others waited for no time any more. As `100`. */
    readonly moved: number;
    /** When they go. As `2026-11-21T08:00:00.123456Z`. */
    readonly send_at: string;
    /** When those for marketing go instead, since send_at lies in the account's quiet hours; null where it does not. As `2026-11-21T08:00:00.123456Z`. */
    readonly postponed_to: string | null;
}
/** A batch that was stopped. */
export interface CanceledBatch {
    /** As `bat_0c7xk3m9p2q4r`. */
    readonly batch_id: string;
    readonly reference: string | null;
    /** Messages that were accepted. */
    readonly count: number;
    /** As `2026-11-21T08:00:00.123456Z`. */
    readonly created_at: string;
    /** Of all of them, as accepted. */
    readonly price: Price;
    /** How many messages are in each state. */
    readonly states: Record<string, number>;
    /** No message of it will be tried or heard of any more. */
    readonly done: boolean;
    /** Messages stopped now; the others were finished or with a vendor. */
    readonly canceled: number;
}
