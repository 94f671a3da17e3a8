import type { MediaPacket } from "../../media/packet.ts";

/** How much of a recording is looked at before its time begins, in microseconds. */
const MAX_MICROS = 1_000_000;

/** The same in bytes; beyond this it does not matter what else comes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Bytes that one packet costs besides its body, so that floods of tiny packets are bounded too. */
const PACKET_OVERHEAD = 200;

/**
 * The first packets of a recording, held until every track has shown where it begins.
 *
 * Tracks come interleaved, and the first packet is seldom the earliest: only when one of each has come is it known what time
 * is 0, and what the head has to say.
 */
export class Opening {
  readonly packets: MediaPacket[] = [];
  published?: MediaPacket;
  readonly #waiting = new Set<string>();
  readonly #begun = new Set<string>();
  #bytes = 0;
  #base?: number;
  #front = -Infinity;

  /** `setup`: what has to stand first, and tells of tracks that are to come; `published`: the `onMetaData` that holds. */
  constructor(setup: readonly MediaPacket[] = [], published?: MediaPacket) {
    this.published = published;
    for (const packet of setup) this.add(packet);
  }

  /** Where the recording's time begins, in microseconds of the stream's. */
  get base(): number {
    return this.#base ?? this.packets.at(0)?.dts ?? 0;
  }

  /** Whether there is anything to be played. */
  get hasFrames(): boolean {
    return this.#base !== undefined;
  }

  /** Whether nothing that is still to come would change the beginning; `isProbed` says that all tracks are known. */
  isReady(isProbed: boolean): boolean {
    if (this.#bytes >= MAX_BYTES) return true;
    if (this.#base === undefined) return false;
    return isProbed && this.#waiting.size === 0 || this.#front - this.#base >= MAX_MICROS;
  }

  add(packet: MediaPacket): void {
    const { kind, role, track, dts, body } = packet;
    this.#bytes += body.length + PACKET_OVERHEAD;
    if (kind === "data" && role === "metadata") {
      this.published = packet;
      return;
    }
    this.packets.push(packet);
    if (kind === "data") return;
    const id = `${kind} ${track}`;
    const isFrame = role === "key" || role === "delta" || role === "frame";
    if (!isFrame) {
      if (!this.#begun.has(id)) this.#waiting.add(id);
      return;
    }
    this.#waiting.delete(id);
    this.#begun.add(id);
    this.#base = Math.min(this.#base ?? dts, dts);
    this.#front = Math.max(this.#front, dts);
  }
}
