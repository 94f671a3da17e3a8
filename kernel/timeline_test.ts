import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { TimestampUnwrapper } from "../media/flv/timestamps.ts";
import type { MediaPacket } from "../media/packet.ts";
import { MAX_JUMP, MAX_LAG, MAX_SKEW, type Repairs, Timeline } from "./timeline.ts";

const EMPTY = new Uint8Array();

/** The letters that stories are written in. */
const SHAPES = {
  v: { kind: "video", role: "key", codec: "avc", track: 0 },
  w: { kind: "video", role: "key", codec: "avc", track: 1 },
  V: { kind: "video", role: "config", codec: "avc", track: 0 },
  H: { kind: "video", role: "metadata", codec: "avc", track: 0 },
  E: { kind: "video", role: "end", codec: "avc", track: 0 },
  a: { kind: "audio", role: "frame", codec: "aac", track: 0 },
  b: { kind: "audio", role: "frame", codec: "aac", track: 1 },
  A: { kind: "audio", role: "config", codec: "aac", track: 0 },
  m: { kind: "data", role: "metadata", codec: "script", track: 0 },
} as const;

type Letter = keyof typeof SHAPES;

/** A packet stamped `dts` µs, shown `composition` µs later. */
function packet(letter: Letter, dts: number, composition = 0): MediaPacket {
  return { ...SHAPES[letter], dts, pts: dts + composition, data: EMPTY, body: EMPTY };
}

interface Story {
  readonly name: string;
  /**
   * What the publishers send: a letter of `SHAPES` and the stamp in ms, `/` the composition time, `@` the arrival (by
   * default when the packet before arrived); `|` where a publication begins.
   */
  readonly sent: string;
  /** What comes out: `!` marks a discontinuity. */
  readonly placed: string;
  /** What is counted, zeros left out. */
  readonly repairs?: Partial<Repairs>;
}

