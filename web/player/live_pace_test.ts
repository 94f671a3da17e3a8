import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jumpTarget } from "./live_edge.ts";
import { LEAST_MARGIN, LivePace, MOST_MARGIN } from "./live_pace.ts";

/** A stream that comes in pieces, each this long, in seconds, and a picture that is so far behind the last of them. */
interface Watching {
  readonly piece: number;
  readonly behind: number;
  readonly seconds: number;
}

/** Plays for so long; gives what was left to show before the last piece, and how often that was nothing. */
function watch(pace: LivePace, { piece, behind, seconds }: Watching): { spare: number; stalls: number } {
  let [edge, position, stalls] = [0, -behind, 0];
  for (let now = piece; now < seconds; now += piece) {
    pace.observe(edge, now);
    const rate = pace.rateAt(position, now);
    edge += piece;
    position = Math.min(edge, position + piece * rate);
    if (position < edge) continue;
    stalls++;
    pace.stalled(now);
  }
  return { spare: edge - position, stalls };
}

for (const piece of [0.02, 0.08, 0.35, 1]) {
  Deno.test(`of a stream in pieces of ${piece} s a picture keeps the margin, wherever it began`, () => {
    for (const behind of [0.15, 1.5, 3.9]) {
      const { spare, stalls } = watch(new LivePace(), { piece, behind, seconds: 90 });
      assert(Math.abs(spare - LEAST_MARGIN) < 0.1, `${spare} s are left of ${behind}`);
      assertEquals(stalls, 0);
    }
  });
}

Deno.test("where a stream is late for a moment every quarter of a minute, the picture stands ever more seldom", () => {
  const [pace, step] = [new LivePace(), 0.02];
  const stalls: number[] = [];
  let [edge, position] = [0, -0.25];
  for (let now = step; now < 1800; now += step) {
    const isLate = now > 15 && now % 15 < 0.3;
    pace.observe(edge, now);
    if (!isLate) edge = now;
    position += step * pace.rateAt(position, now);
    if (position <= edge) continue;
    position = edge;
    if (now - (stalls.at(-1) ?? 0) < 1) continue;
    stalls.push(now);
    pace.stalled(now);
  }
  assert(stalls.length > 1 && stalls.length < 15, `it stood at ${stalls}`);
  assert(1800 - position < 0.7, `it is ${1800 - position} s behind`);
});

Deno.test("a picture where it should be goes at the stream's own pace", () => {
  const pace = new LivePace();
  pace.observe(10, 0);
  assertEquals(pace.rateAt(10 - LEAST_MARGIN, 0), 1);
  assertEquals(pace.rateAt(10 - LEAST_MARGIN - 0.05, 0), 1);
  assert(pace.rateAt(10 - LEAST_MARGIN - 0.5, 0) > 1);
});

Deno.test("a picture with nearly nothing left to show is held back until it has some", () => {
  const pace = new LivePace();
  pace.observe(10, 0);
  assert(pace.rateAt(9.99, 0) < 1);
  assert(pace.rateAt(9.94, 0) < 1);
  assertEquals(pace.rateAt(9.9, 0), 1);
});

Deno.test("what came late once counts for some seconds, and then no more", () => {
  const pace = new LivePace();
  pace.observe(9, 10);
  pace.observe(10, 10);
  assertEquals(pace.rateAt(9, 10), 0.95);
  pace.observe(15.1, 15.1);
  assert(pace.rateAt(14.1, 15.1) < 1);
  pace.observe(20.2, 20.2);
  assert(pace.rateAt(19.2, 20.2) > 1);
});

Deno.test("after a jump nothing counts that was seen before it", () => {
  const pace = new LivePace();
  pace.observe(9, 10);
  pace.restart();
  pace.observe(14, 10);
  assertEquals(pace.rateAt(14 - LEAST_MARGIN, 10), 1);
});

Deno.test("each stall asks for more room, up to a limit, and calm gives it back", () => {
  const pace = new LivePace();
  pace.stalled(0);
  const after = pace.margin;
  assert(after > LEAST_MARGIN);
  pace.stalled(1);
  assert(pace.margin - after > after - LEAST_MARGIN, "a stall soon after another asks for more");
  for (let i = 0; i < 20; i++) pace.stalled(2);
  assertEquals(pace.margin, MOST_MARGIN);
  pace.rateAt(1, 90);
  assertEquals(pace.margin, MOST_MARGIN);
  for (let now = 93; now < 6000; now += 10) pace.rateAt(1, now);
  assertEquals(pace.margin, LEAST_MARGIN);
  assert(pace.landing > pace.margin);
});

Deno.test("no jump leads back, however much room stalls have asked for", () => {
  const pace = new LivePace();
  for (let i = 0; i < 20; i++, pace.stalled(i)) assert(pace.near > pace.landing);
  const ranges = [{ start: 0, end: 10 }];
  assertEquals(jumpTarget(10 - pace.landing, ranges, pace.landing, pace.near), undefined);
  assert(jumpTarget(10 - pace.near - 0.01, ranges, pace.landing, pace.near)! > 10 - pace.near);
});

Deno.test("where calm gave back too much, it waits longer before it does so again", () => {
  const pace = new LivePace();
  const narrows = (from: number) => {
    const { margin } = pace;
    let now = from;
    while (pace.margin === margin) pace.rateAt(1, now += 1);
    return now - from;
  };
  pace.stalled(0);
  const first = narrows(0);
  pace.stalled(first + 5);
  assert(narrows(first + 5) > 1.5 * first);
});

Deno.test("the pace never leaves what nobody notices, whatever happens", () => {
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
  const happening = fc.oneof(fc.constantFrom("stall", "restart"), fc.tuple(seconds, seconds));
  fc.assert(fc.property(fc.array(happening), (happenings) => {
    const pace = new LivePace();
    for (const [now, each] of happenings.entries()) {
      if (each === "stall") pace.stalled(now);
      else if (each === "restart") pace.restart();
      else {
        pace.observe(each[0] as number, now);
        const rate = pace.rateAt(each[1] as number, now);
        assert(rate >= 0.95 && rate <= 1.1);
      }
    }
  }));
});
