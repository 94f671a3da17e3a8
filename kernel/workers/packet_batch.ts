import type { MediaPacket } from "../../media/packet.ts";

/** A packet without its bytes: where they lie in those of its batch. */
export type PacketHead = Omit<MediaPacket, "body" | "data"> & {
  readonly bodyAt: number;
  readonly bodyEnd: number;
  readonly dataAt: number;
  readonly dataEnd: number;
};

/** Packets as they cross from one isolate to another: their bytes lie in one piece, that can be transferred. */
export interface PacketBatch {
  readonly heads: readonly PacketHead[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A batch that is larger goes off at once, in bytes. */
export const MAX_BATCH_BYTES: number = 1024 * 1024;

/** Smaller pieces are copied sooner than transferred, in bytes. */
const SMALL = 8192;

/** Gathers packets into one piece; each byte is copied once. */
export function pack(packets: readonly MediaPacket[]): PacketBatch {
  const bytes = new Uint8Array(packets.reduce((sum, packet) => sum + sizeOf(packet), 0));
  let at = 0;
  const heads = packets.map(({ body, data, ...head }): PacketHead => {
    const bodyAt = at;
    bytes.set(body, bodyAt);
    const bodyEnd = at = bodyAt + body.length;
    const within = placeIn(body, data);
    const dataAt = within === undefined ? bodyEnd : bodyAt + within;
    if (within === undefined) {
      bytes.set(data, dataAt);
      at += data.length;
    }
    return { ...head, bodyAt, bodyEnd, dataAt, dataEnd: dataAt + data.length };
  });
  return { heads, bytes };
}

/** What of a batch is handed over rather than copied. */
export function transferOf({ bytes }: PacketBatch): Transferable[] {
  return bytes.length > SMALL ? [bytes.buffer] : [];
}

/** The packets of a batch; they share its bytes. */
export function unpack({ heads, bytes }: PacketBatch): MediaPacket[] {
  return heads.map(({ bodyAt, bodyEnd, dataAt, dataEnd, ...head }) => ({
    ...head,
    body: bytes.subarray(bodyAt, bodyEnd),
    data: bytes.subarray(dataAt, dataEnd),
  }));
}

function sizeOf({ body, data }: MediaPacket): number {
  return body.length + (placeIn(body, data) === undefined ? data.length : 0);
}

/** Where `data` lies in `body`; undefined when it lies elsewhere. */
function placeIn(body: Uint8Array, data: Uint8Array): number | undefined {
  if (body.buffer !== data.buffer) return undefined;
  const at = data.byteOffset - body.byteOffset;
  return at >= 0 && at + data.length <= body.length ? at : undefined;
}
