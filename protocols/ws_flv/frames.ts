import type { ByteWriter } from "../../media/bytes.ts";

/** Frame types of RFC 6455, section 5.2. */
export const OPCODE = { binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

const FIN = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** A close frame's payload is a code and at most this many bytes of reason (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** Writes the header of an unmasked, unfragmented frame whose payload of `length` bytes follows (RFC 6455, section 5.2). */
export function writeFrameHeader(out: ByteWriter, opcode: number, length: number): void {
  out.u8(FIN | opcode);
  if (length < LENGTH_16) out.u8(length);
  else if (length <= 0xffff) out.u8(LENGTH_16).u16(length);
  else out.u8(LENGTH_64).u64(length);
}

/** A short control frame: `opcode` with up to 125 bytes of payload. */
export function controlFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + payload.length);
  frame[0] = FIN | opcode;
  frame[1] = payload.length;
  frame.set(payload, 2);
  return frame;
}

/** A close frame with a code and a reason in words, cut at a character's border when it is too long. */
export function closeFrame(code: number, reason: string): Uint8Array {
  const payload = new Uint8Array(2 + MAX_REASON_BYTES);
  new DataView(payload.buffer).setUint16(0, code);
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return controlFrame(OPCODE.close, payload.subarray(0, 2 + written));
}
