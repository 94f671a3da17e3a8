import type { MediaPacket } from "../packet.ts";
import { parseTagBody } from "./body.ts";
import type { FlvFlags } from "./header.ts";
import { FlvReader, type FlvTag } from "./reader.ts";
import { TimestampUnwrapper } from "./timestamps.ts";

/** A body keeps the whole piece it arrived in; one that is this much smaller than its piece is copied out of it. */
const COPY_BELOW = 1 / 4;

/** Turns an FLV byte stream that arrives in pieces of any size into packets. */
export class FlvDemuxer {
  readonly #reader = new FlvReader();
  readonly #timestamps = new TimestampUnwrapper();
  /** What the file header said; undefined before it has arrived. */
  header?: FlvFlags;

  /**
   * Takes the next bytes and gives back the packets that they complete, all of them or, when it throws, none.
   *
   * @throws {FormatError} when the bytes are not FLV
   */
  read(bytes: Uint8Array): MediaPacket[] {
    return [...this.packets(bytes)];
  }

  /**
   * Takes the next bytes and gives the packets that they complete one by one, so that those before damage come before it throws.
   *
   * @throws {FormatError} when the bytes are not FLV
   */
  *packets(bytes: Uint8Array): Generator<MediaPacket, void> {
    for (const event of this.#reader.events(bytes)) {
      if (event.type === "header") this.header = event;
      else yield* this.#parse(event);
    }
  }

  #parse({ tagType, timestamp, body }: FlvTag): MediaPacket[] {
    const isSmall = body.length < body.buffer.byteLength * COPY_BELOW;
    return parseTagBody(tagType, this.#timestamps.unwrap(timestamp), isSmall ? new Uint8Array(body) : body);
  }
}
