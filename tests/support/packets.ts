import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";

const FRAMES: ReadonlySet<string> = new Set(["key", "delta", "frame"]);

/** Pictures and sound, without configurations and what only describes. */
export function frames(packets: readonly MediaPacket[]): MediaPacket[] {
  return packets.filter(({ kind, role }) => kind !== "data" && FRAMES.has(role));
}

/** The packets from the first with this body on; none if it is not there. */
export function from(packets: readonly MediaPacket[], first: { readonly body: Uint8Array }): MediaPacket[] {
  const at = packets.findIndex(hasBodyOf(first));
  return at < 0 ? [] : packets.slice(at);
}

/** Tells the packet with the same body; made streams have no two frames with the same one nearby. */
export function hasBodyOf({ body }: { readonly body: Uint8Array }): (packet: MediaPacket) => boolean {
  return (packet) => isSame(packet.body, body);
}

/** Fails unless both are the same packets in the same order, to the byte; times too unless `times` says otherwise. */
export function assertSamePackets(
  actual: readonly MediaPacket[],
  expected: readonly MediaPacket[],
  { times = true }: { readonly times?: boolean } = {},
): void {
  const shown = (packet: MediaPacket) => describe(packet, times);
  assertEquals(actual.map(shown), expected.map(shown));
  for (const [i, { body, data }] of expected.entries()) {
    assert(isSame(actual[i].body, body), `the body of packet ${i}, ${shown(actual[i])}, differs`);
    assert(isSame(actual[i].data, data), `the data of packet ${i}, ${shown(actual[i])}, differs`);
  }
}

/** Fails if a track's dts ever steps back. */
export function assertMonotonic(packets: readonly MediaPacket[]): void {
  const last = new Map<string, MediaPacket>();
  for (const packet of packets) {
    const track = `${packet.kind} ${packet.track}`;
    const before = last.get(track);
    if (before) assertLessOrEqual(before.dts, packet.dts, `${describe(packet, true)} after ${describe(before, true)}`);
    last.set(track, packet);
  }
}

/** Fails unless every picture can be decoded: a configuration, then a key, and a key again after each configuration. */
export function assertDecodable(packets: readonly MediaPacket[]): void {
  let expected: "config" | "key" | "any" = "config";
  for (const packet of packets.filter(({ kind, track }) => kind === "video" && track === 0)) {
    if (packet.role === "config") expected = "key";
    else if (packet.role === "key" && expected !== "config") expected = "any";
    else if (packet.role !== "metadata" && packet.role !== "end") {
      assertEquals(expected, "any", `${describe(packet, true)} came where a ${expected} was due`);
    }
  }
}

function describe({ kind, role, codec, track, dts, pts, body }: MediaPacket, times: boolean): string {
  const time = times ? `${dts}+${pts - dts}` : `+${pts - dts}`;
  return `${kind} ${role} ${codec} ${track} ${time} ${body.length}:${checksum(body)}`;
}

function checksum(bytes: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
