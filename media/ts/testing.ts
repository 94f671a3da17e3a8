import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { crc32 } from "./crc32.ts";

/** One transport packet. For tests. */
export interface SeenPacket {
  readonly pid: number;
  readonly isStart: boolean;
  readonly counter: number;
  readonly isRandomAccess: boolean;
  /** At 27 MHz. */
  readonly pcr?: number;
  /** Empty when there is none. */
  readonly payload: Uint8Array;
}

/** One PES packet. */
export interface SeenUnit {
  readonly pid: number;
  readonly streamId: number;
  /** As it was announced; 0 when it was left open. */
  readonly length: number;
  readonly pts: number;
  readonly dts: number;
  readonly isRandomAccess: boolean;
  readonly payload: Uint8Array;
}

/** One version of the program map. */
export interface SeenMap {
  readonly version: number;
  readonly pcrPid: number;
  readonly streams: readonly { readonly pid: number; readonly streamType: number; readonly descriptors: Uint8Array }[];
}

/** The packets of a transport stream; fails when one is not well formed or a continuity counter is wrong. */
export function readPackets(bytes: Uint8Array): SeenPacket[] {
  assertStrictEquals(bytes.length % 188, 0, "whole packets");
  const packets: SeenPacket[] = [];
  const counters = new Map<number, number>();
  for (let at = 0; at < bytes.length; at += 188) {
    const packet = readPacket(bytes.subarray(at, at + 188));
    const before = counters.get(packet.pid);
    const expected = packet.payload.length > 0 ? (before ?? packet.counter - 1) + 1 & 0x0f : before ?? packet.counter;
    assertStrictEquals(packet.counter, expected, `continuity counter of PID ${packet.pid} at ${at}`);
    counters.set(packet.pid, packet.counter);
    packets.push(packet);
  }
  return packets;
}

function readPacket(bytes: Uint8Array): SeenPacket {
  assertStrictEquals(bytes[0], 0x47);
  assertStrictEquals(bytes[1] & 0xa0, 0, "no error, no priority");
  assertStrictEquals(bytes[3] & 0xc0, 0, "not scrambled");
  const hasField = (bytes[3] & 0x20) !== 0;
  const fieldLength = hasField ? bytes[4] : 0;
  const flags = fieldLength > 0 ? bytes[5] : 0;
  const hasPayload = (bytes[3] & 0x10) !== 0;
  const end = hasField ? 5 + fieldLength : 4;
  if (!hasPayload) assertStrictEquals(end, 188, "a packet without payload is all adaptation field");
  if (hasPayload) assert(end < 188, "a packet with payload has some");
  const filled = fieldLength === 0 ? end : flags & 0x10 ? 12 : 6;
  assert(bytes.subarray(filled, end).every((byte) => byte === 0xff), "stuffing");
  return {
    pid: (bytes[1] & 0x1f) << 8 | bytes[2],
    isStart: (bytes[1] & 0x40) !== 0,
    counter: bytes[3] & 0x0f,
    isRandomAccess: (flags & 0x40) !== 0,
    pcr: flags & 0x10 ? readPcr(bytes.subarray(6)) : undefined,
    payload: hasPayload ? bytes.subarray(end) : bytes.subarray(188),
  };
}

function readPcr(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const base = view.getUint32(0) * 2 + (bytes[4] >> 7);
  return base * 300 + (view.getUint16(4) & 0x1ff);
}

/** The PES packets in the order in which they begin; fails when one is not complete. */
export function readUnits(packets: readonly SeenPacket[]): SeenUnit[] {
  const starts: { packet: SeenPacket; parts: Uint8Array[] }[] = [];
  const open = new Map<number, Uint8Array[]>();
  for (const packet of packets) {
    if (packet.pid < 0x20 || packet.pid === 0x1000 || packet.payload.length === 0) continue;
    if (packet.isStart) {
      open.set(packet.pid, []);
      starts.push({ packet, parts: open.get(packet.pid)! });
    }
    const parts = open.get(packet.pid);
    assert(parts, `PID ${packet.pid} begins with a unit`);
    parts.push(packet.payload);
  }
  return starts.map(({ packet, parts }) => readUnit(packet, joined(parts)));
}

function readUnit({ pid, isRandomAccess }: SeenPacket, bytes: Uint8Array): SeenUnit {
  assertEquals(Array.from(bytes.subarray(0, 3)), [0, 0, 1]);
  const length = bytes[4] << 8 | bytes[5];
  if (length > 0) assertStrictEquals(bytes.length, 6 + length, "announced length");
  assertStrictEquals(bytes[6], 0x84);
  const both = bytes[7] === 0xc0;
  assert(both || bytes[7] === 0x80, "timestamps");
  assertStrictEquals(bytes[8], both ? 10 : 5);
  const pts = readTimestamp(bytes.subarray(9), both ? 3 : 2);
  const dts = both ? readTimestamp(bytes.subarray(14), 1) : pts;
  return { pid, streamId: bytes[3], length, pts, dts, isRandomAccess, payload: bytes.subarray(9 + bytes[8]) };
}

function readTimestamp(bytes: Uint8Array, prefix: number): number {
  assertStrictEquals(bytes[0] >> 4, prefix);
  for (const at of [0, 2, 4]) assertStrictEquals(bytes[at] & 1, 1, "marker bit");
  const middle = (bytes[1] << 8 | bytes[2]) >> 1;
  const low = (bytes[3] << 8 | bytes[4]) >> 1;
  return (bytes[0] >> 1 & 7) * 2 ** 30 + middle * 2 ** 15 + low;
}

/** The program maps in order; fails when a table is damaged or another than the expected one stands in the association table. */
export function readMaps(packets: readonly SeenPacket[]): SeenMap[] {
  for (const pat of readSections(packets, 0)) {
    assertEquals(Array.from(pat.subarray(8, -4)), [0, 1, 0xf0, 0], "program 1 has its map at PID 0x1000");
  }
  return readSections(packets, 0x1000).map(readMap);
}

function readSections(packets: readonly SeenPacket[], pid: number): Uint8Array[] {
  const sections: Uint8Array[] = [];
  for (const { isStart, payload } of packets.filter((packet) => packet.pid === pid)) {
    if (isStart) assertStrictEquals(payload[0], 0, "pointer field");
    if (isStart) sections.push(payload.subarray(1));
    else sections.push(joined([sections.pop()!, payload]));
  }
  return sections.map((bytes) => {
    const section = bytes.subarray(0, 3 + ((bytes[1] & 0x0f) << 8 | bytes[2]));
    assertStrictEquals(crc32(section), 0, "CRC");
    return section;
  });
}

function readMap(section: Uint8Array): SeenMap {
  assertStrictEquals(section[0], 2);
  const streams = [];
  for (let at = 12; at < section.length - 4;) {
    const length = (section[at + 3] & 0x0f) << 8 | section[at + 4];
    const pid = (section[at + 1] & 0x1f) << 8 | section[at + 2];
    streams.push({ pid, streamType: section[at], descriptors: section.slice(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return { version: section[5] >> 1 & 0x1f, pcrPid: (section[8] & 0x1f) << 8 | section[9], streams };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}
