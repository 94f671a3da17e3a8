import { assertEquals } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { PicturePace } from "./picture_pace.ts";

const EMPTY = new Uint8Array();

/** `k` and `d` are key and delta, `!` a discontinuity, the number the dts in ms. */
function frame(word: string): MediaPacket {
  const [, letter, ms, broken] = word.match(/^([kd])(\d+)(!?)$/)!;
  const dts = Number(ms) * 1000;
  const role = letter === "k" ? "key" : "delta";
  return {
    kind: "video",
    role,
    codec: "avc",
    track: 0,
    dts,
    pts: dts,
    data: EMPTY,
    body: EMPTY,
    discontinuity: !!broken,
  };
}

/** Frames every `step` ms in `[from, to)`, a key every `gop` ms. */
function steady(from: number, to: number, step: number, gop: number): string[] {
  const words: string[] = [];
  for (let ms = from; ms < to; ms += step) words.push(`${(ms - from) % gop === 0 ? "k" : "d"}${ms}`);
  return words;
}

const CASES: { name: string; frames: string[]; frameRate?: number; gopSeconds?: number }[] = [
  { name: "nothing", frames: [] },
  { name: "one frame", frames: ["k0"] },
  { name: "two frames", frames: ["k0", "d40"], frameRate: 25 },
  { name: "two keys", frames: ["k0", "d40", "k80"], frameRate: 25, gopSeconds: 0.08 },
  { name: "a steady stream", frames: steady(1000, 31_000, 40, 2000), frameRate: 25, gopSeconds: 2 },
  { name: "30 pictures a second in whole ms", frames: ["k0", "d33", "d67", "k100"], frameRate: 30, gopSeconds: 0.1 },
  {
    name: "a rate that changed",
    frames: [...steady(0, 10_000, 40, 2000), ...steady(10_000, 21_000, 100, 5000)],
    frameRate: 10,
    gopSeconds: 5,
  },
  {
    name: "keys that no longer come",
    frames: ["k0", "d500", "k1000", "d2000", "d4500"],
    frameRate: 0.89,
    gopSeconds: 3.5,
  },
  { name: "a break in the timeline", frames: ["k0", "k1000", "k9000!", "d9040"], frameRate: 25 },
  { name: "a delta first", frames: ["d0", "d40", "k80", "d120", "k160"], frameRate: 25, gopSeconds: 0.08 },
  { name: "frames that all have the same time", frames: ["k0", "d0", "d0"] },
];

for (const { name, frames, frameRate, gopSeconds } of CASES) {
  Deno.test(`picture pace: ${name}`, () => {
    const pace = new PicturePace();
    for (const word of frames) pace.observe(frame(word));
    assertEquals({ frameRate: pace.frameRate, gopSeconds: pace.gopSeconds }, { frameRate, gopSeconds });
  });
}
