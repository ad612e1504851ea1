/** A reply with what came around it. */
export interface Answer<T> {
  readonly data: T;
  /** Status and headers; its body has been read, and is `data`. */
  readonly response: Response;
  /** Names the request in the server's logs. */
  readonly requestId: string | null;
}

/** The promise of a reply; `withResponse()` gives status and headers too. */
export class Call<T> extends Promise<T> {
  readonly #answer: Promise<Answer<T>>;

  /** A call is made by the methods of a client. */
  constructor(answer: Promise<Answer<T>>) {
    // This promise itself stays pending: everything is passed on to the answer's, so that a failure has
    // one promise only, and who looks at `withResponse()` alone leaves no unhandled one behind.
    super(() => undefined);
    this.#answer = answer;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The reply with its status, its headers and the id of the request. */
  withResponse(): Promise<Answer<T>> {
    return this.#answer;
  }

  override then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#answer.then((answer) => answer.data).then(done, failed);
  }

  override catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, failed);
  }

  override finally(ended?: (() => void) | null): Promise<T> {
    return this.then().finally(ended);
  }
}
