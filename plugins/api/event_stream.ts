import type { Clock } from "../../kernel/clock.ts";
import type { EventFeed, FeedEvent } from "../../kernel/plugin/event_feed.ts";
import { whenAborted } from "../../kernel/reasons.ts";

/** Proxies and browsers take a connection for dead on which nothing comes: a comment comes so often, in milliseconds. */
const HEARTBEAT_MS = 15_000;

/** Events that go into one piece of the answer at most, so that a client that was away long is not sent megabytes at once. */
const MAX_BATCH = 256;

/** What a client of the event stream wants. */
export interface EventWish {
  /** The id of the last event it has; without one it hears what happens from now on. */
  readonly lastId?: string;
  readonly isWanted: (event: FeedEvent) => boolean;
}

/**
 * The events of a server as a stream of server-sent events (HTML Standard, 9.2), for one client.
 *
 * A client has no queue of its own: it stands at a number of the feed and takes what is there when it has room. One that comes
 * back after too long, or after a restart, is told so by an event named `gap` and goes on with what there is.
 */
export function eventStream(
  feed: EventFeed,
  clock: Clock,
  signal: AbortSignal,
  wish: EventWish,
): ReadableStream<Uint8Array> {
  const reader = new Reader(feed, clock, signal, wish);
  return new ReadableStream({
    start: (controller) => controller.enqueue(encode("retry: 2000\n\n")),
    pull: async (controller) => {
      const text = await reader.next();
      if (text === undefined) controller.close();
      else controller.enqueue(encode(text));
    },
    cancel: () => reader[Symbol.dispose](),
  }, { highWaterMark: 0 });
}

class Reader implements Disposable {
  readonly #feed: EventFeed;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #isWanted: EventWish["isWanted"];
  #position: number;
  #gap?: string;
  #isOver = false;
  #isDue = false;
  #wake: () => void = () => {};

  constructor(feed: EventFeed, clock: Clock, signal: AbortSignal, { lastId, isWanted }: EventWish) {
    this.#feed = feed;
    this.#clock = clock;
    this.#signal = signal;
    this.#isWanted = isWanted;
    this.#position = this.#startAfter(lastId);
  }

  /** What is to be sent next, waiting for it; undefined at the end. */
  async next(): Promise<string | undefined> {
    using _end = whenAborted(this.#signal, () => this[Symbol.dispose]());
    using _heartbeat = this.#clock.setTimeout(() => {
      this.#isDue = true;
      this.#wake();
    }, HEARTBEAT_MS);
    this.#isDue = false;
    while (!this.#isOver) {
      const text = this.#take();
      if (text) return text;
      if (this.#isDue) return ": still here\n\n";
      if (this.#feed.newest === this.#position) await this.#news();
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#wake();
  }

  #startAfter(lastId: string | undefined): number {
    if (lastId === undefined) return this.#feed.newest;
    const [, run, seq] = /^(\w+)-(\d+)$/.exec(lastId) ?? [];
    if (run === this.#feed.run && Number(seq) <= this.#feed.newest) return Number(seq);
    this.#gap = "the server was started anew";
    return 0;
  }

  #take(): string {
    const { oldest } = this.#feed;
    if (this.#position + 1 < oldest) {
      this.#gap ??= `${oldest - 1 - this.#position} events are not kept any more`;
      this.#position = oldest - 1;
    }
    const events = this.#feed.since(this.#position).slice(0, MAX_BATCH);
    this.#position = events.at(-1)?.seq ?? this.#position;
    const gap = this.#gap === undefined ? "" : `event: gap\ndata: ${JSON.stringify({ why: this.#gap })}\n\n`;
    this.#gap = undefined;
    return gap + events.filter(this.#isWanted).map(toText).join("");
  }

  /** Waits until there is a reason to look. */
  async #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    using _events = this.#feed.subscribe(() => resolve());
    await promise;
  }
}

function toText(event: FeedEvent): string {
  return `id: ${event.id}\nevent: ${event.name}\ndata: ${JSON.stringify(event)}\n\n`;
}

const encoder = new TextEncoder();

function encode(text: string): Uint8Array {
  return encoder.encode(text);
}
