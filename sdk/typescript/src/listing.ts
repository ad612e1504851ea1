import type { Call } from "./call.js";
import { strange } from "./reading.js";

/** A page of a list as the server gives it. */
export interface Page<T> {
  readonly data: readonly T[];
  /** Where the next page begins; null or absent after the last. */
  readonly next_cursor?: string | null;
}

/** A list: `for await (const item of list)` fetches page after page, as far as one reads. */
export class Listing<T> implements AsyncIterableIterator<T> {
  readonly #fetch: (cursor: string | undefined) => Call<Page<T>>;
  #items: AsyncGenerator<T, void, undefined> | undefined;

  /** A list is made by the `list` methods of a client. */
  constructor(fetch: (cursor: string | undefined) => Call<Page<T>>) {
    this.#fetch = fetch;
  }

  /** One page: the first, or where a cursor says. */
  page(cursor?: string): Call<Page<T>> {
    return this.#fetch(cursor);
  }

  /** Page after page. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const { data: page, response } = await this.#fetch(cursor ?? undefined).withResponse();
      if (!Array.isArray(page.data)) throw strange(response, "is no page of a list");
      yield page;
      if (cursor && page.next_cursor === cursor) throw strange(response, "goes on where this page began");
      cursor = page.next_cursor;
    } while (cursor !== null && cursor !== undefined);
  }

  /** The first `max` items. */
  async take(max: number): Promise<T[]> {
    const taken: T[] = [];
    if (max <= 0) return taken;
    for await (const item of this.#all()) {
      taken.push(item);
      if (taken.length >= max) break;
    }
    return taken;
  }

  /** The next item, for who walks by hand; `for await` begins anew. */
  next(): Promise<IteratorResult<T, undefined>> {
    this.#items ??= this.#all();
    return this.#items.next() as Promise<IteratorResult<T, undefined>>;
  }

  /** A new walk from the beginning. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#all();
  }

  async *#all(): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }
}
