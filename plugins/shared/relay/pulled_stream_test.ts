import { assertEquals } from "@std/assert";
import type { MediaPacket } from "../../../media/packet.ts";
import { assertMonotonic, assertSamePackets, frames } from "../../../tests/support/packets.ts";
import { packetsOf, StreamMaker } from "../../../tests/support/stream_maker.ts";
import { PulledStream } from "./pulled_stream.ts";

/** What a stream takes of several connections. */
function join(...connections: readonly (readonly MediaPacket[])[]): MediaPacket[] {
  return joinWithin(Infinity, ...connections);
}

function joinWithin(joinMs: number, ...connections: readonly (readonly MediaPacket[])[]): MediaPacket[] {
  const stream = new PulledStream(joinMs);
  return connections.flatMap((packets) => {
    stream.begin();
    return packets.map((packet) => stream.take(packet, packet.dts / 1000)).filter((packet) => packet !== undefined);
  });
}

const maker = new StreamMaker();
const HEAD = packetsOf(maker.head());
const CONFIGS = HEAD.filter(({ role }) => role === "config");
const GOPS = Array.from({ length: 4 }, () => packetsOf(maker.gop()));

Deno.test("one connection's packets stay as they are", () => {
  const all = [...HEAD, ...GOPS.flat()];
  assertSamePackets(join(all), all);
});

Deno.test("wherever a connection breaks, the next one goes on without a frame twice, at the same times", () => {
  const played = [...GOPS[0], ...GOPS[1], ...GOPS[2]];
  for (let broken = GOPS[0].length + 1; broken < GOPS[0].length + GOPS[1].length; broken++) {
    const again = [...HEAD, ...GOPS[1], ...GOPS[2]];
    const got = join([...HEAD, ...played.slice(0, broken)], again);
    assertSamePackets(frames(got), frames(played));
    assertEquals(got.length - frames(got).length, HEAD.length, "what describes the stream comes once");
  }
});

Deno.test("stamps that are not quite the same are the same frames", () => {
  const moved = GOPS[1].map((packet) => ({ ...packet, dts: packet.dts + 3000, pts: packet.pts + 3000 }));
  const got = join([...HEAD, ...GOPS[0], ...GOPS[1]], [...HEAD, ...moved, ...GOPS[2]]);
  assertEquals(frames(got).length, frames([...GOPS[0], ...GOPS[1], ...GOPS[2]]).length);
});

Deno.test("another stream, or the same film begun anew, is taken whole and goes on in time", () => {
  const other = new StreamMaker({ seed: 7, startMs: 3_600_000 });
  const anew = new StreamMaker({ startMs: 50_000 });
  for (const second of [other, anew]) {
    const tags = packetsOf([...second.head(), ...second.gops(2)]);
    const first = [...HEAD, ...GOPS.flat()];
    const got = frames(join(first, tags));
    assertMonotonic(got);
    assertEquals(got.length, frames(first).length + frames(tags).length);
    const joint = got[frames(first).length];
    assertEquals([joint.discontinuity, joint.dts - got[frames(first).length - 1].dts < 100_000], [true, true]);
  }
});

Deno.test("what repeats for too long is a film that is played again: it is taken from the next key on, and goes on in time", () => {
  const first = [...HEAD, ...GOPS.flat()];
  const got = frames(joinWithin(600, first, first));
  const again = got.slice(frames(first).length);
  assertMonotonic(got);
  const rest = frames(GOPS.flat()).filter(({ dts }) => dts >= 600_000);
  const keyAt = rest.findIndex(({ role }) => role === "key");
  const expected = rest.filter(({ kind }, at) => kind === "audio" || at >= keyAt);
  assertSamePackets(again, expected, { times: false });
  assertEquals(again[0].discontinuity, true);
});

Deno.test("a server that goes on in the middle of a group of pictures is taken from the next key on", () => {
  const isSound = ({ kind }: MediaPacket) => kind === "audio";
  const torn = GOPS[1].slice(5);
  const got = frames(join([...HEAD, ...GOPS[0]], [...HEAD, ...torn, ...GOPS[2]]));
  const expected = [...GOPS[0], ...torn.filter(isSound), ...GOPS[2]];
  assertSamePackets(got, frames(expected), { times: false });
});

Deno.test("a configuration that has changed is taken", () => {
  const change = packetsOf(maker.changeVideo());
  const got = join([...HEAD, ...GOPS[0]], [...HEAD, ...change]);
  assertEquals(got.filter(({ role }) => role === "config").length, CONFIGS.length + 1);
});
