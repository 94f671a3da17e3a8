import type { Session } from "../session.ts";
import type { Stream } from "../stream.ts";
import type { Homes } from "./homes.ts";
import type { SentPublisher } from "./messages.ts";
import { sentInfo } from "./messages.ts";

/** What sends a stream to its home. */
export interface HomeLink {
  /** The worker becomes the home of a stream. */
  adopt(stream: Stream, publisher: SentPublisher): void;
  /** Another publisher of a stream has begun. */
  published(stream: Stream, publisher: SentPublisher): void;
}

/** Sends each stream, from its first packet to its last, to the worker that is its home. */
export class HomeFeeds {
  readonly #homes: Homes;
  readonly #linkOf: (worker: number) => HomeLink | undefined;
  readonly #publishers = new Map<Stream, SentPublisher>();

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

  /** A stream is over. */
  ended(stream: Stream): void {
    this.#publishers.delete(stream);
  }

  /** A worker begins in this place: the streams whose home it is go on there. */
  begun(worker: number): void {
    const link = this.#linkOf(worker);
    for (const [stream, publisher] of this.#publishers) {
      if (this.#homes.of(stream.key) === worker) link?.adopt(stream, publisher);
    }
  }

  #note(stream: Stream, { id, info }: Session): SentPublisher {
    const publisher = { session: id, info: sentInfo(info) };
    this.#publishers.set(stream, publisher);
    return publisher;
  }
}
