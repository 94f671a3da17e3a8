import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { LiveWindow, type WindowOptions } from "./live_window.ts";

const OPTIONS: WindowOptions = { segments: 6, segment: 2_000_000, prefix: "x", origin: 100 };

/** A window with segments of so many bytes, and of two seconds each. */
function windowOf(options: Partial<WindowOptions>, ...sizes: readonly number[]): LiveWindow {
  const window = new LiveWindow({ ...OPTIONS, ...options });
  for (const [i, size] of sizes.entries()) addTo(window, i, size);
  return window;
}

/** Adds so many segments of two seconds; after each the playlist is shown. */
function watched(window: LiveWindow, count: number, size = 1): LiveWindow {
  for (let i = 0; i < count; i++) {
    addTo(window, i, size);
    window.noteShown();
  }
  return window;
}

function addTo(window: LiveWindow, index: number, size: number, duration = 2_000_000): void {
  const start = { time: index * 2_000_000, isIndependent: true, isDiscontinuous: false, extension: "ts" };
  window.start({ ...start, tracks: [], leftOut: [] });
  const bytes = new Uint8Array(size);
  window.part({ bytes, duration, isIndependent: true });
  window.end({ bytes, duration });
}

Deno.test("window: what a playlist has shown is kept for as long as that lasts, and as long as itself", () => {
  const window = watched(windowOf({ segments: 3 }), 10);
  assertEquals(window.segments.map(({ msn }) => msn), [107, 108, 109]);
  const isThere = (msn: number) => window.find(`x-${msn}.ts`) !== undefined;
  assertEquals([102, 103, 106, 109].map(isThere), [false, true, true, true]);
});

Deno.test("window: what no playlist has shown goes at once, and what one has shown in its time", () => {
  const window = windowOf({ segments: 3 }, ...Array(10).fill(1));
  assertEquals(window.size, 3);
  window.noteShown();
  const isThere = () => [107, 108, 109, 110].map((msn) => window.find(`x-${msn}.ts`) !== undefined);
  for (let i = 10; i < 14; i++) addTo(window, i, 1);
  assertEquals([window.size, isThere()], [6, [true, true, true, false]]);
  for (let i = 14; i < 18; i++) addTo(window, i, 1);
  assertEquals([window.size, isThere()], [3, [false, false, false, false]]);
});

Deno.test("window: large segments are fewer, at first those that are not listed any more, but never less than three", () => {
  const few = watched(windowOf({ maxBytes: 100 }), 20, 20);
  assertLessOrEqual(few.size, 100);
  assertEquals(few.segments.length, 5);
  const least = watched(windowOf({ maxBytes: 100 }), 20, 60);
  assertEquals([least.segments.length, least.size], [3, 180]);
});

Deno.test("window: what is left lasts three target durations at least", () => {
  const window = windowOf({ segments: 3 });
  addTo(window, 0, 1, 4_000_000);
  window.promise(40_000, 0);
  for (let i = 1; i < 12; i++) addTo(window, i, 1);
  assertEquals(window.target, 4);
  assertEquals(window.segments.length, 6);
});

Deno.test("window: a segment in which nothing could be written is as if it had not been", () => {
  const window = windowOf({}, 1, 0, 1);
  assertEquals(window.segments.map(({ msn }) => msn), [100, 101]);
});

Deno.test("window: the target duration leaves room for groups of pictures that are not quite alike", () => {
  const chosen = (duration: number) => {
    const window = windowOf({});
    addTo(window, 0, 1, duration);
    window.promise(40_000, 0);
    return window.target;
  };
  assertEquals([1_000_000, 2_000_000, 2_200_000, 2_300_000, 8_000_000].map(chosen), [2, 2, 2, 3, 8]);
});

Deno.test("window: the part target is a whole number of frames, and some room", () => {
  const chosen = (interval: number) => {
    const window = windowOf({ part: 200_000 }, 1);
    window.promise(interval, 0);
    return window.partTarget;
  };
  assertEquals([40_000, 1e6 / 24, 1e6 / 30, 1e6 / 60, 500_000].map(chosen), [
    220_000,
    183_333,
    220_000,
    220_000,
    220_000,
  ]);
});

Deno.test("window: an ended playlist that goes on may promise anew", () => {
  const window = windowOf({}, 1);
  window.promise(40_000, 0);
  window.reopen();
  assertEquals(window.target, 2);
  window.finish();
  assert(window.isEnded);
  window.reopen();
  assertEquals([window.isEnded, window.target], [false, undefined]);
});
