import { createCipheriv, randomBytes } from "node:crypto";
import { SEGMENT_KEY_BYTES, sequenceIv } from "../../../media/hls/segment_cipher.ts";
import type { SegmentKey } from "../../../media/hls/segment.ts";

/** A segment as its player gets it. */
export interface SealedSegment {
  readonly bytes: Uint8Array;
  readonly key: SegmentKey;
}

/**
 * Encrypts segments with AES-128, with a new key every few of them (RFC 8216, 4.3.2.4). The initialization vector is the media
 * sequence number, which no two segments of a key have in common.
 */
export class SegmentKeys {
  readonly #segmentsPerKey: number;
  readonly #prefix: string;
  readonly #kept: number;
  readonly #keys = new Map<string, Uint8Array>();
  #name = "";
  #count = 0;
  #sealed = 0;

  /** Keys of the newest `kept` segments can be found; `prefix` begins the names of all. */
  constructor(segmentsPerKey: number, kept: number, prefix: string) {
    this.#segmentsPerKey = segmentsPerKey;
    this.#prefix = prefix;
    this.#kept = Math.ceil(kept / segmentsPerKey) + 1;
  }

  /** Encrypts the segment of this media sequence number. */
  seal(msn: number, plain: Uint8Array): SealedSegment {
    if (this.#sealed++ % this.#segmentsPerKey === 0) this.#turn();
    const cipher = createCipheriv("aes-128-cbc", this.#keys.get(this.#name)!, sequenceIv(msn));
    const begun = cipher.update(plain);
    const rest = cipher.final();
    const bytes = new Uint8Array(begun.length + rest.length);
    bytes.set(begun);
    bytes.set(rest, begun.length);
    return { bytes, key: { method: "AES-128", uri: this.#name } };
  }

  /** A key by its name. */
  find(name: string): Uint8Array | undefined {
    return this.#keys.get(name);
  }

  #turn(): void {
    this.#name = `${this.#prefix}-${this.#count++}.key`;
    this.#keys.set(this.#name, new Uint8Array(randomBytes(SEGMENT_KEY_BYTES)));
    if (this.#keys.size > this.#kept) this.#keys.delete(this.#keys.keys().next().value!);
  }
}
