import { FlvDemuxer } from "../../../media/flv/demuxer.ts";
import type { FlvFlags } from "../../../media/flv/header.ts";
import type { MediaPacket } from "../../../media/packet.ts";

const HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;

/**
 * Reads FLV as the specification has it and throws at whatever else comes, so that a server is held to every field:
 * header, reserved bits, stream ids, PreviousTagSizes.
 */
export class StrictFlv {
  readonly #demuxer = new FlvDemuxer();
  #unchecked = new Uint8Array(0);
  #isBegun = false;

  /** What the header said. */
  get flags(): FlvFlags | undefined {
    return this.#demuxer.header;
  }

  /** True when the stream could end here: behind a PreviousTagSize. */
  get isWhole(): boolean {
    return this.#isBegun && this.#unchecked.length === 0;
  }

  /** The packets that the bytes complete. Throws an `Error` when they are not strictly FLV. */
  read(bytes: Uint8Array): MediaPacket[] {
    this.#check(bytes);
    return this.#demuxer.read(bytes.slice());
  }

  #check(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#unchecked.length + bytes.length);
    all.set(this.#unchecked);
    all.set(bytes, this.#unchecked.length);
    let at = this.#isBegun ? 0 : this.#checkHeader(all);
    for (let size = tagSize(all, at); size > 0; size = tagSize(all, at)) {
      checkTag(new DataView(all.buffer, at, size));
      at += size;
    }
    this.#unchecked = all.slice(at);
  }

  #checkHeader(bytes: Uint8Array): number {
    if (bytes.length < HEADER_BYTES) return 0;
    const view = new DataView(bytes.buffer);
    demand(view.getUint32(0) === 0x464c5601, "the header is FLV, version 1");
    demand((bytes[4] & ~0x05) === 0, "the header's reserved flags are 0");
    demand(view.getUint32(5) === 9 && view.getUint32(9) === 0, "the data offset is 9 and PreviousTagSize0 is 0");
    this.#isBegun = true;
    return HEADER_BYTES;
  }
}

/** The whole tag's size with its PreviousTagSize; 0 while it is not there. */
function tagSize(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + TAG_HEADER_BYTES) return 0;
  const body = bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  const size = TAG_HEADER_BYTES + body + 4;
  return bytes.length < at + size ? 0 : size;
}

function checkTag(tag: DataView): void {
  const type = tag.getUint8(0);
  demand(type === 8 || type === 9 || type === 18, `a tag's type is 8, 9 or 18, not ${type}`);
  demand((tag.getUint32(7) & 0xff_ffff) === 0, "a tag's stream id is 0");
  demand(tag.byteLength > TAG_HEADER_BYTES + 4, "a tag has a body");
  const previous = tag.getUint32(tag.byteLength - 4);
  demand(previous === tag.byteLength - 4, `PreviousTagSize is ${tag.byteLength - 4}, not ${previous}`);
}

function demand(isSo: boolean, rule: string): void {
  if (!isSo) throw new Error(`Not strictly FLV: ${rule}`);
}
