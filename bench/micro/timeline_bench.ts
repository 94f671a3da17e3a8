import { Timeline } from "../../kernel/streams/timeline.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { samplePackets } from "./samples.ts";

const packets = samplePackets();

/** The same packets from an encoder whose clock began long ago, so that every stamp has to be changed. */
const shifted = packets.map((packet): MediaPacket => ({ ...packet, dts: packet.dts + 3.6e9, pts: packet.pts + 3.6e9 }));

function place(input: readonly MediaPacket[]): void {
  const timeline = new Timeline();
  timeline.begin();
  for (const packet of input) timeline.place(packet, packet.dts / 1000);
}

Deno.bench(`timeline: ${packets.length} packets are placed, and right already`, () => place(packets));

Deno.bench(`timeline: ${packets.length} packets are placed, and have to be moved`, () => place(shifted));
