import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { MediaPacket } from "../packet.ts";
import { bytes, WHOLE_CONFIGS } from "../testing.ts";
import { TsMuxer } from "./muxer.ts";
import { readPackets } from "./testing.ts";

/** A transport packet has so many bytes, and so many of them carry something. */
const PACKET = { bytes: 188, payload: 184 };

/** What any one packet may cost beside its own bytes: tables, the clock of a long gap, sound that waited. */
const OVERHEAD = 400 * PACKET.bytes;

const CODECS = ["avc", "hevc", "aac", "mp3", "opus", "ac3", "eac3", "av1", "audio-9"];
const KINDS: Readonly<Record<string, "video" | "audio">> = { avc: "video", hevc: "video", av1: "video" };

/** A configuration as it should be, or whatever; frames of noise, now and then with a length in front that fits. */
const DATA = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.uint8Array({ minLength: 1, maxLength: 250 }).map((unit) => Uint8Array.of(0, 0, 0, unit.length, ...unit)),
);

const PACKETS = fc.array(
  fc.record({
    codec: fc.constantFrom(...CODECS),
    role: fc.constantFrom("config", "whole", "key", "delta", "metadata", "end"),
    track: fc.nat(2),
    wait: fc.integer({ min: -50_000, max: 300_000 }),
    offset: fc.integer({ min: -80_000, max: 80_000 }),
    data: DATA,
  }),
  { maxLength: 40 },
);

Deno.test("whatever frames and configurations are sent, the stream stays whole, and grows by what was sent", () => {
  fc.assert(fc.property(PACKETS, (sent) => {
    const muxer = new TsMuxer();
    const out = new ByteWriter();
    muxer.beginSegment(out);
    let dts = 1_000_000;
    let most = 0;
    for (const { codec, role, track, wait, offset, data } of sent) {
      dts += wait;
      const isWhole = role === "whole" && Object.hasOwn(WHOLE_CONFIGS, codec);
      const packet = {
        ...{ codec, track, dts, pts: dts + offset, kind: KINDS[codec] ?? "audio" },
        role: role === "whole" ? "config" : role,
        data: isWhole ? bytes(WHOLE_CONFIGS[codec]) : data,
        body: data,
      } as MediaPacket;
      most += OVERHEAD + 2 * data.length;
      const before = out.length;
      try {
        muxer.write(packet, out);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        assertEquals(error.message.length > 10, true, "it is said in words");
      }
      assertEquals((out.length - before) % PACKET.bytes, 0);
    }
    muxer.flush(out);
    readPackets(out.view());
    assertLessOrEqual(out.length, most + OVERHEAD);
  }));
});
