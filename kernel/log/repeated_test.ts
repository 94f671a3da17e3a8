import { assertEquals } from "@std/assert";
import { createLogger } from "./log.ts";
import { MAX_REPEATED_MESSAGES, repeated } from "./repeated.ts";
import { FakeClock } from "../testing/fake_clock.ts";

function recording() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({
    clock,
    levels: { "*": "debug" },
    sink: ({ level, message, properties }) => lines.push(`${level} ${message[0]} ${JSON.stringify(properties)}`),
  });
  return { clock, lines, log: repeated(log, 1000, clock) };
}

Deno.test("the first line is logged at once, the rest of the second as one with their number and the newest fields", () => {
  const { clock, lines, log } = recording();
  for (let n = 0; n < 42; n++) log.warn("Too slow", { n });
  assertEquals(lines, ['warning Too slow {"n":0}']);
  clock.advance(1000);
  assertEquals(lines.slice(1), ['warning Too slow … 41 more {"n":41}']);
});

Deno.test("a line alone is not followed by another", () => {
  const { clock, lines, log } = recording();
  log.warn("Too slow");
  clock.advance(5000);
  assertEquals(lines.length, 1);
  assertEquals(clock.pending, 0);
  log.warn("Too slow");
  assertEquals(lines.length, 2);
});

Deno.test("trouble that goes on is one line a second", () => {
  const { clock, lines, log } = recording();
  for (let ms = 0; ms < 10_000; ms += 10) {
    log.warn("Too slow");
    clock.advance(10);
  }
  clock.advance(2000);
  assertEquals(lines.length, 11);
  assertEquals(clock.pending, 0);
});

Deno.test("messages and levels are counted apart", () => {
  const { clock, lines, log } = recording();
  for (const level of ["debug", "info", "warn", "error"] as const) {
    for (const message of ["a", "b"]) {
      log[level](message);
      log[level](message);
    }
  }
  clock.advance(1000);
  assertEquals(lines.length, 16);
  assertEquals(lines.filter((line) => line.includes("… 1 more")).length, 8);
});

Deno.test("disposing reports what is still counted and leaves no timer", () => {
  const { clock, lines, log } = recording();
  log.info("a");
  log.info("a");
  log[Symbol.dispose]();
  assertEquals(lines, ["info a {}", "info a … 1 more {}"]);
  assertEquals(clock.pending, 0);
});

Deno.test("messages without end are counted in bounded memory, and none is lost", () => {
  const { clock, lines, log } = recording();
  const messages = MAX_REPEATED_MESSAGES * 3;
  for (let n = 0; n < messages; n++) {
    log.info(`message ${n}`);
    log.info(`message ${n}`);
  }
  assertEquals(clock.pending, MAX_REPEATED_MESSAGES);
  log[Symbol.dispose]();
  assertEquals(lines.length, messages * 2);
});
