import type { Closed } from "../reasons.ts";

/**
 * One reader's place in a stream.
 *
 * Nothing waits for a reader: it takes what there is with {@linkcode Subscription.next} and hears through `onReady` when
 * there is more. `for await` does both for readers that are in no hurry.
 */
export interface Subscription<T> extends Disposable, AsyncIterable<T> {
  /** The next value, undefined when all that there is has been read. */
  next(): T | undefined;
  /** Called once when there is something to read, or the end, after `next()` returned undefined or `park()`. */
  onReady?: () => void;
  /** Called when the subscription is disposed. */
  onDispose?: () => void;
  /** Asks for `onReady` at the next news, although not all that is there has been read. */
  park(): void;
  /** Set once nothing more will come, because of the stream or of the reader; what is there can still be read. */
  readonly ended: Closed | undefined;
  /** How often the reader was too slow and jumped to the newest key unit. */
  readonly skips: number;
}

/** Iterates over a subscription until it ends or is disposed, and disposes it. */
export async function* iterate<T>(subscription: Subscription<T>): AsyncGenerator<T, void, void> {
  try {
    while (true) {
      const ready = Promise.withResolvers<void>();
      subscription.onReady = subscription.onDispose = ready.resolve;
      const value = subscription.next();
      if (value !== undefined) yield value;
      else if (subscription.ended) return;
      else await ready.promise;
    }
  } finally {
    subscription[Symbol.dispose]();
  }
}
