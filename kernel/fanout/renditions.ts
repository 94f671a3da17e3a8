import type { Format, TrackSource } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { RingLimits } from "./byte_ring.ts";
import { errorText } from "../error_text.ts";
import type { Flusher } from "./flusher.ts";
import type { Logger } from "../log/log.ts";
import type { PacketRing } from "./packet_ring.ts";
import type { Closed } from "../reasons.ts";
import { Rendition } from "./rendition.ts";
import type { Subscription } from "./subscription.ts";

/** What the renditions of a stream are made from. */
export interface RenditionsHost {
  /** The stream's id, as messages name it. */
  readonly stream: string;
  readonly source: TrackSource;
  /** What a format that nobody has read so far begins with. */
  readonly ring: PacketRing;
  readonly limits: RingLimits;
  readonly flusher: Flusher;
  readonly log: Logger;
}

/** The byte formats that one stream is read in, each encoded once for all its readers, and only while there are some. */
export class Renditions {
  readonly #host: RenditionsHost;
  readonly #open = new Map<string, Rendition>();
  #pastSkips = 0;
  #ended?: Closed;

  constructor(host: RenditionsHost) {
    this.#host = host;
  }

  /** True while the stream is read in some format. */
  get areRead(): boolean {
    return this.#open.size > 0;
  }

  /** Bytes that the encoded copies take. */
  get size(): number {
    return this.#open.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** How often readers were too slow and jumped, those included that have left. */
  get skips(): number {
    return this.#open.values().reduce((sum, { skips }) => sum + skips, this.#pastSkips);
  }

  /** Begins a reader of a format at the newest entry. */
  subscribe(format: Format): Subscription<Uint8Array> {
    const rendition = this.#open.get(format.name) ?? this.#begin(format);
    return rendition.subscribe();
  }

  /** Encodes a packet in all formats; readers see it at the next flush. */
  write(packet: MediaPacket): void {
    for (const rendition of this.#open.values()) rendition.write(packet);
  }

  /** Lets readers see what has been written. */
  flush(): void {
    for (const rendition of this.#open.values()) rendition.flush();
  }

  /** Ends all readers once they have read what there is, also those who come later. */
  end(closed: Closed): void {
    this.#ended = closed;
    for (const rendition of [...this.#open.values()]) rendition.end(closed);
  }

  #begin(format: Format): Rendition {
    const { stream, source, ring, limits, flusher, log } = this.#host;
    const rendition: Rendition = new Rendition(format, source, {
      limits,
      flusher,
      onEmpty: () => this.#close(format, rendition),
      onFailure: (error) => {
        const text = errorText(error);
        log.error(`Cannot send ${stream} as ${format.name}: ${text}`, { error });
      },
    });
    for (const packet of ring.fromEntry()) rendition.write(packet);
    if (this.#ended) rendition.end(this.#ended);
    else rendition.flush();
    this.#open.set(format.name, rendition);
    return rendition;
  }

  #close({ name }: Format, { skips }: Rendition): void {
    this.#pastSkips += skips;
    this.#open.delete(name);
  }
}