const STORIES: Story[] = [
  {
    name: "a clean stream from zero",
    sent: "m0 V0 A0 v0 a0 a23 v40 a46 v80",
    placed: "m0 V0 A0 v0 a0 a23 v40 a46 v80",
  },
  {
    name: "a clean stream from a few seconds on, audio a little earlier",
    sent: "V3000 A0 v3000/80 a2980 a3003 v3040/200 v3080",
    placed: "V3000 A0 v3000/80 a2980 a3003 v3040/200 v3080",
  },
  {
    name: "configurations stamped with their first frame",
    sent: "V0 A23 v0 a23 v40",
    placed: "V0 A23 v0 a23 v40",
  },
  {
    name: "a start at 0xFFFFF0 ms, the 24-bit border",
    sent: `v${0xFFFFF0} a${0xFFFFF5} v${0x1000018} a${0x100000C}`,
    placed: "v1000 a1005 v1040 a1028",
  },
  {
    name: "a start at 0x7FFFFFF0 ms, the signed border",
    sent: `v${0x7FFFFFF0} a${0x7FFFFFF5} v${0x80000018} a${0x8000000C}`,
    placed: "v1000 a1005 v1040 a1028",
  },
  {
    name: "a start at 0xFFFFFFF0 ms, wrapping at once",
    sent: `v${0xFFFFFFF0} a${0xFFFFFFF5} v24 a12 v64`,
    placed: "v1000 a1005 v1040 a1028 v1080",
  },
  {
    name: "the track that comes second began before the first",
    sent: "v3600000 a3599500 a3599520 v3600040",
    placed: "v1000 a500 a520 v1040",
  },
  {
    name: "a track that would begin before zero waits at zero",
    sent: "v3600000 a3598900 a3598990 a3599010",
    placed: "v1000 a0 a0 a10",
  },
  {
    name: "negative stamps wait at zero",
    sent: "a0 a20 v0 v4294967280 v24",
    placed: "a0 a20 v0 v0 v24",
    repairs: { stepsBack: 1 },
  },
  {
    name: "a step back of 40 ms is waited out",
    sent: "a1000 a1020 a980 a1000 a1020 a1040",
    placed: "a1000 a1020 a1020 a1020 a1020 a1040",
    repairs: { stepsBack: 1 },
  },
  {
    name: "a step back of 400 ms is waited out by both tracks, which stay in step",
    sent: "v1000 a1000 v1040 a1020 v640 a620 v880 a860 v1120 a1100",
    placed: "v1000 a1000 v1040 a1020 v1040 a1020 v1040 a1020 v1120 a1100",
    repairs: { stepsBack: 2 },
  },
  {
    name: "a step back of 3 s is closed without a gap",
    sent: "v5000 a5000 v5040 a5020 v2040 a2040 v2080 a2060",
    placed: "v5000 a5000 v5040 a5020 v5080! a5080! v5120 a5100",
    repairs: { jumps: 1 },
  },
  {
    name: "a jump of hours forward",
    sent: "v1000 a1000 v1040 a1020 v10001080 a10001040 v10001120",
    placed: "v1000 a1000 v1040 a1020 v1080! a1040! v1120",
    repairs: { jumps: 1 },
  },
  {
    name: "a jump of hours back",
    sent: `| a72000000 a72000020 v72000000 a1000 v1000 a1020`,
    placed: "a1000 a1020 v1000 a1040! v1040! a1060",
    repairs: { jumps: 1 },
  },
  {
    name: "a restart at zero, noticed by video first, while old audio still comes",
    sent: "v9000 a9000 v9040 a9020 v0 a9040 a9060 v40 a0 a20 v80",
    placed: "v9000 a9000 v9040 a9020 v9080! a9040 a9060 v9120 a9080! a9100 v9160",
    repairs: { jumps: 1 },
  },
  {
    name: "a restart at zero, noticed by audio first, while old video still comes",
    sent: "v9000 a9000 a9020 a0 v9040 v9080 a20 v0 a40 v40",
    placed: "v9000 a9000 a9020 a9040! v9040 v9080 a9060 v9080! a9080 v9080",
    repairs: { jumps: 1 },
  },
  {
    name: "a jump that only one track finds too long is followed by the other",
    sent: "a1000 v1000 a1020 v1040 a6060 v6039 a6080 v6079",
    placed: "a1000 v1000 a1020 v1040 a1040! v1040! a1060 v1059",
    repairs: { jumps: 1 },
  },
  {
    name: "a step back that only one track finds too long is followed by the one that waited",
    sent: "v1000 a1000 v1040 a1020 v550 a515 v590 a535",
    placed: "v1000 a1000 v1040 a1020 v1040 a1040! v1115! a1060",
    repairs: { jumps: 1, stepsBack: 1 },
  },
  {
    name: "a step back that one track waits out before another finds it too long",
    sent: "v1000 a1000 v1040 a1020 a820 v490 a840 v530 a860",
    placed: "v1000 a1000 v1040 a1020 a1020 v1080! a1430! v1120 a1450",
    repairs: { jumps: 1, stepsBack: 1 },
  },
  {
    name: "a jump of one second back is followed by sparse video, to which it would be none",
    sent: "v0 a0 a5000 a10000 a9000 v9040",
    placed: "v0 a0 a5000 a10000 a10040! v10080!",
    repairs: { jumps: 1 },
  },
  {
    name: "frames from before a jump may come long after it",
    sent: "v5000 a5000 a4000 a4500 a4980 v5040 v4040",
    placed: "v5000 a5000 a5040! a5540 a6020 v5040 v5080!",
    repairs: { jumps: 1 },
  },
  {
    name: "a configuration from before a jump",
    sent: "a5000 v5000 a4000 V5040 v5040",
    placed: "a5000 v5000 a5040! V5040 v5040",
    repairs: { jumps: 1 },
  },
  {
    name: "a configuration before frames that begin elsewhere",
    sent: "V9000 v3600000 v3600040",
    placed: "V9000 v9000 v9040",
  },
  {
    name: "data keeps its stamps without moving the stream",
    sent: "| a0 a5000 m1000 m9000 a5020 m0 | a0",
    placed: "a0 a5000 m1000 m9000 a5020 m9000 a5040!",
  },
  {
    name: "one wild stamp: the track returns to the clock it shares",
    sent: "v1000 a1000 v1040 a1020 v9001080 a1040 v1120 a1060",
    placed: "v1000 a1000 v1040 a1020 v1080! a1040 v1120! a1060",
    repairs: { jumps: 1 },
  },
  {
    name: "audio alone with a jump",
    sent: "A0 a0 a20 a40 a500000 a500020",
    placed: "A0 a0 a20 a40 a60! a80",
    repairs: { jumps: 1 },
  },
  {
    name: "video alone with a restart",
    sent: "V0 v0 v40 v2000 v4000 v0 v40",
    placed: "V0 v0 v40 v2000 v4000 v4040! v4080",
    repairs: { jumps: 1 },
  },
  {
    name: "audio 5 s ahead at the start, arriving with the video",
    sent: "v0 a5000 v40 a5020",
    placed: "v0 a0 v40 a20",
    repairs: { realigned: 1 },
  },
  {
    name: "video 5 s ahead at the start, arriving with the audio",
    sent: "a0 v5000 a20 v5040",
    placed: "a0 v0 a20 v40",
    repairs: { realigned: 1 },
  },
  {
    name: "audio 5 s behind at the start, arriving with the video",
    sent: "v5000 a0 v5040 a20",
    placed: "v5000 a5000 v5040 a5020",
    repairs: { realigned: 1 },
  },
  {
    name: "video that truly begins later",
    sent: "a0 a1000 a2000 a3000 a4000 v4040 a5000",
    placed: "a0 a1000 a2000 a3000 a4000 v4040 a5000",
  },
  {
    name: "tracks with clocks of their own do not disturb each other",
    sent: "a0 v5000 a20 v5040 a5020 v10040 a5040 v10080",
    placed: "a0 v0 a20 v40 a5020 v5040 a5040 v5080",
    repairs: { realigned: 1 },
  },
  {
    name: "composition times, large and negative, are kept",
    sent: "v3600000/8388 v3600040/-120 a3600000/0 v0/33 v40/-8388",
    placed: "v1000/8388 v1040/-120 a1000/0 v1080!/33 v1120/-8388",
    repairs: { jumps: 1 },
  },
  {
    name: "metadata and configurations stamped 0 in a stream that is elsewhere",
    sent: "m0 V0 A0 v3600000 a3600000 m0 V0 A0 v3600040 a3600020 H0 E0",
    placed: "m0 V0 A0 v1000 a1000 m1000 V1000 A1000 v1040 a1020 H1040 E1040",
  },
  {
    name: "metadata and configurations stamped elsewhere in a stream from 0",
    sent: "m3600000 V3600000 A90000 v0 a0 m3600000 V3600000 v40",
    placed: "m0 V0 A0 v0 a0 m0 V0 v40",
  },
  {
    name: "configurations keep their own stamps where those fit",
    sent: "v3600000 a3600000 V3600040 v3600040 m3600045 a3600023",
    placed: "v1000 a1000 V1040 v1040 m1045 a1023",
  },
  {
    name: "a configuration a little early holds nothing back for long",
    sent: "v1000 v1040 V1400 v1080 v1400 v1440",
    placed: "v1000 v1040 V1400 v1400 v1400 v1440",
  },
  {
    name: "a configuration of a track that comes late does not hold its frames back",
    sent: "a3600000 a3601500 V0 v3600000 v3600040",
    placed: "a1000 a2500 V500 v1000 v1040",
  },
  {
    name: "a configuration after a jump, before the frames",
    sent: "v5000 a5000 v5040 a5020 a0 V20 v20",
    placed: "v5000 a5000 v5040 a5020 a5040! V5060 v5060!",
    repairs: { jumps: 1 },
  },
  {
    name: "sparse video beside audio",
    sent: "a0 v0 a5000 a10000 a15000 a20000 v20000 a25000 a30000 a35000 a40000 v40000",
    placed: "a0 v0 a5000 a10000 a15000 a20000 v20000 a25000 a30000 a35000 a40000 v40000",
  },
  {
    name: "sparse video, alone, in real time",
    sent: "v0@0 v20000@20000 v40000@39000",
    placed: "v0 v20000 v40000",
  },
  {
    name: "several tracks share one clock through a jump",
    sent: "v1000 w1000 a1000 b1000 v1040 w1040 a1020 b1020 w0 b0 v0 a0",
    placed: "v1000 w1000 a1000 b1000 v1040 w1040 a1020 b1020 w1080! b1080! v1080! a1080!",
    repairs: { jumps: 1 },
  },
  {
    name: "a track that comes an hour later, counting from zero",
    sent: "a0 @3600000 a3600000 v0 v40",
    placed: "a0 a3600000 v3600000 v3600040",
    repairs: { realigned: 1 },
  },
  {
    name: "a long pause during which the stamps went on is kept",
    sent: "v1000@0 a1000@0 v61000@60000 a61000@60000 v61040",
    placed: "v1000 a1000 v61000 a61000 v61040",
  },
  {
    name: "a long pause during which the stamps stood still is no pause",
    sent: "v1000@0 a1000@0 v1040@60000 a1020@60000 v1080",
    placed: "v1000 a1000 v1040 a1020 v1080",
  },
  {
    name: "metadata first after a pause does not hide how long it was",
    sent: "v1000@0 m31000@30000 v31000@30000",
    placed: "v1000 m31000 v31000",
  },
  {
    name: "a track that was away and counts on from where it was",
    sent: "a0 v0 a20 v5000 v10000 v15000 a40 a60",
    placed: "a0 v0 a20 v5000 v10000 v15000 a15000! a15020",
    repairs: { realigned: 1 },
  },
  {
    name: "a returning publisher counts on from anywhere, without a gap",
    sent: "| V0 v0 a0 v40 a20 | V0 A0 v7200000 a7200000 v7200040",
    placed: "V0 v0 a0 v40 a20 V40 A20 v80! a80! v120",
  },
  {
    name: "a returning publisher whose second track began earlier",
    sent: "| v0 a0 v40 a20 | v1000 a980 a1000 v1040",
    placed: "v0 a0 v40 a20 v80! a60! a80 v120",
  },
  {
    name: "two publishers in turn, three times",
    sent: "| v0 a0 | v500 a500 | a90 v110 | v0 a5",
    placed: "v0 a0 v40! a40! a80! v100! v140! a145!",
  },
  {
    name: "a second publisher brings a track that the first had not",
    sent: "| a0 a20 | a0 v0",
    placed: "a0 a20 a40! v40!",
  },
  {
    name: "a configuration of a track that the first publisher had not",
    sent: "| a0 a5000 | V0 a0 v0",
    placed: "a0 a5000 V3000 a5040! v5040!",
  },
  {
    name: "a publication without frames is no publication",
    sent: "| V0 A0 | V0 A0 v0 a0",
    placed: "V0 A0 V0 A0 v0 a0",
  },
  {
    name: "both tracks with equal stamps, twice the same one",
    sent: "v0 a0 v40 a40 v40 a40 v80 a80",
    placed: "v0 a0 v40 a40 v40 a40 v80 a80",
  },
];

