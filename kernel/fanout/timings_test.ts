import { assertEquals } from "@std/assert";
import { House, write } from "../testing/house.ts";

Deno.test("rounds of waking players and their first bytes are told to who listens, and to nobody else", async () => {
  const house = new House();
  const told: unknown[] = [];
  const listener = house.flusher.timings.listen({
    onFlush: (readers, seconds) => told.push(["flush", readers, seconds]),
    onFirstBytes: (protocol, seconds) => told.push(["first bytes", protocol, seconds]),
  });
  const publication = await house.publish();
  write(publication, "V0 K0");
  assertEquals(told, []);
  const playback = await house.play();
  house.clock.advance(250);
  for (const bytes of [100, 200]) playback.bytes += bytes;
  assertEquals([told, playback.bytes], [[["first bytes", "http-flv", 0.25]], 300]);
  listener[Symbol.dispose]();
  (await house.play()).bytes += 1;
  assertEquals(told.length, 1);
  house.streams.close();
});
