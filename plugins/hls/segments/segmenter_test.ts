import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { packets } from "../../../kernel/testing/packets.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import type { SegmenterOptions } from "./cut.ts";
import { cut, frames } from "../testing.ts";
import { PART_SLACK } from "../window/window_segment.ts";

interface Story {
  readonly name: string;
  readonly packets: string;
  readonly options?: Partial<SegmenterOptions>;
  /** In milliseconds. */
  readonly maxSegment?: number;
  readonly segments: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    name: "segments begin at keys",
    packets: `V0 A0 ${frames(0, 6000)}`,
    segments: ["0+2000", "2000+2000", "4000+2000"],
  },
  {
    name: "keys that come sooner are passed over",
    packets: `V0 A0 ${frames(0, 5000, { gop: 480 })}`,
    segments: ["0+1920", "1920+1920", "3840+1160"],
  },
  {
    name: "of keys that do not fit, the nearer one is taken",
    packets: `V0 ${frames(0, 6000, { gop: 1480, sound: 0 })}`,
    segments: ["0+1480", "1480+1480", "2960+1480", "4440+1480", "5920+80"],
  },
  {
    name: "a group of pictures of 30 s is one segment",
    packets: `V0 A0 ${frames(0, 90_000, { gop: 30_000 })}`,
    segments: ["0+30000", "30000+30000", "60000+30000"],
  },
  {
    name: "once a shorter time is promised, segments keep it without a key",
    packets: `V0 A0 ${frames(0, 6000, { gop: 6000 })}`,
    maxSegment: 2499,
    segments: ["0+2440", "~2440+2440", "~4880+1120"],
  },
  {
    name: "sound alone is cut by time",
    packets: `A0 ${frames(0, 6000, { picture: 0 })}`,
    segments: ["0+2000", "2000+2000", "4000+2000"],
  },
  {
    name: "pictures alone",
    packets: `V0 ${frames(0, 4000, { sound: 0 })}`,
    segments: ["0+2000", "2000+2000"],
  },
  {
    name: "what comes before the first key is left out",
    packets: `V0 A0 a0 a20 ${frames(40, 2040)}`,
    segments: ["40+2000"],
  },
  {
    name: "sound that nothing announced is there from the beginning when it comes soon",
    packets: `V0 ${frames(0, 400, { sound: 0 })} ${frames(400, 4000, { gop: 9000 }).replace("K400", "d400")}`,
    segments: ["0+4000"],
  },
  {
    name: "sound that begins late is in the segments from the next key on",
    packets: `V0 ${frames(0, 1000, { sound: 0 })} A1000 ${
      frames(1000, 2000, { gop: 9000 }).replace("K1000", "d1000")
    } ${frames(2000, 4000)}`,
    segments: ["0+2000", "!2000+2000"],
  },
  {
    name: "pictures that begin late are in the segments from their first key on",
    packets: `A0 ${frames(0, 1000, { picture: 0 })} V1000 ${frames(1000, 3000)}`,
    segments: ["0+1000", "!1000+2000"],
  },
  {
    name: "pictures that never come are not waited for",
    packets: `V0 A0 ${frames(0, 7000, { picture: 0 })}`,
    segments: ["3020+2000", "5020+1980"],
  },
  {
    name: "another configuration begins a segment",
    packets: `V0 A0 ${frames(0, 1000)} V1000=other ${frames(1000, 3000)}`,
    segments: ["0+1000", "!1000+2000"],
  },
  {
    name: "the same configuration again changes nothing",
    packets: `V0 A0 ${frames(0, 1000)} V1000 A1000 ${frames(1000, 2000).replace("K1000", "d1000")}`,
    segments: ["0+2000"],
  },
  {
    name: "sound with another configuration is in the segments from the next key on",
    packets: `V0 A0 K0 a0 d40 A40=other a40 d80 a80 K2000 a2000`,
    segments: ["0+2000", "!2000+40"],
  },
  {
    name: "sound alone with another configuration begins a segment at once",
    packets: `A0 a0 a20 A40=other a40 a60`,
    segments: ["0+40", "!40+40"],
  },
  {
    name: "one picture in five seconds",
    packets: `V0 K0 K5000 K10000`,
    segments: ["0+5000", "5000+5000", "10000+5000"],
  },
  {
    name: "one picture in five seconds when two seconds were promised",
    packets: `V0 K0 K5000 K10000`,
    maxSegment: 2499,
    segments: ["0+40", "!5000+2499", "!10000+2499"],
  },
  {
    name: "pictures that stop leave it to the sound",
    packets: `V0 A0 ${frames(0, 2000)} ${frames(2000, 6000, { picture: 0 })}`,
    maxSegment: 2499,
    segments: ["0+2460", "~2460+2460", "~4920+1060"],
  },
  {
    name: "a pause longer than what was promised is a break of the timeline",
    packets: `V0 A0 ${frames(0, 1000)} ${frames(5000, 7000)}`,
    maxSegment: 2499,
    segments: ["0+1000", "!5000+2000"],
  },
  {
    name: "a stream hours after its beginning",
    packets: `V90000000 A90000000 ${frames(90_000_000, 90_004_000)}`,
    segments: ["90000000+2000", "90002000+2000"],
  },
  {
    name: "aligned segments begin at multiples of their length",
    packets: `V0 A0 ${frames(600, 5600, { gop: 400 })}`,
    options: { isAligned: true },
    segments: ["600+1200", "1800+2000", "3800+1800"],
  },
  {
    name: "segments behind those of an earlier stream",
    packets: `V0 A0 ${frames(0, 4000)}`,
    options: { before: "ts" },
    segments: ["!0+2000", "2000+2000"],
  },
];

