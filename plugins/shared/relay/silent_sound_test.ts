import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { packet, packets, payloads } from "../../../kernel/testing/packets.ts";
import { announcedTracks } from "../../../kernel/streams/probe.ts";
import { parseAacConfig } from "../../../media/codec/aac.ts";
import { silentAac } from "../../../media/codec/silent_aac.ts";
import { metadataBody, readMetadata } from "../../../media/flv/metadata.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { SilentSound } from "./silent_sound.ts";

const SILENCE = silentAac(44_100, 2);

/** How long a frame of silence is, in milliseconds. */
const FRAME_MS = 1024 / 44.1;

/** Metadata that speaks of these kinds. */
function metadata(has: { readonly hasAudio: boolean; readonly hasVideo: boolean }): MediaPacket {
  const ids = { ...(has.hasAudio && { audiocodecid: 10 }), ...(has.hasVideo && { videocodecid: 7 }) };
  const body = metadataBody(ids, has, false);
  return { ...packet("m0"), data: body, body };
}

const PICTURES_ALONE = metadata({ hasAudio: false, hasVideo: true });

/** What passes of a story: silence as `.`, its configuration as `S`. */
function passed(sound: SilentSound, story: string): string {
  return packets(story).flatMap((each) => sound.pass(each)).map(shown).join(" ");
}

function shown(packet: MediaPacket): string {
  if (packet.data === SILENCE.frame) return ".";
  return isSilentConfig(packet) ? "S" : payloads([packet]);
}

function isSilentConfig({ kind, role, data }: MediaPacket): boolean {
  return kind === "audio" && role === "config" && data.toHex() === SILENCE.config.toHex();
}

/** Pictures, each so many milliseconds after the one before. */
function pictures(fromMs: number, toMs: number, stepMs = 40): string {
  const times = Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, i) => fromMs + i * stepMs);
  return times.map((ms, i) => `${i === 0 ? "K" : "d"}${ms}`).join(" ");
}

Deno.test("metadata without sound has silence begin with the first picture, and tells of it", () => {
  const sound = new SilentSound();
  const [told] = sound.pass(PICTURES_ALONE);
  assertEquals(announcedTracks(told), { hasAudio: true, hasVideo: true });
  assertEquals(readMetadata(told).hasAudio, true);
  assertEquals(passed(sound, "V0 K0 d40 d80"), "V S . K0 . d40 . . d80");
  assertEquals(sound.isAdding, true);
});

Deno.test("without a word of the metadata sound is waited for a second of pictures", () => {
  const sound = new SilentSound();
  const before = pictures(0, 1000);
  assertEquals(passed(sound, before), before);
  assertEquals(passed(sound, "d1000 d1040"), "S . d1000 . d1040");
});

Deno.test("a stream with sound, or without pictures, is passed as it is", () => {
  for (const story of ["V0 A0 K0 a0 d40 a23 a46 d6000 a6000", "A0 a0 a9000 a18000"]) {
    const sound = new SilentSound();
    const list = packets(story);
    assertEquals(list.flatMap((each) => sound.pass(each)), list);
    assertEquals(sound.isAdding, false);
  }
  const metadatas = [metadata({ hasAudio: true, hasVideo: true }), metadata({ hasAudio: true, hasVideo: false })];
  for (const each of metadatas) assertEquals(new SilentSound().pass(each), [each]);
});

Deno.test("sound whose decoder has been told of is waited for, whatever the metadata forgot", () => {
  const sound = new SilentSound();
  sound.pass(PICTURES_ALONE);
  assertEquals(passed(sound, "V0 A0 K0 a0 d40"), "V A K0 a0 d40");
});

Deno.test("real sound ends the silence at once: first its configuration, and nothing that steps back", () => {
  const sound = new SilentSound();
  sound.pass(PICTURES_ALONE);
  assertEquals(passed(sound, "V0 K0 A0 d40"), "V S . K0 . d40");
  const out = packets("a20 a44 a67 d80 a90 d6000 a6000").flatMap((each) => sound.pass(each));
  // The silence goes to 46 ms.
  assertEquals(out.map(shown).join(" "), "A a67 d80 a90 d6000 a6000");
  assertEquals(out[0].dts, out[1].dts);
  assertEquals(sound.isAdding, false);
});

