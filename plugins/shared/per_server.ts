import type { PluginContext } from "../../kernel/plugin/plugin.ts";

/** Of whatever server a context is, there is one feed: by it a server is known. */
type OfServer = Pick<PluginContext, "feed">;

/**
 * A thing of which each server has one, made when it is first asked for: there plugins meet that do not import each other. What
 * this gives finds a server's own.
 */
export function perServer<T extends object, C extends OfServer = OfServer>(make: (ctx: C) => T): (ctx: C) => T {
  const known = new WeakMap<OfServer["feed"], T>();
  return (ctx) => {
    const { feed } = ctx;
    let one = known.get(feed);
    if (!one) known.set(feed, one = make(ctx));
    return one;
  };
}

/** What several plugins have to say to one question. */
export class Contributions<T> {
  readonly #all = new Set<T>();

  /** Adds something, until it is disposed of. */
  add(one: T): Disposable {
    this.#all.add(one);
    return { [Symbol.dispose]: () => void this.#all.delete(one) };
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#all.values();
  }
}
