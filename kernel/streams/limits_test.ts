import { assertEquals, assertThrows } from "@std/assert";
import { admitStream, admitViewer, EgressMeter, type LimitedStream } from "./limits.ts";
import { Refusal } from "../reasons.ts";
import { FakeClock } from "../testing/fake_clock.ts";

function stream(id: string, viewers = 0, state: LimitedStream["state"] = "live"): LimitedStream {
  return { id, viewers, state };
}

function host(limits: { streams?: number; viewers?: number; egressMbps?: number }, streams: LimitedStream[], mbps = 0) {
  return { limits: { streams: 0, viewers: 0, egressMbps: 0, ...limits }, streams, egressMbps: mbps };
}

Deno.test("streams that wait for a publisher, or have ended, are not counted", () => {
  const streams = [stream("a"), stream("b", 3, "waiting"), stream("c", 0, "ended"), stream("d", 0, "interrupted")];
  admitStream(stream("new"), host({}, streams));
  admitStream(stream("new"), host({ streams: 3 }, streams));
  const error = assertThrows(() => admitStream(stream("new"), host({ streams: 2 }, streams)), Refusal);
  assertEquals([error.code, error.message], ["limit", "Cannot publish new: all 2 streams of this server are in use"]);
});

Deno.test("a player is refused by its stream's limit, the server's, and what the server sends, each in words", () => {
  const streams = [stream("a", 2), stream("b", 1)];
  admitViewer(streams[0], 3, host({ viewers: 4, egressMbps: 10 }, streams, 9.9));
  const refusals = [
    () => admitViewer(streams[0], 2, host({}, streams)),
    () => admitViewer(streams[0], 0, host({ viewers: 3 }, streams)),
    () => admitViewer(streams[0], 0, host({ egressMbps: 10 }, streams, 10)),
  ].map((admit) => assertThrows(admit, Refusal).message);
  assertEquals(refusals, [
    "Cannot play a: it has its 2 players",
    "Cannot play a: this server has its 3 players",
    "Cannot play a: this server sends its 10 Mbit/s",
  ]);
});

Deno.test("what goes out is measured over three seconds, those who have left included", () => {
  const clock = new FakeClock();
  const sessions = new Set([{ bytesOut: 0 }, { bytesOut: 0 }]);
  using meter = new EgressMeter(clock, sessions);
  const [one, two] = sessions;
  meter.isOn = true;
  assertEquals(meter.mbps, 0);
  one.bytesOut += 500_000;
  clock.advance(1000);
  assertEquals(meter.mbps, 4);
  two.bytesOut += 250_000;
  sessions.delete(two);
  meter.ended(two);
  clock.advance(1000);
  assertEquals(meter.mbps, 3);
  clock.advance(3000);
  assertEquals(meter.mbps, 0);
  meter.isOn = false;
  assertEquals(clock.pending, 0);
});
