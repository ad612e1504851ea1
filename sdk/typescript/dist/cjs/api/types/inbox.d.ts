/** What handsets wrote, newest first: which. */
export interface InboxListQuery {
    /** How many at most. */
    limit?: number | undefined;
    /** Where to go on: the next_cursor of the page before, with the same filters. As `cur_0c7xk3m9p2q4r`. */
    cursor?: string | undefined;
    /** The handset's number. As `+15555550123`. */
    from?: string | undefined;
    /** The number or extension code it was sent to, exactly as the vendor wrote it. As `106900001234`. */
    to?: string | undefined;
    /** With this keyword. */
    keyword?: "help" | "start" | "stop" | undefined;
    /** Handed over by the channel of this name. */
    channel?: string | undefined;
    /** Received at or after this time, RFC 3339 with a zone. What counts is the time in the id, which never goes back, even where the server's clock does. As `2026-12-01T08:00:00+08:00`. */
    since?: string | undefined;
    /** Received before this time, compared in the same way. As `2026-12-01T08:00:00+08:00`. */
    until?: string | undefined;
    /** Nobody's texts, instead of the account's: operators only. */
    unclaimed?: boolean | undefined;
}
/** A page of texts, newest first. */
export interface InboxReply {
    readonly data: InboxText[];
    /** Give it as cursor for the next page; null after the last. A page can be short, even empty, before that: go on until this is null. As `cur_0c7xk3m9p2q4r`. */
    readonly next_cursor: string | null;
}
/** A text that a handset sent. */
export interface InboxText {
    /** As `inb_0c7xk3m9p2q4r`. */
    readonly id: string;
    /** The handset's number, E.164. As `+15555550123`. */
    readonly from: string;
    /** The number or extension code that it was sent to, where the vendor tells. As `106900001234`. */
    readonly to: string | null;
    /** As `TD`. */
    readonly text: string;
    /** What the text asks for, if it is nothing but a keyword: stop puts the number on the suppression list for notifications and marketing, start takes it off again. As `stop`. */
    readonly keyword: "stop" | "start" | "help" | null;
    /** The channel that handed it over. As `tencent`. */
    readonly channel: string;
    /** The message that it answers: named by the vendor, else the account's last one to this number over this channel; null where that is not known. As `sms_0c7xk3m9p2q4r`. */
    readonly sms_id: string | null;
    /** When it was sent, by the vendor's word; null where the vendor does not tell. As `2026-11-21T08:00:00.123456Z`. */
    readonly sent_at: string | null;
    /** When it was received here. As `2026-11-21T08:00:00.123456Z`. */
    readonly received_at: string;
}