for (const { name, packets: story, options, maxSegment, segments } of STORIES) {
  Deno.test(`segments: ${name}`, () => {
    const limits = maxSegment === undefined ? {} : { maxSegment: maxSegment * 1000 };
    assertEquals(cut(packets(story), options, limits).segments, segments);
  });
}

Deno.test("segments: a break of the timeline waits for the next key, and no frame is lost", () => {
  const list = packets(`V0 A0 K0 a0 d40 a20 d80 a40 K120 a60 d160`);
  list[6] = { ...list[6], discontinuity: true };
  const { segments, texts } = cut(list);
  assertEquals(segments, ["0+120", "!120+80"]);
  assertEquals(texts, ["K0 a0 d40 a20 d80 a40", "K120 a60 d160"]);
});

Deno.test("segments: pictures are cut by when they are decoded, however they are shown", () => {
  const reorder = (packet: MediaPacket, i: number) => ({ ...packet, pts: packet.dts + [80_000, 160_000, 0][i % 3] });
  const list = packets(`V0 ${frames(0, 4000, { sound: 0 })}`).map(reorder);
  assertEquals(cut(list).segments, ["0+2000", "2000+2000"]);
});

Deno.test("segments: codecs that need it are written as fragmented MP4, with an init segment for each set of tracks", () => {
  const list = packets(`V0 A0 ${frames(0, 2000)} ${frames(2000, 4000)}`);
  const hevc = list.map((packet) => packet.kind === "video" ? { ...packet, codec: "hevc" } : packet);
  assertEquals(cut(list).inits, []);
  assertEquals(cut(hevc).inits, ["hevc+aac"]);
  const opus = list.map((packet) =>
    packet.kind === "audio" && packet.dts >= 2_000_000 ? { ...packet, codec: "opus" } : packet
  );
  const { inits, segments } = cut([...opus, ...packets(frames(4000, 6000, { sound: 0 }))], { container: "fmp4" });
  assertEquals(inits, ["avc+aac", "avc+opus"]);
  assertEquals(segments, ["0+2000", "2000+2000", "!4000+2000"]);
});

Deno.test("segments: a key's interval is told", () => {
  assertEquals(cut(packets(`V0 ${frames(0, 9000, { gop: 4000 })}`)).keyIntervals, [4000, 4000]);
});

Deno.test("segments: those that had to end without a key are told", () => {
  const story = packets(`V0 A0 ${frames(0, 6000, { gop: 6000 })}`);
  assertEquals(cut(story, {}, { maxSegment: 2_499_000 }).forced, 2);
});

Deno.test("parts: whole pictures, all equally long, and the last of a segment what is left", () => {
  const { parts } = cut(packets(`V0 A0 ${frames(0, 1800, { gop: 1800 })}`), { part: 210_000 });
  assertEquals(parts, ["200* 200 200 200 200 200 200 200 200"]);
  const film = packets(`V0 ${frames(0, 990, { picture: 1000 / 24, sound: 0 })}`);
  assertEquals(cut(film, { part: 200_000 }).parts, ["208* 208 208 208 167"]);
});

