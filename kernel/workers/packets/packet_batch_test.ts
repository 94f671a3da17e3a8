import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { MediaPacket } from "../../../media/packet.ts";
import { pack, transferOf, unpack } from "./packet_batch.ts";

const bytes = fc.uint8Array({ maxLength: 64 });

/** A packet whose payload is a part of its body, as those are that came in FLV, or bytes of its own. */
const anyPacket = fc.record({
  kind: fc.constantFrom("video", "audio", "data"),
  role: fc.constantFrom("config", "key", "delta", "frame", "metadata", "end"),
  codec: fc.constantFrom("avc", "aac", "script", "video-4", "a,b"),
  track: fc.nat(255),
  body: bytes,
  apart: fc.option(bytes),
  from: fc.nat(64),
  dts: fc.maxSafeNat(),
  delay: fc.integer(),
  isBreak: fc.boolean(),
})
  .map(({ body, apart, from, dts, delay, isBreak, ...facts }): MediaPacket => ({
    ...facts,
    dts,
    pts: dts + delay,
    body,
    data: apart ?? body.subarray(from),
    ...(isBreak && { discontinuity: true }),
  }));

Deno.test("packets are the same on the other side, and their bytes lie in one piece", () => {
  fc.assert(fc.property(fc.array(anyPacket), (packets) => {
    const batch = pack(packets);
    const crossed = unpack(structuredClone(batch, { transfer: transferOf(batch) as ArrayBuffer[] }));
    assertEquals(crossed, packets);
    assertEquals(new Set(crossed.flatMap(({ body, data }) => [body.buffer, data.buffer])).size <= 1, true);
  }));
});

Deno.test("a payload that is a part of the body crosses once, and so does what has crossed before", () => {
  const body = new Uint8Array(1000);
  const packet: MediaPacket = {
    kind: "audio",
    role: "frame",
    codec: "aac",
    track: 0,
    dts: 0,
    pts: 0,
    body,
    data: body.subarray(2),
  };
  const once = pack([packet, packet]);
  assertEquals(once.bytes.length, 2000);
  assertEquals(pack(unpack(once)).bytes.length, 2000);
});

Deno.test("large pieces are handed over, small ones copied", () => {
  const packetOf = (length: number) => {
    const body = new Uint8Array(length);
    return { kind: "data", role: "metadata", codec: "script", track: 0, dts: 0, pts: 0, body, data: body } as const;
  };
  assertEquals(transferOf(pack([packetOf(100)])).length, 0);
  assertEquals(transferOf(pack([packetOf(100_000)])).length, 1);
});
