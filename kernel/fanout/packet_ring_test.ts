import { assertEquals } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { type PacketCursor, PacketRing } from "./packet_ring.ts";
import { packet, packets, payloads } from "../testing/packets.ts";

/** What a packet costs besides its body. */
const OVERHEAD = 200;

/** Writes packets; keys are entries. */
function write(ring: PacketRing, story: string): void {
  for (const packet of packets(story)) ring.write(packet, packet.role === "key");
}

function read(ring: PacketRing, cursor: PacketCursor): string {
  const all: MediaPacket[] = [];
  for (let packet = ring.read(cursor); packet; packet = ring.read(cursor)) all.push(packet);
  return payloads(all);
}

Deno.test("an empty ring has no entry and nothing to read", () => {
  const ring = new PacketRing(1000);
  assertEquals([ring.entry, ring.gopBytes, [...ring.fromEntry()]], [undefined, 0, []]);
  assertEquals(read(ring, ring.open("entry")), "");
});

Deno.test("a reader from the entry begins at the newest key, one from live with what comes next", () => {
  const ring = new PacketRing(10_000);
  write(ring, "K0 d40 K80 d120");
  const entry = ring.open("entry");
  const live = ring.open("live");
  write(ring, "d160");
  assertEquals(read(ring, entry), "K80 d120 d160");
  assertEquals(read(ring, live), "d160");
  assertEquals(payloads(ring.fromEntry()), "K80 d120 d160");
});

Deno.test("what comes before the first entry goes to those who are there, and is not kept for others", () => {
  const ring = new PacketRing(10_000);
  const early = ring.open("entry");
  write(ring, "V0 a0");
  const late = ring.open("entry");
  write(ring, "K40");
  assertEquals(read(ring, early), "V a0 K40");
  assertEquals(read(ring, late), "K40");
});

Deno.test("without its entry a ring gives newcomers only what comes next", () => {
  const ring = new PacketRing(10_000);
  write(ring, "K0 d40");
  ring.clearEntry();
  assertEquals([ring.entry, ring.gopBytes, [...ring.fromEntry()]], [undefined, 0, []]);
  const cursor = ring.open("entry");
  write(ring, "K80");
  assertEquals(read(ring, cursor), "K80");
  assertEquals(ring.entry?.dts, 80_000);
});

Deno.test("a GOP's bytes are counted with what each packet costs", () => {
  const ring = new PacketRing(10_000);
  write(ring, "V0 K40 d80");
  assertEquals(ring.gopBytes, 2 * (3 + OVERHEAD));
});

Deno.test("a GOP beyond the limit cannot be entered until the next key", () => {
  const ring = new PacketRing(4 * (3 + OVERHEAD));
  write(ring, "K10 d20 d30 d40");
  assertEquals(ring.entry?.dts, 10_000);
  write(ring, "d50");
  assertEquals(ring.entry, undefined);
  write(ring, "K60");
  assertEquals(ring.entry?.dts, 60_000);
});

Deno.test("a reader further behind than the limit has fallen and reads nothing more, one exactly at it goes on", () => {
  const ring = new PacketRing(4 * (3 + OVERHEAD));
  write(ring, "K10");
  const slow = ring.open("entry");
  const exact = ring.open("entry");
  write(ring, "d20 d30");
  assertEquals(ring.read(exact)?.dts, 10_000);
  write(ring, "d40");
  assertEquals([slow.fell, exact.fell], [false, false]);
  write(ring, "d50");
  assertEquals([slow.fell, exact.fell], [true, false]);
  assertEquals(read(ring, slow), "");
  assertEquals(read(ring, exact), "d20 d30 d40 d50");
});

Deno.test("a fallen reader holds no packet", () => {
  const ring = new PacketRing(OVERHEAD);
  const cursor = ring.open("live");
  write(ring, "K0 d40");
  assertEquals([cursor.fell, cursor.node], [true, undefined]);
});

Deno.test("a closed reader reads nothing and does not fall", () => {
  const ring = new PacketRing(OVERHEAD);
  const cursor = ring.open("live");
  ring.close(cursor);
  write(ring, "K0 d40 d80");
  assertEquals([cursor.fell, ring.read(cursor)], [false, undefined]);
});

Deno.test("readers share the packets themselves", () => {
  const ring = new PacketRing(1000);
  const [a, b] = [ring.open("live"), ring.open("live")];
  const written = packet("K0");
  ring.write(written, true);
  assertEquals([ring.read(a) === written, ring.read(b) === written], [true, true]);
});