const NO_REPAIRS: Repairs = { stepsBack: 0, jumps: 0, realigned: 0, drifts: 0 };

for (const { name, sent, placed, repairs } of STORIES) {
  Deno.test(`timeline: ${name}`, () => {
    const timeline = new Timeline();
    assertEquals(tell(timeline, sent), placed);
    assertEquals({ ...timeline.repairs }, { ...NO_REPAIRS, ...repairs });
  });
}

/** Plays a story and writes down what comes out. */
function tell(timeline: Timeline, sent: string): string {
  let unwrapper = new TimestampUnwrapper();
  let now = 0;
  const placed: string[] = [];
  for (const word of sent.split(" ")) {
    if (word === "|") {
      timeline.begin();
      unwrapper = new TimestampUnwrapper();
      continue;
    }
    const [, letter, stamp, composition, arrival] = word.match(/^([a-zA-Z]?)(\d*)(?:\/(-?\d+))?(?:@(\d+))?$/) ?? [];
    if (arrival) now = Number(arrival);
    if (!letter) continue;
    const raw = packet(letter as Letter, unwrapper.unwrap(Number(stamp)) * 1000, Number(composition ?? 0) * 1000);
    const out = timeline.place(raw, now);
    const shown = composition === undefined ? "" : `/${(out.pts - out.dts) / 1000}`;
    placed.push(`${letter}${out.dts / 1000}${out.discontinuity ? "!" : ""}${shown}`);
  }
  return placed.join(" ");
}