Deno.test("parts: a promise leaves room for stamps that tremble, and not for another picture", () => {
  const list = packets(`V0 ${frames(0, 2000, { picture: 20, sound: 0 })}`)
    .map((packet, i) => ({ ...packet, dts: packet.dts + [0, 1, 0, 0, 1][i % 5] * 1000 }));
  const { parts } = cut(list, { part: 200_000 }, { maxPart: 200_000 * PART_SLACK });
  for (const part of parts[0].split(" ").slice(0, -1)) assertAlmostEquals(parseInt(part), 200, 1);
});

Deno.test("parts: a segment that has to end without a key ends with a whole part", () => {
  const list = packets(`V0 ${frames(0, 4800, { gop: 9000, sound: 0 })}`);
  const { segments, parts } = cut(list, { part: 200_000 }, { maxSegment: 2_499_000 });
  assertEquals(segments, ["0+2400", "~2400+2400"]);
  assertEquals(parts[0], "200* 200 200 200 200 200 200 200 200 200 200 200");
});

Deno.test("parts: they say where decoding can begin", () => {
  const { parts } = cut(packets(`V0 ${frames(0, 2000, { gop: 1000, sound: 0 })}`), { part: 200_000 });
  assertEquals(parts, ["200* 200 200 200 200 200* 200 200 200 200"]);
});

Deno.test("parts: with few pictures the sound ends them", () => {
  const { parts } = cut(packets(`V0 A0 ${frames(0, 2000, { picture: 500 })}`), { part: 200_000 });
  assertEquals(parts, ["200* 200 200 200 200 200 200 200 200 200"]);
});

Deno.test("parts: sound alone is cut into whole frames, all of which can be entered", () => {
  const { parts } = cut(packets(`A0 ${frames(0, 1000, { picture: 0, sound: 24 })}`), { part: 200_000 });
  assertEquals(parts, ["192* 192* 192* 192* 192* 48*"]);
});

const rhythm = fc.record({
  picture: fc.constantFrom(0, 17, 33, 40, 42, 100, 700),
  gop: fc.integer({ min: 200, max: 9000 }),
  sound: fc.constantFrom(0, 20, 21, 23, 26),
}).filter(({ picture, sound }) => picture + sound > 0);

Deno.test("segments: whatever the stream, every frame is in exactly one, they add up, and none breaks a promise", () => {
  const stream = fc.record({
    rhythm,
    start: fc.integer({ min: 0, max: 40_000_000 }),
    seconds: fc.integer({ min: 1, max: 30 }),
    part: fc.option(fc.integer({ min: 100, max: 500 }), { nil: undefined }),
    jitter: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 7 }),
    maxSeconds: fc.integer({ min: 2, max: 10 }),
  });
  fc.assert(fc.property(stream, ({ rhythm, start, seconds, part, jitter, maxSeconds }) => {
    const text = frames(start, start + seconds * 1000, rhythm);
    const list = packets(`${rhythm.picture ? `V${start}` : ""} ${rhythm.sound ? `A${start}` : ""} ${text}`)
      .map((packet, i) => ({ ...packet, dts: packet.dts + jitter[i % jitter.length] * 1000 }));
    const expected = text.split(" ");
    const first = rhythm.picture ? expected.findIndex((each) => each.startsWith("K")) : 0;
    const story = cut(list, { part: part && part * 1000 }, { maxSegment: maxSeconds * 1_000_000 + 499_999 });
    assertEquals(story.texts.join(" ").split(" "), expected.slice(first));
    let end: number | undefined;
    for (const [i, segment] of story.segments.entries()) {
      const [, start, duration] = /^[!~]*([\d.]+)\+([\d.]+)$/.exec(segment)!;
      if (end !== undefined) assertEquals(Math.round(Number(start) * 1000), end);
      end = Math.round((Number(start) + Number(duration)) * 1000);
      assertLessOrEqual(Math.round(Number(duration) / 1000), maxSeconds);
      const parts = story.parts[i].split(" ").map((each) => parseInt(each));
      assertLessOrEqual(Math.abs(parts.reduce((sum, each) => sum + each, 0) - Number(duration)), parts.length);
    }
    assert(end !== undefined);
  }));
});
