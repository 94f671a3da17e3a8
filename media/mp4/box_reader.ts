import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";

/** A box in memory. */
export interface ReadBox {
  readonly type: string;
  /** What is behind the size and type. */
  readonly content: Uint8Array;
}

/** The bytes that a box has in front of its content: its size and type, and if need be its size in 64 bits. */
export const MIN_BOX_HEADER = 8;

/** The most bytes that a box has in front of its content. */
export const MAX_BOX_HEADER = 16;

/** What a box begins with. */
export interface BoxHeader {
  readonly type: string;
  /** The length of the header itself, in bytes. */
  readonly headerBytes: number;
  /** The length of the box with its header, in bytes; `Infinity` for one that reaches to the end of the file. */
  readonly size: number;
}

const SIZE_TO_END = 0;
const SIZE_IS_LARGE = 1;

/**
 * Reads a box's header (ISO/IEC 14496-12, 4.2). Undefined when more bytes are needed.
 *
 * Throws {@linkcode FormatError} for a size that is smaller than the header and a type that is not text, as where a file
 * was never written.
 */
export function readBoxHeader(bytes: Uint8Array): BoxHeader | undefined {
  if (bytes.length < MIN_BOX_HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const small = view.getUint32(0);
  const headerBytes = small === SIZE_IS_LARGE ? MAX_BOX_HEADER : MIN_BOX_HEADER;
  if (bytes.length < headerBytes) return undefined;
  const size = small === SIZE_IS_LARGE
    ? view.getUint32(8) * 2 ** 32 + view.getUint32(12)
    : small === SIZE_TO_END
    ? Number.POSITIVE_INFINITY
    : small;
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  if (!/^[ -~\xa9]{4}$/.test(type)) throw new FormatError("A box has a type that is not text");
  if (size < headerBytes) throw new FormatError(`Box "${type}" has a size of ${size} bytes`);
  return { type, headerBytes, size };
}

/** The boxes that fill these bytes from `offset` on. Throws {@linkcode FormatError} when one is cut off. */
export function readBoxes(bytes: Uint8Array, offset = 0): ReadBox[] {
  const boxes: ReadBox[] = [];
  for (let at = offset; at < bytes.length;) {
    const header = readBoxHeader(bytes.subarray(at, at + MAX_BOX_HEADER));
    if (!header || header.size > bytes.length - at) throw new FormatError("A box ends behind the box that it is in");
    boxes.push({ type: header.type, content: bytes.subarray(at + header.headerBytes, at + header.size) });
    at += header.size;
  }
  return boxes;
}

/** The content of the first box of this type. Throws {@linkcode FormatError} when there is none. */
export function requireBox(boxes: readonly ReadBox[], type: string): Uint8Array {
  const box = boxes.find((box) => box.type === type);
  if (!box) throw new FormatError(`A "${type}" box is missing`);
  return box.content;
}

/** A full box's version, flags and the fields behind them. */
export function openFullBox(content: Uint8Array): { version: number; flags: number; input: ByteReader } {
  const input = new ByteReader(content);
  return { version: input.u8(), flags: input.u24(), input };
}

/** An unsigned 64-bit number, exact up to 2^53. */
export function readU64(input: ByteReader): number {
  return input.u32() * 2 ** 32 + input.u32();
}