const HOUR = 3_600_000_000;

/** Audio every 20 ms and video every 40 ms of `[from, to)` in µs, video arriving `videoLate` µs behind, in order of arrival. */
function* interleaved(from: number, to: number, videoLate = 0): Generator<{ letter: "a" | "v"; time: number }> {
  for (let time = from; time < to; time += 20_000) {
    yield { letter: "a", time };
    const frame = time - videoLate;
    if (frame >= from && (frame - from) % 40_000 === 0) yield { letter: "v", time: frame };
  }
}

Deno.test("timeline: in an hour of drift of 0.1 % the slower track is brought back once, and no more than MAX_SKEW apart", () => {
  const timeline = new Timeline();
  const last = { a: 0, v: 0 };
  let widest = 0;
  let breaks = 0;
  for (const { letter, time } of interleaved(0, HOUR)) {
    const raw = letter === "a" ? time : time - Math.round(time / 1000);
    const placed = timeline.place(packet(letter, raw), time / 1000);
    last[letter] = placed.dts;
    widest = Math.max(widest, Math.abs(last.a - last.v));
    if (placed.discontinuity) breaks++;
  }
  assertEquals({ ...timeline.repairs }, { ...NO_REPAIRS, drifts: 1 });
  assertEquals(breaks, 1);
  assert(widest > MAX_SKEW && widest < MAX_SKEW + 100_000, `${widest} µs apart`);
});

