import { assertEquals } from "@std/assert";
import { packets, payloads } from "../../../kernel/testing/packets.ts";
import { metadataBody } from "../../../media/flv/metadata.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { PICTURE_WAIT_MS, PictureFirst } from "./picture_first.ts";

/** Metadata that speaks of these kinds. */
function metadata(hasVideo: boolean): MediaPacket {
  const ids = { audiocodecid: 10, ...(hasVideo && { videocodecid: 7 }) };
  const [packet] = packets("m0");
  const body = metadataBody(ids, { hasAudio: true, hasVideo }, false);
  return { ...packet, data: body, body };
}

/** What passes of a story, each packet of which comes at its own time. */
function passed(first: PictureFirst, story: string): string {
  return payloads(packets(story).flatMap((packet) => first.pass(packet, packet.dts / 1000)));
}

Deno.test("sound is left out until the first picture, which its decoder's needs come before", () => {
  const first = new PictureFirst();
  assertEquals(first.pass(metadata(true), 0).length, 1);
  assertEquals(passed(first, "A0 a0 a23"), "");
  assertEquals(first.isWaiting, true);
  assertEquals(passed(first, "V2000 K2000 a2000 d2040"), "A V K2000 a2000 d2040");
  assertEquals(first.isWaiting, false);
});

Deno.test("a stream that announces no pictures, or nothing, begins with what comes", () => {
  const first = new PictureFirst();
  first.pass(metadata(false), 0);
  assertEquals(passed(first, "A0 a0 V40 K40"), "A a0 V K40");
  assertEquals(passed(new PictureFirst(), "A0 a0 a23"), "A a0 a23");
});

Deno.test("announced pictures that do not come are not waited for without end", () => {
  const first = new PictureFirst();
  first.pass(metadata(true), 0);
  assertEquals(passed(first, `A0 a0 a${PICTURE_WAIT_MS - 1} a${PICTURE_WAIT_MS} a7100`), "A a7000 a7100");
});

Deno.test("metadata that comes later holds up nothing", () => {
  const first = new PictureFirst();
  first.pass(metadata(true), 0);
  passed(first, "V0 K0");
  first.pass(metadata(true), 40);
  assertEquals(passed(first, "a40 d40"), "a40 d40");
});
