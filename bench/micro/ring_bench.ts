import { ByteCursor, ByteRing } from "../../kernel/fanout/byte_ring.ts";
import { samplePackets } from "./samples.ts";

const READERS = 1000;
const LIMITS = { bytes: 2 ** 25, ms: 10_000 };

const packets = samplePackets().filter(({ role }) => role !== "config");

/** Writes the sample stream and lets every reader read after each packet. */
function pass(ring: ByteRing, cursors: readonly ByteCursor[]): void {
  for (const packet of packets) {
    const now = packet.dts / 1000;
    if (packet.role === "key") {
      ring.beginEntry(now);
      ring.endInit();
    }
    ring.writer(now).raw(packet.body);
    ring.flush();
    for (const cursor of cursors) {
      while (ring.read(cursor)) { /* all that is there */ }
    }
  }
}

const alone = new ByteRing(LIMITS);
const shared = new ByteRing(LIMITS);
const cursors = Array.from({ length: READERS }, () => new ByteCursor());

Deno.bench(`ring: ${packets.length} packets are appended`, () => pass(alone, []));

Deno.bench(`ring: ${packets.length} packets are appended and read by ${READERS} readers`, () => pass(shared, cursors));
