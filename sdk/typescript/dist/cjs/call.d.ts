/** A reply with what came around it. */
export interface Answer<T> {
    readonly data: T;
    /** Status and headers; its body has been read, and is `data`. */
    readonly response: Response;
    /** Names the request in the server's logs. */
    readonly requestId: string | null;
}
/** The promise of a reply; `withResponse()` gives status and headers too. */
export declare class Call<T> extends Promise<T> {
    #private;
    /** A call is made by the methods of a client. */
    constructor(answer: Promise<Answer<T>>);
    static get [Symbol.species](): PromiseConstructor;
    /** The reply with its status, its headers and the id of the request. */
    withResponse(): Promise<Answer<T>>;
    then<A = T, B = never>(done?: ((value: T) => A | PromiseLike<A>) | null, failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B>;
    finally(ended?: (() => void) | null): Promise<T>;
}
