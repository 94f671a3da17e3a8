import { ByteWriter } from "../bytes.ts";
import { crc32 } from "./crc32.ts";

/** The PID of the program association table. */
export const PAT_PID = 0;

/** The PID of the program map table. */
export const PMT_PID = 0x1000;

/** Stands for no PCR at all (ISO/IEC 13818-1, 2.4.4.9). */
export const NO_PCR_PID = 0x1fff;

/** The most bytes in a section behind its length (ISO/IEC 13818-1, 2.4.4.9). */
const MAX_SECTION_LENGTH = 1021;

const TABLE_PAT = 0;
const TABLE_PMT = 2;
const TRANSPORT_STREAM_ID = 1;
const PROGRAM_NUMBER = 1;

/** What lies between a section's length and its own content, and the CRC. */
const SECTION_OVERHEAD = 5 + 4;

/** How the program map describes one elementary stream, but for its PID. */
export interface ElementaryStream {
  /** ISO/IEC 13818-1, table 2-34. */
  readonly streamType: number;
  /** Descriptors one behind the other, each with its tag and length. */
  readonly descriptors: Uint8Array;
}

/** The program association section: one program, whose map is at {@linkcode PMT_PID} (ISO/IEC 13818-1, 2.4.4.3). */
export function patSection(): Uint8Array {
  const content = new ByteWriter(4).u16(PROGRAM_NUMBER).u16(0xe000 | PMT_PID);
  return section(TABLE_PAT, TRANSPORT_STREAM_ID, 0, content.view());
}

/** The program map section (ISO/IEC 13818-1, 2.4.4.8); `version` counts modulo 32. Throws `RangeError` when too long. */
export function pmtSection(
  version: number,
  pcrPid: number,
  streams: readonly (ElementaryStream & { readonly pid: number })[],
): Uint8Array {
  const content = new ByteWriter().u16(0xe000 | pcrPid).u16(0xf000);
  for (const { pid, streamType, descriptors } of streams) {
    content.u8(streamType).u16(0xe000 | pid).u16(0xf000 | descriptors.length).raw(descriptors);
  }
  return section(TABLE_PMT, PROGRAM_NUMBER, version, content.view());
}

/** A registration descriptor (ISO/IEC 13818-1, 2.6.8): four characters that say what a private stream holds. */
export function registration(format: string): Uint8Array {
  return Uint8Array.of(0x05, 4, ...Array.from(format, (character) => character.charCodeAt(0)));
}

function section(table: number, extension: number, version: number, content: Uint8Array): Uint8Array {
  const length = SECTION_OVERHEAD + content.length;
  if (length > MAX_SECTION_LENGTH) {
    throw new RangeError(`Cannot write a PSI section of ${length} bytes: ${MAX_SECTION_LENGTH} is the most`);
  }
  const out = new ByteWriter(3 + length);
  out.u8(table).u16(0xb000 | length).u16(extension).u8(0xc1 | version << 1).u16(0).raw(content);
  return out.u32(crc32(out.view())).view();
}
