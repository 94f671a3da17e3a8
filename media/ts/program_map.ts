import { type ElementaryStream, PAT_PID } from "./psi.ts";

const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;

/** From packet to packet: bare, with four bytes of time in front as cameras have it, or with 16 bytes behind against errors. */
const STRIDES: readonly { readonly stride: number; readonly offset: number }[] = [
  { stride: PACKET_BYTES, offset: 0 },
  { stride: PACKET_BYTES + 4, offset: 4 },
  { stride: PACKET_BYTES + 16, offset: 0 },
];

/** So many packets in a row begin with the sync byte before it is believed that they are packets. */
const SYNC_PACKETS = 3;

const TABLE_PAT = 0;
const TABLE_PMT = 2;

/** What lies in front of an association table's and a program map's own content. */
const PAT_HEAD_BYTES = 8;
const PMT_HEAD_BYTES = 12;

const CRC_BYTES = 4;

/**
 * The elementary streams of the first program of an MPEG transport stream, given its beginning; undefined when that is none, or
 * no program map stands in it (ISO/IEC 13818-1, 2.4.4).
 */
export function readProgramMap(bytes: Uint8Array): readonly ElementaryStream[] | undefined {
  const packets = [...packetsIn(bytes)];
  for (const pat of sectionsIn(packets, PAT_PID, TABLE_PAT)) {
    const pid = mapPidIn(pat);
    if (pid === undefined) continue;
    for (const map of sectionsIn(packets, pid, TABLE_PMT)) return streamsIn(map);
  }
  return undefined;
}

function* packetsIn(bytes: Uint8Array): Generator<Uint8Array> {
  const isSynced = (at: number, stride: number) =>
    Array.from({ length: SYNC_PACKETS }, (_, i) => bytes[at + i * stride]).every((byte) => byte === SYNC_BYTE);
  const layout = STRIDES.find(({ stride, offset }) => isSynced(offset, stride));
  if (!layout) return;
  for (let at = layout.offset; at + PACKET_BYTES <= bytes.length; at += layout.stride) {
    if (bytes[at] === SYNC_BYTE) yield bytes.subarray(at, at + PACKET_BYTES);
  }
}

/** The whole sections of one table in the packets of a PID. */
function* sectionsIn(packets: readonly Uint8Array[], pid: number, table: number): Generator<Uint8Array> {
  let section: number[] = [];
  for (const packet of packets) {
    if ((packet[1] << 8 & 0x1f00 | packet[2]) !== pid) continue;
    const payload = payloadOf(packet);
    const isStart = (packet[1] & 0x40) !== 0;
    if (isStart) section = [];
    else if (section.length === 0) continue;
    section.push(...(isStart ? payload.subarray(1 + (payload[0] ?? 0)) : payload));
    const length = 3 + ((section[1] << 8 | section[2]) & 0xfff);
    if (section.length < 3 || section.length < length) continue;
    if (section[0] === table) yield Uint8Array.from(section.slice(0, length));
    section = [];
  }
}

function payloadOf(packet: Uint8Array): Uint8Array {
  if ((packet[3] & 0x10) === 0) return packet.subarray(PACKET_BYTES);
  return packet.subarray((packet[3] & 0x20) === 0 ? 4 : 5 + packet[4]);
}

/** The PID of the first program's map; program 0 is the network. */
function mapPidIn(pat: Uint8Array): number | undefined {
  for (let at = PAT_HEAD_BYTES; at + 4 <= pat.length - CRC_BYTES; at += 4) {
    if (pat[at] !== 0 || pat[at + 1] !== 0) return (pat[at + 2] & 0x1f) << 8 | pat[at + 3];
  }
  return undefined;
}

function streamsIn(map: Uint8Array): readonly ElementaryStream[] {
  const streams: ElementaryStream[] = [];
  const end = map.length - CRC_BYTES;
  const lengthAt = (at: number) => (map[at] << 8 | map[at + 1]) & 0xfff;
  for (let at = PMT_HEAD_BYTES + lengthAt(PMT_HEAD_BYTES - 2); at + 5 <= end;) {
    const next = at + 5 + lengthAt(at + 3);
    streams.push({ streamType: map[at], descriptors: map.slice(at + 5, Math.min(next, end)) });
    at = next;
  }
  return streams;
}
