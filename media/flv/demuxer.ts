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
   * Takes the next bytes and gives back the packets that they complete.
   *
   * @throws {FormatError} when the bytes are not FLV
   */
  read(bytes: Uint8Array): MediaPacket[] {
    const packets: MediaPacket[] = [];
    for (const event of this.#reader.read(bytes)) {
      if (event.type === "header") this.header = event;
      else packets.push(...this.#parse(event));
    }
    return packets;
  }

  #parse({ tagType, timestamp, body }: FlvTag): MediaPacket[] {
    const isSmall = body.length < body.buffer.byteLength * COPY_BELOW;
    return parseTagBody(tagType, this.#timestamps.unwrap(timestamp), isSmall ? new Uint8Array(body) : body);
  }
}
