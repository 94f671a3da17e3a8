import type { Format, Muxer, TrackSource } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { ByteReaders } from "./byte_readers.ts";
import { ByteRing, type RingLimits } from "./byte_ring.ts";
import type { Timer } from "../clock.ts";
import type { Flusher } from "./flusher.ts";
import { Closed } from "../reasons.ts";
import type { Subscription } from "./subscription.ts";

/**
 * How long the encoded copy is kept after its last reader, in milliseconds: to encode a group of pictures anew takes
 * milliseconds, and one peer can come and go thousands of times a second.
 */
export const LINGER_MS = 2000;

/**
 * An init of up to so many bytes may precede every key. A larger one waits for a key behind as much media as it has
 * bytes: otherwise a publisher of tiny key frames could have its metadata written thousands of times a second.
 */
const FREE_INIT_BYTES = 4096;

/** What a rendition takes from its stream. */
export interface RenditionHost {
  readonly limits: RingLimits;
  readonly flusher: Flusher;
  /** Called when the last reader has left, and no other has come. */
  onEmpty(): void;
  /** Called when the format could not write a packet. */
  onFailure(error: unknown): void;
}

/** One stream in one byte format, encoded once for all its readers: opened by its first and closed a little after its last. */
export class Rendition {
  readonly #muxer: Muxer;
  readonly #ring: ByteRing;
  readonly #readers: ByteReaders;
  readonly #host: RenditionHost;
  #lingering?: Timer;
  #initBytes = 0;
  #bytesSinceInit = 0;

  constructor(format: Format, source: TrackSource, host: RenditionHost) {
    this.#muxer = format.open(source);
    this.#ring = new ByteRing(host.limits);
    this.#host = host;
    this.#readers = new ByteReaders({
      ring: this.#ring,
      flusher: host.flusher,
      onEmpty: () => this.#left(),
      onFailure: (error) => host.onFailure(error),
    });
  }

  /** Bytes that the encoded copy takes. */
  get size(): number {
    return this.#ring.size;
  }

  /** How often readers were too slow and jumped. */
  get skips(): number {
    return this.#ring.skips;
  }

  /** Encodes a packet; readers see it at the next flush. A format that fails ends its own readers, nobody else. */
  write(packet: MediaPacket): void {
    if (this.#readers.ended) return;
    try {
      this.#encode(packet);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Wakes the readers if something is there for them, now or as soon as the flusher's window ends. */
  flush(): void {
    this.#readers.flush();
  }

  /** Begins a reader at the newest entry. */
  subscribe(): Subscription<Uint8Array> {
    this.#stopLingering();
    return this.#readers.add();
  }

  /** Ends all readers once they have read what there is. */
  end(closed: Closed): void {
    if (this.#readers.ended) return;
    this.#ring.flush();
    this.#end(closed);
  }

  #encode(packet: MediaPacket): void {
    const role = this.#muxer.role(packet);
    if (!role) return;
    const now = this.#host.flusher.clock.now();
    if (role === "key" && this.#mayBegin()) this.#beginEntry(packet, now);
    else if (!this.#ring.isOpen) return;
    const writer = this.#ring.writer(now);
    const before = writer.length;
    this.#muxer.write(packet, writer);
    this.#bytesSinceInit += writer.length - before;
    this.#readers.written(packet.kind === "video" ? "picture" : "sound");
  }

  #mayBegin(): boolean {
    return this.#initBytes <= FREE_INIT_BYTES || this.#bytesSinceInit >= this.#initBytes;
  }

  #beginEntry(key: MediaPacket, now: number): void {
    const writer = this.#ring.beginEntry(now);
    this.#muxer.init(key, writer);
    this.#ring.endInit();
    this.#initBytes = writer.length;
    this.#bytesSinceInit = 0;
  }

  /** Half a unit may have been written: what was not flushed before is never shown. */
  #fail(error: unknown): void {
    this.#host.onFailure(error);
    this.#end(new Closed("error", "the stream cannot be sent in this format"));
  }

  #end(closed: Closed): void {
    this.#readers.end(closed);
    if (this.#readers.size === 0) this.#close();
  }

  /** The last reader has gone. */
  #left(): void {
    if (this.#readers.ended) this.#close();
    else this.#lingering = this.#host.flusher.clock.setTimeout(() => this.#close(), LINGER_MS);
  }

  #close(): void {
    this.#stopLingering();
    this.#readers.cancel();
    this.#host.onEmpty();
  }

  #stopLingering(): void {
    this.#lingering?.[Symbol.dispose]();
    this.#lingering = undefined;
  }
}
