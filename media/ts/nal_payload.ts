import { ByteWriter } from "../bytes.ts";
import { parseAvcConfig } from "../codec/avc.ts";
import { parseHevcConfig } from "../codec/hevc.ts";
import { FormatError } from "../errors.ts";
import { type Payload, type PieceSink, STREAM_ID_VIDEO } from "./payload.ts";
import { type ElementaryStream, registration } from "./psi.ts";

const START_CODE = Uint8Array.of(0, 0, 0, 1);

/** What tells the byte streams of AVC and HEVC apart. */
interface NalSyntax {
  readonly name: string;
  readonly description: ElementaryStream;
  /** The type of a NAL unit with this first byte. */
  typeOf(first: number): number;
  readonly delimiterType: number;
  /** An access unit delimiter that allows every kind of slice, behind its start code. */
  readonly delimiter: Uint8Array;
  /** The types of the parameter sets without which nothing can be decoded. */
  readonly setTypes: readonly number[];
  readConfig(config: Uint8Array): { lengthSize: number; sets: readonly Uint8Array[] };
}

const AVC: NalSyntax = {
  name: "AVC",
  description: { streamType: 0x1b, descriptors: new Uint8Array(0) },
  typeOf: (first) => first & 0x1f,
  delimiterType: 9,
  delimiter: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0),
  setTypes: [7, 8],
  readConfig(config) {
    const { lengthSize, sps, pps } = parseAvcConfig(config);
    return { lengthSize, sets: [...sps, ...pps] };
  },
};

/** Besides the parameter sets: SEI messages that hold for the whole stream, such as those of HDR. */
const HEVC_PREFIX_SEI = 39;

const HEVC: NalSyntax = {
  name: "HEVC",
  description: { streamType: 0x24, descriptors: registration("HEVC") },
  typeOf: (first) => first >> 1 & 0x3f,
  delimiterType: 35,
  delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50),
  setTypes: [32, 33, 34],
  readConfig(config) {
    const { lengthSize, units } = parseHevcConfig(config);
    return { lengthSize, sets: [...this.setTypes, HEVC_PREFIX_SEI].flatMap((type) => units.get(type) ?? []) };
  },
};

/** H.264: a byte stream with an access unit delimiter before each picture (ISO/IEC 13818-1, 2.14.1). */
export function avcPayload(): Payload {
  return new NalPayload(AVC);
}

/** H.265: a byte stream with an access unit delimiter before each picture (ISO/IEC 13818-1, 2.17.1). */
export function hevcPayload(): Payload {
  return new NalPayload(HEVC);
}

/**
 * Turns length-prefixed NAL units into a byte stream (ITU-T H.264 and H.265, annex B): start codes instead of lengths, a
 * delimiter before each picture and the parameter sets before each key picture, unless the encoder has put them there.
 */
class NalPayload implements Payload {
  readonly streamId = STREAM_ID_VIDEO;
  description: ElementaryStream | undefined;
  readonly #syntax: NalSyntax;
  #lengthSize = 4;
  #sets: Uint8Array = new Uint8Array(0);

  constructor(syntax: NalSyntax) {
    this.#syntax = syntax;
  }

  configure(config: Uint8Array): void {
    const { lengthSize, sets } = this.#syntax.readConfig(config);
    const joined = new ByteWriter(256);
    for (const set of sets) joined.raw(START_CODE).raw(set);
    this.#lengthSize = lengthSize;
    this.#sets = joined.view();
    this.description = this.#syntax.description;
  }

  measure(frame: Uint8Array, isKey: boolean): number {
    let size = this.#hasDelimiter(frame) ? 0 : this.#syntax.delimiter.length;
    if (isKey && !this.#hasAllSets(frame)) size += this.#sets.length;
    for (let at = 0; at < frame.length;) {
      const length = this.#unitLength(frame, at);
      at += this.#lengthSize + length;
      if (length > 0) size += START_CODE.length + length;
    }
    return size;
  }

  write(frame: Uint8Array, isKey: boolean, out: PieceSink): void {
    let at = 0;
    if (this.#hasDelimiter(frame)) at = this.#writeUnit(frame, 0, out);
    else out.write(this.#syntax.delimiter);
    if (isKey && !this.#hasAllSets(frame)) out.write(this.#sets);
    while (at < frame.length) at = this.#writeUnit(frame, at, out);
  }

  /** Writes the unit behind the length at `at`, and gives back where the next length is. */
  #writeUnit(frame: Uint8Array, at: number, out: PieceSink): number {
    const start = at + this.#lengthSize;
    const end = start + this.#unitLength(frame, at);
    if (end > start) {
      out.write(START_CODE);
      out.write(frame.subarray(start, end));
    }
    return end;
  }

  #hasDelimiter(frame: Uint8Array): boolean {
    const first = frame[this.#lengthSize];
    return first !== undefined && this.#syntax.typeOf(first) === this.#syntax.delimiterType;
  }

  #hasAllSets(frame: Uint8Array): boolean {
    const { setTypes } = this.#syntax;
    let missing = (1 << setTypes.length) - 1;
    for (let at = 0; at < frame.length;) {
      const length = this.#unitLength(frame, at);
      const index = length > 0 ? setTypes.indexOf(this.#syntax.typeOf(frame[at + this.#lengthSize])) : -1;
      if (index >= 0) missing &= ~(1 << index);
      at += this.#lengthSize + length;
    }
    return missing === 0;
  }

  #unitLength(frame: Uint8Array, at: number): number {
    let length = 0;
    for (let i = 0; i < this.#lengthSize; i++) length = length * 256 + (frame[at + i] ?? 0);
    const left = frame.length - at - this.#lengthSize;
    if (length > left) {
      throw new FormatError(`${this.#syntax.name} frame announces a NAL unit of ${length} bytes, ${left} are left`);
    }
    return length;
  }
}
