import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { concat } from "../../media/bytes.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import {
  assertHolds,
  completePayloads,
  fragmentSamples,
  hasSegments,
  overseeing,
  payloadsOf,
  publish,
  TestFolder,
} from "./testing.ts";

Deno.test("while a stream is live its index grows, and lists segments that are complete", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  const maker = new StreamMaker({ gopPictures: 25 });
  const tags = [...maker.head(), ...maker.gops(3)];
  await using publisher = await publish(server, tags);
  await hasSegments(server, 2);
  const { state, session, sources: [merged, ...rest] } = await folder.index();
  assertEquals([state, session, rest.length], ["live", "20260101_000000", 0]);
  assertEquals(merged.inits, [{ uri: "init.mp4", type: 'video/mp4; codecs="avc1.f4000c,mp4a.40.2"' }]);
  assertEquals(merged.segments.map(({ uri, init, key }) => [uri, init, key]), [["1.m4s", 0, true], ["2.m4s", 0, true]]);
  assertAlmostEquals(merged.segments[1].start - merged.segments[0].start, 1, 0.01);
  publisher.write(maker.gops(2));
  await hasSegments(server, 4);
  assertEquals((await folder.index()).sources[0].segments.length, 4);
});

Deno.test("merged segments, separate segments and the complete file all hold every frame", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  const maker = new StreamMaker({ gopPictures: 20 });
  const tags = [...maker.head(), ...maker.gops(4)];
  const packets = packetsOf(tags);
  const publisher = await publish(server, tags);
  await publisher.end();
  const { path, bytes, seconds } = await server.event("artifact:complete");
  assertEquals(path, "mp4/live/cam/20260101_000000.mp4");
  const file = await folder.read(path);
  assertHolds(file, packets);
  assertEquals(file.length, bytes);
  assertAlmostEquals(seconds!, 3.3, 0.1);
  assertEquals(await folder.read("mp4/live/cam/output_merge/stream_full.mp4"), file);

  const index = await folder.index();
  assertEquals([index.state, index.full], ["ended", "stream_full.mp4"]);
  const merged = concat(await folder.playable(index.sources[0]));
  assertEquals(fragmentSamples(merged, 1).map(({ data }) => data.toHex()), payloadsOf(packets, "video"));
  assertEquals(fragmentSamples(merged, 2).map(({ data }) => data.toHex()), payloadsOf(packets, "audio"));

  const separate = "mp4/live/cam/output_separate";
  const { sources, full } = await folder.index(separate);
  assertEquals([full, sources.map(({ name }) => name)], ["../output_merge/stream_full.mp4", ["video", "audio"]]);
  const [video, audio] = await Promise.all(
    sources.map(async (source) => concat(await folder.playable(source, separate))),
  );
  assertEquals(sources.map(({ inits }) => inits[0].uri), ["video_init.mp4", "audio_init.mp4"]);
  assertEquals(sources.map(({ segments }) => segments[1].uri), ["video_2.m4s", "audio_2.m4s"]);
  assertEquals(fragmentSamples(video, 1).map(({ data }) => data.toHex()), payloadsOf(packets, "video"));
  assertEquals(fragmentSamples(audio, 2).map(({ data }) => data.toHex()), payloadsOf(packets, "audio"));
  assertEquals(await folder.unfinished(), []);
});

Deno.test("a publisher that returns within its grace goes on in the same recording", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  const maker = new StreamMaker();
  const first = [...maker.head(), ...maker.gops(3)];
  const publisher = await publish(server, first);
  await server.received("live/cam", first.at(-1)!);
  await publisher[Symbol.asyncDispose]();
  await server.event("stream:interrupt");
  const second = [...maker.head(), ...maker.gops(3)];
  const again = await publish(server, second);
  await again.end();
  const { path } = await server.event("artifact:complete");
  assertHolds(await folder.read(path), packetsOf([...first, ...second]));
  assertEquals(server.told.filter(({ name }) => name === "artifact:complete").length, 1);
  assertEquals((await folder.index()).sources[0].inits.length, 1);
});

Deno.test("another session of a stream has its own segments and file, and the file of the one before stays", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  const shows = [0, 1].map((seed) => new StreamMaker({ seed })).map((maker) => [...maker.head(), ...maker.gops(6)]);
  const first = await publish(server, shows[0]);
  await first.end();
  await server.event("artifact:complete");
  const told = server.told.filter(({ name }) => name === "artifact:segment").length;
  const second = await publish(server, shows[1].slice(0, 80));
  await hasSegments(server, told + 1);
  const live = await folder.index();
  assertEquals([live.session, live.state], ["20260101_000000-2", "live"]);
  const listed = live.sources[0].segments.map(({ uri }) => `mp4/live/cam/output_merge/${uri}`);
  const present = (await folder.files()).filter((path) => /output_merge\/\d+\.m4s/.test(path));
  assertEquals(present, listed);
  assertHolds(await folder.read("mp4/live/cam/output_merge/stream_full.mp4"), packetsOf(shows[0]));
  second.write(shows[1].slice(80));
  await second.end();
  await server.event("artifact:complete", ({ path }) => path === "mp4/live/cam/20260101_000000-2.mp4");
  assertHolds(await folder.read("mp4/live/cam/20260101_000000.mp4"), packetsOf(shows[0]));
  assertHolds(await folder.read("mp4/live/cam/20260101_000000-2.mp4"), packetsOf(shows[1]));
  assertHolds(await folder.read("mp4/live/cam/output_merge/stream_full.mp4"), packetsOf(shows[1]));
});

Deno.test("a server that stops completes what it records", async () => {
  await using folder = await TestFolder.make();
  const server = await folder.serve();
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  await using _publisher = await publish(server, tags);
  await server.received("live/cam", tags.at(-1)!);
  await server[Symbol.asyncDispose]();
  assertHolds(await folder.read("mp4/live/cam/20260101_000000.mp4"), packetsOf(tags));
});

Deno.test("recording is stopped and begun at run time, each time as a session of its own", async () => {
  await using folder = await TestFolder.make();
  const { overseer, sinks } = overseeing();
  await using server = await folder.serve({ streams: ["other/*"] }, { late: [overseer] });
  const maker = new StreamMaker();
  const parts = [[...maker.head(), ...maker.gops(2)], maker.gops(4), maker.gops(2)];
  await using publisher = await publish(server, parts[0]);
  await server.received("live/cam", parts[0].at(-1)!);
  const control = [...sinks()][0];
  control.start("live/cam");
  publisher.write(parts[1]);
  await hasSegments(server, 2);
  await control.stop("live/cam");
  const { path } = await server.event("artifact:complete");
  publisher.write(parts[2]);
  await server.received("live/cam", parts[2].at(-1)!);
  const newestGop = packetsOf(parts[0]).findLastIndex(({ role }) => role === "key");
  const expected = payloadsOf([...packetsOf(parts[0]).slice(newestGop), ...packetsOf(parts[1])], "video");
  const [video] = completePayloads(await folder.read(path));
  assert(video.length >= 30);
  assertEquals(video, expected.slice(0, video.length));
  assertEquals((await folder.index()).state, "ended");
  assert((await folder.files()).every((file) => !file.includes("-2.mp4")));
  control.start("live/cam");
  publisher.write(maker.gops(3));
  await eventually(() => control.runs.length === 1, "it is not written");
  await publisher.end();
  await server.event("artifact:complete", ({ path }) => path === "mp4/live/cam/20260101_000000-2.mp4");
});
