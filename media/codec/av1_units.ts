import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";

/** One open bitstream unit. */
export interface Av1Unit {
  /** 1 is a sequence header, 6 a frame (AV1 specification, 6.2.2). */
  readonly type: number;
  /** Without header and size, as a view. */
  readonly payload: Uint8Array;
}

const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;

/** The open bitstream units of a frame (AV1 specification, 5.3). Throws {@linkcode FormatError} when one is cut off. */
export function* readAv1Units(bytes: Uint8Array): Generator<Av1Unit> {
  const input = new ByteReader(bytes);
  while (input.left > 0) {
    const header = input.u8();
    if (header & HAS_EXTENSION) input.u8();
    const payload = header & HAS_SIZE ? input.raw(leb128(input)) : input.rest();
    yield { type: header >> 3 & 0x0f, payload };
  }
}

/** A number of seven bits a byte, the least significant first (AV1 specification, 4.10.5). */
function leb128(input: ByteReader): number {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = input.u8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw new FormatError("AV1 unit has a size without an end");
}
