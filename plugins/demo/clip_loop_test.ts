import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { builtInClip } from "./clip.ts";
import { ClipLoop, type PacketSink } from "./clip_loop.ts";

const clip = builtInClip();
const PACKETS_PER_ROUND = clip.frames.length;

/** Notes when each packet came, in the clock's milliseconds since the loop began. */
class Recorder implements PacketSink {
  readonly written: { readonly at: number; readonly packet: MediaPacket }[] = [];
  flushed = 0;

  constructor(readonly clock: FakeClock, readonly epoch = clock.now()) {}

  write(packet: MediaPacket): void {
    this.written.push({ at: this.clock.now() - this.epoch, packet });
  }

  flush(): void {
    this.flushed = this.written.length;
  }

  of(kind: MediaPacket["kind"]): MediaPacket[] {
    return this.written.map(({ packet }) => packet).filter((packet) => packet.kind === kind && isFrame(packet));
  }
}

function isFrame({ role }: MediaPacket): boolean {
  return role === "key" || role === "delta" || role === "frame";
}

function play(ms: number): Recorder {
  const clock = new FakeClock();
  clock.advance(12_345.678);
  const recorder = new Recorder(clock);
  using _loop = new ClipLoop(clip, recorder, clock);
  clock.advance(ms);
  return recorder;
}

Deno.test("a frame is written when its time has come, neither earlier nor late", () => {
  for (const { at, packet } of play(2.5 * clip.durationMs).written) {
    assertGreaterOrEqual(at + 1e-6, packet.dts / 1000);
    assertLessOrEqual(at, packet.dts / 1000 + 1);
  }
});

Deno.test("configurations and metadata come once, before the first frame", () => {
  const { written } = play(2.5 * clip.durationMs);
  const headers = written.filter(({ packet }) => !isFrame(packet));
  assertEquals(headers.length, clip.headers.length);
  assertEquals(written.slice(0, headers.length), headers);
});

Deno.test("what is written is flushed, with nothing left behind", () => {
  const recorder = play(1234);
  assert(recorder.flushed > 0);
  assertEquals(recorder.flushed, recorder.written.length);
});

for (const [kind, spacing] of [["video", 40], ["audio", 64 / 3]] as const) {
  Deno.test(`${kind} timestamps go on across the seam in the same steps`, () => {
    const times = play(3.5 * clip.durationMs).of(kind).map(({ dts }) => dts / 1000);
    times.forEach((time, i) => assertEquals(time, Math.round(i * spacing), `${kind} frame ${i}`));
  });
}

Deno.test("every round begins with a key frame", () => {
  const seams = play(3.5 * clip.durationMs).of("video").filter(({ dts }) => dts / 1000 % clip.durationMs === 0);
  assertEquals(seams.map(({ role }) => role), ["key", "key", "key", "key"]);
});

Deno.test("an hour of playing has as many packets as an hour of rounds", () => {
  const rounds = 3_600_000 / clip.durationMs;
  const frames = play(3_600_000 - 1).written.filter(({ packet }) => isFrame(packet));
  assertEquals(frames.length, rounds * PACKETS_PER_ROUND);
});

Deno.test("a machine that slept goes on where it was instead of catching up", () => {
  const clock = new FakeClock();
  let asleep = 0;
  const sleeper = {
    now: () => clock.now() + asleep,
    date: () => clock.date(),
    setTimeout: clock.setTimeout.bind(clock),
  };
  const recorder = new Recorder(clock);
  using _loop = new ClipLoop(clip, recorder, sleeper);
  clock.advance(1000);
  const before = recorder.of("video").length;
  asleep = 60_000;
  clock.advance(1000);
  const added = recorder.of("video").slice(before);
  assertEquals(added.length, 25);
  assertEquals(added[0].dts, 1_040_000);
});

Deno.test("a disposed loop writes nothing more and leaves no timer", () => {
  const clock = new FakeClock();
  const recorder = new Recorder(clock);
  const loop = new ClipLoop(clip, recorder, clock);
  clock.advance(500);
  const count = recorder.written.length;
  loop[Symbol.dispose]();
  clock.advance(5000);
  assertEquals(recorder.written.length, count);
  assertEquals(clock.pending, 0);
});
