import { FormatError } from "../errors.ts";
import { FLV_HEADER_BYTES, type FlvFlags, parseFlvHeader } from "./header.ts";
import { type FlvTagType, TAG_AUDIO, TAG_HEADER_BYTES, TAG_SCRIPT, TAG_VIDEO } from "./tag.ts";

/**
 * The largest tag body that is taken, in bytes. A key frame of an 8K stream has some 2 MB; more than this is a peer that
 * wants memory, or a reader that has lost its place.
 */
export const MAX_TAG_BYTES = 8 * 1024 * 1024;

/**
 * How many bytes are set aside for a tag of which less has arrived; beyond this memory is taken only in step with what
 * arrives, up to twice as much.
 */
const FIRST_ALLOCATION = 4096;

/** The PreviousTagSize of the tag before, and the header. */
const TAG_PREFIX_BYTES = 4 + TAG_HEADER_BYTES;

const FLAG_ENCRYPTED = 0x20;
const RESERVED_BITS = 0xc0;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** What {@linkcode FlvReader} finds. */
export type FlvEvent = FlvHeader | FlvTag;

/** The stream's header: the first event, once. */
export interface FlvHeader extends FlvFlags {
  readonly type: "header";
}

/** One tag. */
export interface FlvTag {
  readonly type: "tag";
  readonly tagType: FlvTagType;
  /** In milliseconds modulo 2^32, as it was sent; `TimestampUnwrapper` undoes the wrap. */
  readonly timestamp: number;
  readonly body: Uint8Array;
}

/**
 * Reads an FLV byte stream that arrives in pieces of any size.
 *
 * Bodies that lie whole in one piece are views of it, so a piece must not be written to after it was given; others are
 * gathered into a buffer of their own. Wrong PreviousTagSizes and data offsets are overlooked, tags of unknown types are
 * skipped.
 *
 * The invariant: the stream is a sequence of fields (file header, then tag prefix and tag body in turn). `#wanted` is the
 * length of the current one, and `#gathered` holds its first `#filled` bytes, those that came in earlier pieces.
 */
export class FlvReader {
  readonly #maxTagBytes: number;
  #broken: unknown;
  #field: "header" | "prefix" | "body" = "header";
  #wanted = FLV_HEADER_BYTES;
  #input: Uint8Array = NO_BYTES;
  #gathered: Uint8Array = NO_BYTES;
  #filled = 0;
  #tagType = 0;
  #timestamp = 0;

  /** `maxTagBytes`: the largest tag body that is taken. */
  constructor({ maxTagBytes = MAX_TAG_BYTES }: { maxTagBytes?: number } = {}) {
    this.#maxTagBytes = maxTagBytes;
  }

  /** How many bytes of memory are set aside for what has arrived of an unfinished field. */
  get held(): number {
    return this.#gathered.length;
  }

  /**
   * Takes the next bytes of the stream and gives back what they complete, all of it or, when it throws, nothing.
   *
   * @throws {FormatError} as {@linkcode FlvReader.events}
   */
  read(chunk: Uint8Array): FlvEvent[] {
    return [...this.events(chunk)];
  }

  /**
   * Takes the next bytes of the stream and gives what they complete piece by piece, so that whatever stands before damage comes
   * before it throws. It has to be read to its end before the next bytes are given.
   *
   * @throws {FormatError} when the bytes are not FLV, a tag is encrypted or larger than the limit; from then on every call throws
   * it
   */
  *events(chunk: Uint8Array): Generator<FlvEvent, void> {
    if (this.#broken) throw this.#broken;
    this.#input = chunk;
    for (let field = this.#next(); field; field = this.#next()) {
      const event = this.#taken(field);
      if (event) yield event;
    }
  }

  #taken(field: Uint8Array): FlvEvent | undefined {
    try {
      return this.#accept(field);
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  /** The current field once it is complete. */
  #next(): Uint8Array | undefined {
    const input = this.#input;
    const missing = this.#wanted - this.#filled;
    if (input.length < missing) {
      this.#input = NO_BYTES;
      this.#gather(input);
      return undefined;
    }
    this.#input = input.subarray(missing);
    const last = input.subarray(0, missing);
    if (this.#filled === 0) return last;
    this.#gather(last);
    const field = this.#gathered.subarray(0, this.#filled);
    this.#gathered = NO_BYTES;
    this.#filled = 0;
    return field;
  }

  #gather(piece: Uint8Array): void {
    if (piece.length === 0) return;
    const filled = this.#filled + piece.length;
    if (filled > this.#gathered.length) {
      const larger = new Uint8Array(Math.min(this.#wanted, Math.max(FIRST_ALLOCATION, filled * 2)));
      larger.set(this.#gathered.subarray(0, this.#filled));
      this.#gathered = larger;
    }
    this.#gathered.set(piece, this.#filled);
    this.#filled = filled;
  }

  #accept(field: Uint8Array): FlvEvent | undefined {
    switch (this.#field) {
      case "header":
        this.#expect("prefix", TAG_PREFIX_BYTES);
        return { type: "header", ...parseFlvHeader(field) };
      case "prefix":
        this.#acceptPrefix(field);
        return undefined;
      case "body":
        this.#expect("prefix", TAG_PREFIX_BYTES);
        return this.#tag(field);
    }
  }

  #acceptPrefix(prefix: Uint8Array): void {
    const head = prefix[4];
    const size = prefix[5] << 16 | prefix[6] << 8 | prefix[7];
    if (head & RESERVED_BITS) throw new FormatError(`Not an FLV tag: its first byte is ${head}`);
    if (head & FLAG_ENCRYPTED) throw new FormatError("FLV tag is encrypted, which is not supported");
    if (size > this.#maxTagBytes) {
      throw new FormatError(`FLV tag of ${size} bytes is larger than the limit of ${this.#maxTagBytes}`);
    }
    this.#tagType = head;
    this.#timestamp = (prefix[11] << 24 | prefix[8] << 16 | prefix[9] << 8 | prefix[10]) >>> 0;
    this.#expect("body", size);
  }

  #tag(body: Uint8Array): FlvTag | undefined {
    const tagType = this.#tagType;
    if (tagType !== TAG_AUDIO && tagType !== TAG_VIDEO && tagType !== TAG_SCRIPT) return undefined;
    return { type: "tag", tagType, timestamp: this.#timestamp, body };
  }

  #expect(field: "prefix" | "body", bytes: number): void {
    this.#field = field;
    this.#wanted = bytes;
  }
}