Deno.test("timeline: bursts of five seconds and pictures that come late are no drift", () => {
  const timeline = new Timeline();
  const place = (letter: Letter, dts: number) => {
    const raw = packet(letter, dts);
    assertStrictEquals(timeline.place(raw, 0), raw);
  };
  place("a", 0);
  place("w", 0);
  for (let burst = 0; burst < 120_000_000; burst += 5_000_000) {
    for (let dts = burst; dts < burst + 5_000_000; dts += 40_000) place("v", dts);
    for (let dts = burst; dts < burst + 5_000_000; dts += 20_000) place("a", dts);
    if (burst % 20_000_000 === 0) place("w", burst + 2_000_000);
  }
});

/** Anything a publisher may send. */
const anything = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("begin" as const) },
    {
      weight: 20,
      arbitrary: fc.record({
        letter: fc.constantFrom(...Object.keys(SHAPES) as Letter[]),
        step: fc.oneof(
          fc.integer({ min: -600_000, max: 600_000 }),
          fc.integer({ min: -12_000_000, max: 12_000_000 }),
          fc.integer({ min: -(2 ** 43), max: 2 ** 43 }),
        ),
        composition: fc.integer({ min: -8_388_608, max: 8_388_607 }),
        wait: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(60_000)),
      }),
    },
  ),
  { maxLength: 200 },
);

