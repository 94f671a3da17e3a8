import { ByteWriter, concat } from "../../../media/bytes.ts";

/** A frame from a server. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** What a test's client sends; valid unless it says otherwise. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** False for all but the last of a message's fragments. */
  readonly isFinal?: boolean;
  /** False breaks the protocol: clients have to mask. */
  readonly isMasked?: boolean;
  /** Announces another length than the payload has. */
  readonly length?: number;
}

/** Frame types of RFC 6455, section 5.2. */
export const WS = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const MASK = Uint8Array.of(0x5a, 0xc3, 0x17, 0x88);

/** A client's frame (RFC 6455, section 5.2). */
export function clientFrame({ opcode, payload, isFinal = true, isMasked = true, length }: ClientFrame): Uint8Array {
  const bytes = payload ?? new Uint8Array(0);
  const size = length ?? bytes.length;
  const maskBit = isMasked ? 0x80 : 0;
  const out = new ByteWriter(bytes.length + 14).u8((isFinal ? 0x80 : 0) | opcode);
  if (size < 126) out.u8(maskBit | size);
  else if (size <= 0xffff) out.u8(maskBit | 126).u16(size);
  else out.u8(maskBit | 127).u64(size);
  if (isMasked) return out.raw(MASK).raw(bytes.map((byte, i) => byte ^ MASK[i % 4])).view();
  return out.raw(bytes).view();
}

/** A client's close frame; without a code its payload is empty. */
export function clientClose(code?: number, reason = ""): Uint8Array {
  if (code === undefined) return clientFrame({ opcode: WS.close });
  const text = new TextEncoder().encode(reason);
  return clientFrame({ opcode: WS.close, payload: new ByteWriter(2).u16(code).raw(text).view() });
}

/** Reads a server's frames and throws at whatever a strict client would not take. */
export class ServerFrames {
  #unread: Uint8Array = new Uint8Array(0);
  #isClosed = false;

  /** The frames that the bytes complete. Throws an `Error` at a violation of RFC 6455. */
  read(bytes: Uint8Array): ServerFrame[] {
    this.#unread = concat([this.#unread, bytes]);
    const frames: ServerFrame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): ServerFrame | undefined {
    const { length, head } = payloadLength(this.#unread);
    if (length === undefined || this.#unread.length < head + length) return undefined;
    const opcode = this.#unread[0] & 0x0f;
    this.#check(opcode, length);
    const payload = this.#unread.slice(head, head + length);
    this.#unread = this.#unread.slice(head + length);
    return { opcode, payload };
  }

  #check(opcode: number, length: number): void {
    demand(!this.#isClosed, "nothing follows a close frame");
    demand((this.#unread[0] & 0xf0) === 0x80, "frames are whole and have no extension's bits");
    demand((this.#unread[1] & 0x80) === 0, "a server does not mask");
    demand([WS.binary, WS.close, WS.ping, WS.pong].some((each) => each === opcode), `opcode ${opcode} is expected`);
    demand(opcode === WS.binary || length <= 125, "control frames have at most 125 bytes");
    this.#isClosed = opcode === WS.close;
  }
}

/** The length of the payload, and where it begins; no length while the header is not there. */
function payloadLength(bytes: Uint8Array): { length?: number; head: number } {
  if (bytes.length < 2) return { head: 2 };
  const short = bytes[1] & 0x7f;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (short < 126) return { length: short, head };
  if (bytes.length < head) return { head };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
  demand(length > (short === 126 ? 125 : 0xffff), "lengths are written as short as they can be");
  return { length, head };
}

function demand(isSo: boolean, rule: string): void {
  if (!isSo) throw new Error(`Not a strict WebSocket: ${rule}`);
}
