import { ByteWriter } from "../bytes.ts";

/** Something whose size is known before it is written: boxes need theirs in front. */
export interface Writable {
  /** In bytes. */
  readonly size: number;
  write(out: ByteWriter): void;
  /** Writes the same with a pause now and then, for what is too long to be written at one go. */
  writeSlowly?(out: ByteWriter): Iterable<void>;
}

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
const MAX_SMALL_SIZE = 0xffff_ffff;

/** A box with its content: bytes, boxes and whatever else writes itself (ISO/IEC 14496-12, 4.2). */
export function box(type: string, ...content: readonly (Uint8Array | Writable)[]): Writable {
  const size = content.reduce((sum, part) => sum + sizeOf(part), HEADER_BYTES);
  return {
    size,
    write(out) {
      out.u32(size).u32(boxType(type));
      for (const part of content) {
        if (part instanceof Uint8Array) out.raw(part);
        else part.write(out);
      }
    },
    *writeSlowly(out) {
      out.u32(size).u32(boxType(type));
      for (const part of content) {
        if (part instanceof Uint8Array) out.raw(part);
        else if (part.writeSlowly) yield* part.writeSlowly(out);
        else part.write(out);
      }
    },
  };
}

/** A box whose content begins with a version and flags (ISO/IEC 14496-12, 4.2). */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly (Uint8Array | Writable)[]
): Writable {
  return box(type, fields((out) => out.u8(version).u24(flags)), ...content);
}

/** Small fields as bytes. */
export function fields(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(64);
  write(out);
  return out.view();
}

/** Boxes one behind the other, as bytes. Throws `RangeError` when one has not the size that it said. */
export function encodeBoxes(...boxes: readonly Writable[]): Uint8Array {
  const size = boxes.reduce((sum, box) => sum + box.size, 0);
  const out = new ByteWriter(size);
  for (const each of boxes) each.write(out);
  if (out.length !== size) {
    throw new RangeError(`Cannot encode boxes: they have ${out.length} bytes instead of ${size}`);
  }
  return out.view();
}

/** The header of a media data box with `size` bytes of content: with a 64-bit size if it needs one. */
export function mediaDataHeader(size: number): Uint8Array {
  if (HEADER_BYTES + size <= MAX_SMALL_SIZE) return fields((out) => out.u32(HEADER_BYTES + size).u32(boxType("mdat")));
  return fields((out) => out.u32(1).u32(boxType("mdat")).u64(LARGE_HEADER_BYTES + size));
}

/** A box's type as a number. */
export function boxType(type: string): number {
  return (type.charCodeAt(0) << 24 | type.charCodeAt(1) << 16 | type.charCodeAt(2) << 8 | type.charCodeAt(3)) >>> 0;
}

/** The bytes of ASCII text. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function sizeOf(part: Uint8Array | Writable): number {
  return part instanceof Uint8Array ? part.length : part.size;
}
