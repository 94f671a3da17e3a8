import type { MediaKind, MediaPacket, PacketRole } from "../../../media/packet.ts";

/** Packets as they cross from one isolate to another: all in one piece of memory, that can be transferred. */
export interface PacketBatch {
  /** The codecs of its packets, each once. */
  readonly codecs: readonly string[];
  /** What there is of each packet besides its bytes, in numbers; they lie in the same memory, behind the bytes. */
  readonly heads: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A batch that is larger goes off at once, in bytes. */
export const MAX_BATCH_BYTES: number = 1024 * 1024;

/** Smaller pieces are copied sooner than transferred, in bytes. */
const SMALL = 8192;

/** Where a packet's facts stand in its head; the lengths and where its data begins, counted from its body, are in bytes. */
const WHAT = 0;
const TRACK = 1;
const DTS = 2;
const PTS = 3;
const BODY_LENGTH = 4;
const DATA_FROM = 5;
const DATA_LENGTH = 6;
const HEAD = 7;

/** The parts of the first number: kind, role and whether there is a break take their bits, and above them stands the codec. */
const KIND_BITS = 2;
const ROLE_BITS = 3;
const BREAK = 1 << KIND_BITS + ROLE_BITS;
const CODEC_SHIFT = KIND_BITS + ROLE_BITS + 1;

const KIND_NUMBERS: Readonly<Record<MediaKind, number>> = { video: 0, audio: 1, data: 2 };
const ROLE_NUMBERS: Readonly<Record<PacketRole, number>> = {
  config: 0,
  key: 1,
  delta: 2,
  frame: 3,
  metadata: 4,
  end: 5,
};
const KINDS = Object.keys(KIND_NUMBERS) as readonly MediaKind[];
const ROLES = Object.keys(ROLE_NUMBERS) as readonly PacketRole[];

/** Gathers packets into one piece; each byte is copied once. */
export function pack(packets: readonly MediaPacket[]): PacketBatch {
  const { heads, bytes } = room(packets);
  const codecs: string[] = [];
  let at = 0;
  for (let i = 0; i < packets.length; i++) {
    const { body, data } = packets[i];
    const within = placeIn(body, data);
    bytes.set(body, at);
    if (within === undefined) bytes.set(data, at + body.length);
    writeHead(heads, i * HEAD, packets[i], within ?? body.length, codecs);
    at += sizeOf(packets[i]);
  }
  return { codecs, heads, bytes };
}

/** What of a batch is handed over rather than copied. */
export function transferOf({ bytes }: PacketBatch): Transferable[] {
  return bytes.length > SMALL ? [bytes.buffer] : [];
}

/** The packets of a batch; they share its bytes. */
export function unpack({ codecs, heads, bytes }: PacketBatch): MediaPacket[] {
  const packets: MediaPacket[] = [];
  let at = 0;
  for (let head = 0; head < heads.length; head += HEAD) {
    const what = heads[head + WHAT];
    const bodyEnd = at + heads[head + BODY_LENGTH];
    const dataAt = at + heads[head + DATA_FROM];
    const dataEnd = dataAt + heads[head + DATA_LENGTH];
    const packet: MediaPacket = {
      kind: KINDS[what & (1 << KIND_BITS) - 1],
      role: ROLES[what >> KIND_BITS & (1 << ROLE_BITS) - 1],
      codec: codecs[what >> CODEC_SHIFT],
      track: heads[head + TRACK],
      dts: heads[head + DTS],
      pts: heads[head + PTS],
      data: bytes.subarray(dataAt, dataEnd),
      body: bytes.subarray(at, bodyEnd),
    };
    packets.push(what & BREAK ? { ...packet, discontinuity: true } : packet);
    at = Math.max(bodyEnd, dataEnd);
  }
  return packets;
}

/** Memory for all of them: first the bytes, and behind those the heads, where numbers of eight bytes can stand. */
function room(packets: readonly MediaPacket[]): Pick<PacketBatch, "heads" | "bytes"> {
  const length = packets.reduce((sum, packet) => sum + sizeOf(packet), 0);
  const headsAt = Math.ceil(length / Float64Array.BYTES_PER_ELEMENT) * Float64Array.BYTES_PER_ELEMENT;
  const memory = new ArrayBuffer(headsAt + packets.length * HEAD * Float64Array.BYTES_PER_ELEMENT);
  return { heads: new Float64Array(memory, headsAt), bytes: new Uint8Array(memory, 0, length) };
}

function writeHead(heads: Float64Array, at: number, packet: MediaPacket, dataFrom: number, codecs: string[]): void {
  const { kind, role, track, dts, pts, body, data, discontinuity } = packet;
  const isBreak = discontinuity ? BREAK : 0;
  heads[at + WHAT] = KIND_NUMBERS[kind] | ROLE_NUMBERS[role] << KIND_BITS | isBreak |
    numberOf(packet.codec, codecs) << CODEC_SHIFT;
  heads[at + TRACK] = track;
  heads[at + DTS] = dts;
  heads[at + PTS] = pts;
  heads[at + BODY_LENGTH] = body.length;
  heads[at + DATA_FROM] = dataFrom;
  heads[at + DATA_LENGTH] = data.length;
}

/** The place of a codec, which is added if it is not there yet. */
function numberOf(codec: string, codecs: string[]): number {
  const found = codecs.indexOf(codec);
  return found < 0 ? codecs.push(codec) - 1 : found;
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