Deno.test("sound that has gone for five seconds is replaced, and may come back", () => {
  const sound = new SilentSound();
  passed(sound, "V0 A0 K0 a0 d40 a40");
  const quiet = pictures(80, 5040);
  assertEquals(passed(sound, quiet), quiet);
  assertEquals(passed(sound, "d5040 d5080 a5090 d5120"), "S . d5040 . d5080 A a5090 d5120");
});

Deno.test("a pause of pictures and sound together is no end of the sound", () => {
  const sound = new SilentSound();
  passed(sound, "V0 A0 K0 a0 d40 a40");
  assertEquals(passed(sound, "K60000 d60040 a60000 d60080 a60023"), "K60000 d60040 a60000 d60080 a60023");
});

Deno.test("silence does not drift from the pictures: after a day it is where it was computed to be", () => {
  const sound = new SilentSound();
  sound.pass(PICTURES_ALONE);
  let frames = 0;
  let last = 0;
  for (let ms = 0; ms < 86_400_000; ms += 2000) {
    for (const { data, dts } of sound.pass(packet(`K${ms}`))) {
      if (data !== SILENCE.frame) continue;
      assert(dts - last <= 23_220, `a gap of ${dts - last} µs`);
      last = dts;
      frames++;
    }
  }
  assertEquals(frames, Math.floor(86_398_000 / FRAME_MS) + 1);
  assertEquals(last, Math.round((frames - 1) * FRAME_MS * 1000));
});

Deno.test("after a long pause of the pictures silence goes on with them, not with all that was missed", () => {
  const sound = new SilentSound();
  sound.pass(PICTURES_ALONE);
  passed(sound, "K0 d40");
  assertEquals(passed(sound, "d10000").split(" ").length > 400, true);
  assertEquals(passed(sound, "K3600000 d3600040").replaceAll(/[. ]/g, ""), "K3600000d3600040");
  assert(passed(sound, "d3600080").split(".").length <= 3);
});

Deno.test("each connection is told of the silence anew, from its first picture on", () => {
  const sound = new SilentSound();
  sound.pass(PICTURES_ALONE);
  passed(sound, "V0 K0 d40 d80");
  sound.begin();
  assertEquals(passed(sound, "V40 A40 K40 d80"), "V S . K40 . d80");
  sound.begin();
  assertEquals(passed(sound, "V80 A80 a80 K80 a103"), "V A a80 K80 a103");
});

Deno.test("whatever comes, sound never steps back, silence is never ahead of the pictures, and all pictures pass", () => {
  const step = fc.record({ kind: fc.constantFrom("d", "d", "d", "a", "A"), ms: fc.integer({ min: 0, max: 3000 }) });
  const story = fc.array(step, { maxLength: 200 });
  fc.assert(fc.property(story, fc.boolean(), (steps, isAnnounced) => {
    const sound = new SilentSound();
    if (isAnnounced) sound.pass(PICTURES_ALONE);
    const clock = { d: 0, a: 0, A: 0 };
    let [heard, front, seen] = [-1, 0, 0];
    for (const { kind, ms } of steps) {
      const at = kind as keyof typeof clock;
      clock[at] += ms;
      for (const each of sound.pass(packet(`${kind}${clock[at]}`))) {
        if (each.kind === "video") seen++;
        if (each.kind === "video") front = each.dts;
        if (each.data === SILENCE.frame) assert(each.dts <= clock.d * 1000 && each.dts >= front);
        if (each.role !== "frame") continue;
        assert(each.dts >= heard, `${each.dts} after ${heard}`);
        heard = each.dts;
      }
    }
    assertEquals(seen, steps.filter(({ kind }) => kind === "d").length);
  }));
});

Deno.test("the silence is AAC-LC of 44.1 kHz in stereo, as platforms recommend", () => {
  const sound = new SilentSound();
  sound.pass(PICTURES_ALONE);
  const [config] = sound.pass(packet("K0"));
  const { objectType, sampleRate, channels } = parseAacConfig(config.data);
  assertEquals([objectType, sampleRate, channels], [2, 44_100, 2]);
});
