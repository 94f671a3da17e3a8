import type { PacketReader } from "../../fanout/packet_subscription.ts";
import type { Session } from "../../sessions/session.ts";
import type { Stream } from "../../streams/stream.ts";
import type { Homes } from "./homes.ts";
import type { SentPublisher } from "../messages.ts";
import { sentInfo } from "../messages.ts";

/** What sends a stream to its home. */
export interface HomeLink {
  /** The worker becomes the home of a stream, and is sent it from where `reader` stands, or else from the newest entry on. */
  adopt(stream: Stream, publisher: SentPublisher, reader?: PacketReader): void;
  /** Another publisher of a stream has begun. */
  published(stream: Stream, publisher: SentPublisher): void;
}

/** Sends each stream, from its first packet to its last, to the worker that is its home. */
export class HomeFeeds {
  readonly #homes: Homes;
  readonly #linkOf: (worker: number) => HomeLink | undefined;
  readonly #publishers = new Map<Stream, SentPublisher>();
  /** What streams whose home is being replaced go on with there. */
  readonly #waiting = new Map<Stream, PacketReader>();

  /** `linkOf` gives none for a worker that is being replaced. */
  constructor(homes: Homes, linkOf: (worker: number) => HomeLink | undefined) {
    this.#homes = homes;
    this.#linkOf = linkOf;
  }

  /** A stream begins. Nothing of it has been written yet. */
  began(stream: Stream, session: Session): void {
    const publisher = this.#note(stream, session);
    this.#linkOf(this.#homes.of(stream.key))?.adopt(stream, publisher);
  }

  /** Another publisher of a stream begins. */
  resumed(stream: Stream, session: Session): void {
    const publisher = this.#note(stream, session);
    this.#linkOf(this.#homes.of(stream.key))?.published(stream, publisher);
  }

  /** A stream is over; one whose home is being replaced is still to be written there. */
  ended(stream: Stream): void {
    if (!this.#waiting.has(stream)) this.#publishers.delete(stream);
  }

  /** The worker in this place is gone: what follows, and the pictures that it may not have written, are kept for the next. */
  lost(worker: number): void {
    for (const [stream] of this.#at(worker)) {
      if (!this.#waiting.has(stream)) this.#waiting.set(stream, stream.packets({ patient: true }));
    }
  }

  /** A worker begins in this place: the streams whose home it is go on there. */
  begun(worker: number): void {
    const link = this.#linkOf(worker);
    for (const [stream, publisher] of this.#at(worker)) {
      link?.adopt(stream, publisher, this.#waiting.get(stream));
      this.#waiting.delete(stream);
      if (stream.signal.aborted) this.#publishers.delete(stream);
    }
  }

  #at(worker: number): [Stream, SentPublisher][] {
    return [...this.#publishers].filter(([stream]) => this.#homes.of(stream.key) === worker);
  }

  #note(stream: Stream, { id, info }: Session): SentPublisher {
    const publisher = { session: id, info: sentInfo(info) };
    this.#publishers.set(stream, publisher);
    return publisher;
  }
}
