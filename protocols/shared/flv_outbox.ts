import type { PublishedPacket } from "../../kernel/sessions/client.ts";
import { ByteWriter } from "../../media/bytes.ts";
import { flvHeader } from "../../media/flv/header.ts";
import { METADATA_TIME } from "../../media/flv/metadata.ts";
import { TAG_OVERHEAD_BYTES, tagTypeOf, writeFlvTag } from "../../media/flv/tag.ts";

/** Gathers what is written within one turn into one piece of an FLV stream, the file header in front of the first. */
export class FlvOutbox {
  readonly #send: (bytes: Uint8Array) => void;
  #gathered?: ByteWriter;
  #hasBegun = false;

  /** `send` gets each piece, which is not touched again. */
  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Takes a packet; it is sent with what else comes in this turn. */
  add({ kind, role, dts, body }: PublishedPacket): void {
    if (!this.#gathered) {
      this.#gathered = new ByteWriter(body.length + TAG_OVERHEAD_BYTES);
      queueMicrotask(() => this.flush());
    }
    if (!this.#hasBegun) this.#gathered.raw(flvHeader({ hasAudio: true, hasVideo: true }));
    this.#hasBegun = true;
    const timestamp = kind === "data" && role === "metadata" ? METADATA_TIME : Math.floor(dts / 1000);
    writeFlvTag(this.#gathered, tagTypeOf(kind), timestamp, body);
  }

  /** Sends what has been gathered. */
  flush(): void {
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered) this.#send(gathered.view());
  }
}
