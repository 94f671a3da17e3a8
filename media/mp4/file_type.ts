import { ascii, box, fields, type Writable } from "./box.ts";

/** A file or segment type box: its first brand is the major one (ISO/IEC 14496-12, 4.3). */
export function fileType(type: "ftyp" | "styp", brands: readonly string[], version = 0): Writable {
  return box(type, ascii(brands[0]), fields((out) => out.u32(version)), ...brands.map(ascii));
}
