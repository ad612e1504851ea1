"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Listing = void 0;
const reading_js_1 = require("./reading.js");
class Listing {
    #fetch;
    #items;
    constructor(fetch) {
        this.#fetch = fetch;
    }
    page(cursor) {
        return this.#fetch(cursor);
    }
    async *pages() {
        let cursor;
        do {
            const { data: page, response } = await this.#fetch(cursor ?? undefined).withResponse();
            if (!Array.isArray(page.data))
                throw (0, reading_js_1.strange)(response, "is no page of a list");
            yield page;
            if (cursor && page.next_cursor === cursor)
                throw (0, reading_js_1.strange)(response, "goes on where this page began");
            cursor = page.next_cursor;
        } while (cursor !== null && cursor !== undefined);
    }
    async take(max) {
        const taken = [];
        if (max <= 0)
            return taken;
        for await (const item of this.#all()) {
            taken.push(item);
            if (taken.length >= max)
                break;
        }
        return taken;
    }
    next() {
        this.#items ??= this.#all();
        return this.#items.next();
    }
    [Symbol.asyncIterator]() {
        return this.#all();
    }
    async *#all() {
        for await (const page of this.pages())
            yield* page.data;
    }
}
exports.Listing = Listing;
