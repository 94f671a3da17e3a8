import { concat } from "../bytes.ts";
import { fields, fullBox, type Writable } from "./box.ts";

/** ISO/IEC 14496-1, table 5. */
const OBJECT_TYPES = { aac: 0x40, mpeg1: 0x6b, mpeg2: 0x69 } as const;

const NO_CONFIG: Uint8Array = new Uint8Array(0);

/** The elementary stream descriptor of audio (ISO/IEC 14496-14, 5.6; ISO/IEC 14496-1, 7.2.6); `config` where there is one. */
export function esds(format: keyof typeof OBJECT_TYPES, config = NO_CONFIG): Writable {
  const specific = config.length > 0 ? descriptor(5, config) : NO_CONFIG;
  // Stream type 5 is audio; the bit behind it is reserved. Buffer size and bit rates are not known.
  const head = fields((out) => out.u8(OBJECT_TYPES[format]).u8(5 << 2 | 1).u24(0).u32(0).u32(0));
  const decoder = descriptor(4, concat([head, specific]));
  const syncLayer = descriptor(6, Uint8Array.of(2));
  return fullBox("esds", 0, 0, descriptor(3, fields((out) => out.u16(0).u8(0).raw(decoder).raw(syncLayer))));
}

/** A tag, a length of seven bits a byte, and the content (ISO/IEC 14496-1, 8.3.3). */
function descriptor(tag: number, content: Uint8Array): Uint8Array {
  const size = content.length;
  return fields((out) => {
    out.u8(tag);
    for (let shift = 21; shift > 0; shift -= 7) if (size >> shift) out.u8(0x80 | size >> shift & 0x7f);
    out.u8(size & 0x7f).raw(content);
  });
}
