/** The verbs of HTTP that the API uses. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** One call of the API. */
export interface Route<M extends Method = Method, P extends string = string> {
    readonly method: M;
    /** With the names of ids in braces. */
    readonly path: P;
    /** When it may be repeated: always, under an idempotency key, or never by itself. */
    readonly repeat: "safe" | "keyed" | "never";
    /** Where what the caller says goes; absent where there is nothing to say. */
    readonly input?: "body" | "query";
    /** It answers a page of a list. */
    readonly paged?: true;
    /** It needs no key. */
    readonly open?: true;
}
/** A row of the table. */
export declare function route<M extends Method, P extends string>(method: M, path: P, repeat: Route["repeat"], more?: Pick<Route, "input" | "paged" | "open">): Route<M, P>;
/** The path with its ids filled in. Throws a TypeError for an id that would lead elsewhere. */
export declare function filled(path: string, ids: readonly unknown[]): string;
/** How many ids stand in a path. */
export declare function idCount(path: string): number;
