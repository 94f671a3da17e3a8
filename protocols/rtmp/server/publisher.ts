import type { Publication } from "../../../kernel/streams/publication.ts";
import { parseTagBody } from "../../../media/flv/body.ts";
import type { FlvTagType } from "../../../media/flv/tag.ts";
import { TimestampUnwrapper } from "../../../media/flv/timestamps.ts";
import type { RtmpMessage } from "../wire/message.ts";

/** One published stream of a connection. */
export class RtmpPublisher implements Disposable {
  readonly #publication: Publication;
  readonly #timestamps = new TimestampUnwrapper();
  #isFresh = false;

  constructor(publication: Publication) {
    this.#publication = publication;
  }

  /** True while somebody watches the stream. */
  get isWatched(): boolean {
    return this.#publication.stream.isWatched;
  }

  /** Writes an audio, video or data message. */
  write({ type, timestamp, body }: RtmpMessage): void {
    const time = this.#timestamps.unwrap(timestamp);
    for (const packet of parseTagBody(type as FlvTagType, time, body)) this.#publication.write(packet);
    this.#isFresh = true;
  }

  /** Lets readers see what one read from the socket brought. */
  flush(): void {
    if (this.#isFresh) this.#publication.flush();
    this.#isFresh = false;
  }

  /** The publisher said that it has finished. */
  end(): void {
    this.#publication.end();
  }

  /** The publisher is gone. */
  [Symbol.dispose](): void {
    this.#publication[Symbol.dispose]();
  }
}
