import type { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";

/**
 * The most NAL units of one type in a decoder configuration. HEVC can tell 64 picture parameter sets apart, AVC 256; a
 * configuration of 8 MB could announce four million empty ones.
 */
const MAX_PARAMETER_SETS = 256;

/** A NAL unit's payload without its header and without the bytes that keep start codes out (ITU-T H.264, 7.4.1). */
export function rawPayload(unit: Uint8Array, headerBytes: number): Uint8Array {
  const payload = new Uint8Array(Math.max(0, unit.length - headerBytes));
  let length = 0;
  let zeros = 0;
  for (const byte of unit.subarray(headerBytes)) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    payload[length++] = byte;
  }
  return payload.subarray(0, length);
}

/**
 * Reads `count` NAL units, each behind its 16-bit length, as views. Throws {@linkcode FormatError} when they are cut off
 * or more than {@linkcode MAX_PARAMETER_SETS}.
 */
export function readUnits(input: ByteReader, count: number): Uint8Array[] {
  if (count > MAX_PARAMETER_SETS) throw new FormatError(`Codec configuration has ${count} parameter sets of one type`);
  return Array.from({ length: count }, () => input.raw(input.u16()));
}

/** A byte as two hexadecimal digits, as codec strings have it. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
