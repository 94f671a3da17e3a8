import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import type { MediaPacket } from "../../media/packet.ts";
import { type Letter, NO_REPAIRS, packet, SHAPES } from "../testing/stamped_packets.ts";
import { MAX_JUMP, MAX_LAG, MAX_SKEW, Timeline } from "./timeline.ts";

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
