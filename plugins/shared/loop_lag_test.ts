import { assertAlmostEquals, assertEquals } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { LoopLag } from "./loop_lag.ts";

Deno.test("a loop that comes in time has no lag", () => {
  const clock = new FakeClock();
  using lag = new LoopLag(clock);
  clock.advance(5000);
  assertEquals([lag.newest, lag.recentWorst, lag.takeWorst()], [0, 0, 0]);
});

Deno.test("a delay is the worst until it is asked for, and recent for five seconds", () => {
  const late = new LateClock();
  using lag = new LoopLag(late);
  late.lateness = 300;
  late.advance(500);
  assertAlmostEquals(lag.newest, 0.3);
  late.lateness = 0;
  late.advance(2000);
  assertEquals(lag.newest, 0);
  assertAlmostEquals(lag.recentWorst, 0.3);
  assertAlmostEquals(lag.takeWorst(), 0.3);
  assertEquals(lag.takeWorst(), 0);
  late.advance(5000);
  assertEquals(lag.recentWorst, 0);
});

/** A clock that reads later than its timers fire, as it does when the loop was busy. */
class LateClock extends FakeClock {
  lateness = 0;

  override now(): number {
    return super.now() + this.lateness;
  }
}
