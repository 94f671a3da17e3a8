import { assert, assertEquals, assertLess } from "@std/assert";
import { Pressure } from "./pressure.ts";

const RANGE = { ceiling: 4_000_000, floor: 200_000 };
const TICK_MS = 250;

/** Plays an encoder on a connection that carries `capacity` bits per second; the longest wait in milliseconds. */
class Line {
  readonly pressure = new Pressure(RANGE);
  at = 0;
  given = 0;
  queued = 0;
  longestMs = 0;
  dropped = 0;

  run(seconds: number, capacity: number, framesPerSecond = 25): void {
    const frames = seconds * framesPerSecond;
    for (let i = 0; i < frames; i++) {
      this.at += 1000 / framesPerSecond;
      if (this.pressure.admits(this.queued, 0)) this.#give(this.pressure.bitrate / framesPerSecond / 8);
      else this.dropped++;
      this.queued = Math.max(0, this.queued - capacity / framesPerSecond / 8);
      this.longestMs = Math.max(this.longestMs, this.queued * 8000 / capacity);
      const { at, given: givenBytes, queued: queuedBytes } = this;
      if (i % (TICK_MS * framesPerSecond / 1000) < 1) this.pressure.look({ at, givenBytes, queuedBytes });
    }
  }

  #give(bytes: number): void {
    this.given += bytes;
    this.queued += bytes;
  }
}

Deno.test("on a connection that carries it the bit rate stays what was chosen, and no frame is dropped", () => {
  const line = new Line();
  line.run(60, 20_000_000);
  assertEquals([line.pressure.bitrate, line.dropped], [RANGE.ceiling, 0]);
});

Deno.test("on a connection that becomes narrow the bit rate goes below what it carries before latency grows", () => {
  const line = new Line();
  line.run(5, 20_000_000);
  line.run(20, 1_500_000);
  assertLess(line.pressure.bitrate, 1_500_000);
  assertLess(line.queued * 8000 / 1_500_000, 200);
  assertLess(line.longestMs, 2000);
});

Deno.test("when the connection is wide again the bit rate comes back step by step", () => {
  const line = new Line();
  line.run(20, 1_000_000);
  const low = line.pressure.bitrate;
  line.run(10, 20_000_000);
  assert(line.pressure.bitrate > low);
  line.run(240, 20_000_000);
  assertEquals(line.pressure.bitrate, RANGE.ceiling);
});

Deno.test("on a narrow connection tries to go up become rare", () => {
  const line = new Line();
  line.run(120, 1_000_000);
  const dropped = line.dropped;
  line.run(120, 1_000_000);
  assert(line.dropped - dropped <= dropped + 25, `${dropped}, then ${line.dropped - dropped}`);
});

Deno.test("a connection that stands still gets no frame until it has moved on", () => {
  const pressure = new Pressure(RANGE);
  assert(!pressure.admits(400 * 4000 / 8, 0), "400 ms wait");
  assert(!pressure.admits(200 * 4000 / 8, 0), "200 ms wait");
  assert(pressure.admits(50 * 4000 / 8, 0), "50 ms wait");
});

Deno.test("the bit rate never leaves its range", () => {
  const line = new Line();
  line.run(60, 10_000);
  assertEquals(line.pressure.bitrate, RANGE.floor);
});

Deno.test("a frame is left out while the encoder has enough to do", () => {
  const pressure = new Pressure(RANGE);
  assertEquals([0, 1, 2, 3].map((queue) => pressure.admits(0, queue)), [true, true, true, false]);
});

Deno.test("a new connection is not judged by the one before", () => {
  const pressure = new Pressure(RANGE);
  pressure.look({ at: 0, givenBytes: 1e6, queuedBytes: 0 });
  assert(!pressure.admits(1e6, 0));
  pressure.restart();
  assert(pressure.admits(0, 0));
  assertEquals(pressure.look({ at: 250, givenBytes: 0, queuedBytes: 0 }), false);
});
