import { assertEquals } from "@std/assert";
import { OpenPlayback } from "./playback.ts";
import { Closed } from "../reasons.ts";
import type { LiveStream } from "./live_stream.ts";
import type { Session } from "../sessions/session.ts";
import type { Subscription } from "../fanout/subscription.ts";
import { FakeClock } from "../testing/fake_clock.ts";

class CountedSubscription implements Partial<Subscription<Uint8Array>> {
  disposed = 0;
  ended?: Closed;

  constructor(readonly skips: number) {}

  [Symbol.dispose](): void {
    this.disposed++;
    this.ended = new Closed("left");
  }
}

Deno.test("a playback that is read again and again holds on to what is still read, and counts all skips", () => {
  const given: CountedSubscription[] = [];
  const stream = {
    attach() {},
    detach() {},
    signal: new AbortController().signal,
    subscribe: () => given[given.push(new CountedSubscription(1)) - 1],
  };
  const session = { onClose() {}, offClose() {} };
  let skips = 0;
  const playback = new OpenPlayback(
    stream as unknown as LiveStream,
    session as unknown as Session,
    new FakeClock(),
    (ended) => skips = ended.skips,
  );
  for (let i = 0; i < 3; i++) {
    const subscription = playback.read({ name: "any", open: () => ({} as never) });
    if (i < 2) subscription[Symbol.dispose]();
  }
  playback[Symbol.dispose]();
  assertEquals(given.map(({ disposed }) => disposed), [1, 1, 1]);
  assertEquals(skips, 3);
});
