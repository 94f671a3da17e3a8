import { assertEquals } from "@std/assert";
import { KeyRhythm } from "./key_rhythm.ts";

const times = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i * 500_000);

Deno.test("key frames stand at the first frame and two seconds apart", () => {
  const rhythm = new KeyRhythm();
  assertEquals(times(10).filter((time) => rhythm.isDue(time)), [0, 2_000_000, 4_000_000]);
});

Deno.test("two encoders that begin at different times have their key frames at the same ones", () => {
  const [early, late] = [new KeyRhythm(), new KeyRhythm()];
  const keys = times(12).filter((time) => early.isDue(time));
  assertEquals(times(9, 1_500_000).filter((time) => late.isDue(time)).slice(1), keys.slice(1));
});

Deno.test("a key frame that is asked for comes at once, and the rhythm stays", () => {
  const rhythm = new KeyRhythm();
  const keys = times(10).filter((time) => {
    if (time === 2_500_000) rhythm.request();
    return rhythm.isDue(time);
  });
  assertEquals(keys, [0, 2_000_000, 2_500_000, 4_000_000]);
});
