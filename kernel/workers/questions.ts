import { errorOf, faultOf, type Post, type Reply } from "./messages.ts";

/** Questions to another isolate that wait for their answers. */
export class Questions<Q extends object> {
  readonly #post: Post<Q & { readonly ask: number }>;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #newest = 0;

  constructor(post: Post<Q & { readonly ask: number }>) {
    this.#post = post;
  }

  /** Asks; rejects with what the other side could not do, and when it is gone. */
  ask(question: Q): Promise<unknown> {
    const ask = ++this.#newest;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(ask, waiting);
    this.#post({ ...question, ask });
    return waiting.promise;
  }

  /** Takes an answer. */
  settle({ ask, value, fault }: Reply): void {
    const waiting = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    if (fault) waiting?.reject(errorOf(fault));
    else waiting?.resolve(value);
  }

  /** The other side is gone: nothing will be answered any more. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Answers a question with what a promise settles with. */
export async function reply(post: Post<Reply>, ask: number, result: Promise<unknown>): Promise<void> {
  try {
    post({ type: "reply", ask, value: await result });
  } catch (error) {
    post({ type: "reply", ask, fault: faultOf(error) });
  }
}
