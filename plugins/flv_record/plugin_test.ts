import { assertEquals } from "@std/assert";
import { recordingOf, stage } from "./testing.ts";
import { assertSamePackets } from "../../tests/support/packets.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";

Deno.test("a recording has every packet of its stream, from the first to the last", async () => {
  await using server = await stage();
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  await using publisher = await server.publish("live/cam");
  publisher.write(tags);
  await publisher.end();
  const { path, bytes, seconds } = await server.event("artifact:complete");
  assertEquals(path, "flv/live/cam/20260101_000000.flv");
  const recording = await recordingOf(server.at(path));
  assertSamePackets(recording.packets, packetsOf(tags).filter(({ kind }) => kind !== "data"));
  assertEquals([recording.size, recording.properties.filesize], [bytes, bytes]);
  assertEquals(recording.properties.duration, seconds);
});
