import type { Call } from "./call.js";
/** A page of a list as the server gives it. */
export interface Page<T> {
    readonly data: readonly T[];
    /** Where the next page begins; null or absent after the last. */
    readonly next_cursor?: string | null;
}
/** A list: `for await (const item of list)` fetches page after page, as far as one reads. */
export declare class Listing<T> implements AsyncIterableIterator<T> {
    #private;
    /** A list is made by the `list` methods of a client. */
    constructor(fetch: (cursor: string | undefined) => Call<Page<T>>);
    /** One page: the first, or where a cursor says. */
    page(cursor?: string): Call<Page<T>>;
    /** Page after page. */
    pages(): AsyncGenerator<Page<T>, void, undefined>;
    /** The first `max` items. */
    take(max: number): Promise<T[]>;
    /** The next item, for who walks by hand; `for await` begins anew. */
    next(): Promise<IteratorResult<T, undefined>>;
    /** A new walk from the beginning. */
    [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
}