Deno.test("timeline: whatever is sent, each track goes on, near the others, with its composition times", () => {
  fc.assert(fc.property(anything, (events) => {
    const timeline = new Timeline();
    const lasts = new Map<string, number>();
    let now = 0;
    let lastFrameAt: number | undefined;
    let clock = 0;
    for (const event of events) {
      if (event === "begin") {
        timeline.begin();
        continue;
      }
      now += event.wait;
      clock += event.step;
      const front = timeline.front;
      const raw = Object.freeze(packet(event.letter, clock, event.composition));
      const placed = timeline.place(raw, now);

      const track = `${raw.kind}${raw.track}`;
      assert(Number.isSafeInteger(placed.dts) && placed.dts >= (lasts.get(track) ?? 0), "a track goes on");
      assertEquals(placed.pts - placed.dts, event.composition);
      assertEquals(placed === raw, placed.dts === raw.dts && !placed.discontinuity);
      const isFrame = raw.role === "key" || raw.role === "frame";
      if (isFrame) assert(placed.dts >= front - MAX_LAG, "no track stays behind");
      const latest = lastFrameAt === undefined ? Infinity : front + MAX_JUMP + (now - lastFrameAt) * 1000;
      assert(placed.dts <= Math.max(latest, lasts.get(track) ?? 0), "no track runs away");
      if (raw.kind !== "data") assertEquals(timeline.front, Math.max(front, placed.dts));
      lasts.set(track, placed.dts);
      if (isFrame) lastFrameAt = now;
    }
  }));
});

Deno.test("timeline: sound and picture are in step again after any jumps of the publisher's clock", () => {
  const jump = fc.oneof(
    fc.integer({ min: -600_000, max: 600_000 }),
    fc.integer({ min: -6_000_000, max: 6_000_000 }),
    fc.integer({ min: -10 * HOUR, max: 10 * HOUR }),
  );
  const segments = fc.array(fc.record({ jump, isReturn: fc.boolean() }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(segments, fc.integer({ min: 0, max: 15 }), (segments, late) => {
    const timeline = new Timeline();
    let clock = 20 * HOUR;
    for (const { jump, isReturn } of segments) {
      clock += jump;
      if (isReturn) timeline.begin();
      const offsets = { a: 0, v: 0 };
      for (const { letter, time } of interleaved(0, 4_000_000, late * 20_000)) {
        const raw = packet(letter, clock + time);
        offsets[letter] = timeline.place(raw, 0).dts - raw.dts;
      }
      assertEquals(offsets.a, offsets.v);
      clock += 4_000_000;
    }
  }));
});

Deno.test("timeline: a clean publisher's packets come out as the same objects", () => {
  const clean = fc.record({
    start: fc.nat(9_000_000),
    late: fc.nat(40),
    pauses: fc.array(fc.nat(MAX_JUMP - 1_000_000), { minLength: 1, maxLength: 5 }),
    hasConfigs: fc.boolean(),
  });
  fc.assert(fc.property(clean, ({ start, late, pauses, hasConfigs }) => {
    const timeline = new Timeline();
    timeline.begin();
    let clock = start;
    const place = (raw: MediaPacket) => assertStrictEquals(timeline.place(raw, 0), raw);
    for (const letter of ["m", "V", "A"] as const) place(packet(letter, 0));
    for (const pause of pauses) {
      for (const { letter, time } of interleaved(0, 2_000_000, late * 20_000)) {
        if (hasConfigs && time % 1_000_000 === 0) place(packet(letter === "v" ? "V" : "A", clock + time));
        place(packet(letter, clock + time, letter === "v" ? 80_000 : 0));
      }
      clock += 2_000_000 + pause;
    }
    assertEquals({ ...timeline.repairs }, NO_REPAIRS);
  }));
});

Deno.test("timeline: what it has put right it leaves alone", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -HOUR, max: HOUR }), { maxLength: 5 }), (jumps) => {
    const first = new Timeline();
    const placed: MediaPacket[] = [];
    let clock = HOUR;
    for (const jump of jumps) {
      clock += jump;
      for (const { letter, time } of interleaved(0, 1_000_000)) {
        placed.push(first.place(packet(letter, clock + time), 0));
      }
    }
    const second = new Timeline();
    for (const raw of placed) assertStrictEquals(second.place(raw, 0), raw);
    assertEquals(second.front, first.front);
  }));
});
