import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { concat } from "../../media/bytes.ts";
import { boxesAt, readBoxes } from "../../media/mp4/testing.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import type { TestServer } from "../../tests/support/test_server.ts";
import { LiveFolder } from "./live_folder.ts";
import {
  assertHolds,
  completePayloads,
  filesWith,
  fragmentSamples,
  hasSegments,
  payloadsOf,
  publish,
  TestFolder,
} from "./testing.ts";

const MERGE = "mp4/live/cam/output_merge";

async function completes(server: TestServer, count: number): Promise<string[]> {
  const paths = () => server.told.flatMap((told) => told.name === "artifact:complete" ? [told.event.path] : []);
  await eventually(() => paths().length >= count, `there are not ${count} complete files`);
  return paths();
}

Deno.test("a recording is split at keys, and its parts together hold every frame", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ splitSeconds: 1 });
  const maker = new StreamMaker({ gopPictures: 15 });
  const tags = [...maker.head(), ...maker.gops(6)];
  const publisher = await publish(server, tags);
  await publisher.end();
  const paths = await completes(server, 3);
  assertEquals(paths, ["", "-2", "-3"].map((suffix) => `mp4/live/cam/20260101_000000${suffix}.mp4`));
  const parts = await Promise.all(paths.map(async (path) => completePayloads(await folder.read(path))));
  assertEquals(parts.map(([video]) => video.length), [30, 30, 30]);
  assertEquals(parts.flatMap(([video]) => video), payloadsOf(packetsOf(tags), "video"));
  assertEquals(parts.flatMap(([, audio]) => audio), payloadsOf(packetsOf(tags), "audio"));
  assertEquals(await folder.read(`${MERGE}/stream_full.mp4`), await folder.read(paths[2]));
  assertEquals((await folder.index()).sources[0].segments.length, 6);
  await publisher[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  assertEquals((await folder.index()).full, "stream_full.mp4");
});

Deno.test("a recording is split by its size", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ splitMegabytes: 0.05 });
  const maker = new StreamMaker({ gopPictures: 15, keyBytes: 20_000 });
  const tags = [...maker.head(), ...maker.gops(3)];
  const publisher = await publish(server, tags);
  await publisher.end();
  const paths = await completes(server, 3);
  const parts = await Promise.all(paths.map(async (path) => completePayloads(await folder.read(path))));
  assertEquals(parts.flatMap(([video]) => video), payloadsOf(packetsOf(tags), "video"));
});

Deno.test("complete files go where the template says, and never out of the data folder", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ path: "shows/{app}/{date}/{stream}_{time}_{seq}.mp4" });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(2)];
  const publisher = await publish(server, tags);
  await publisher.end();
  const { path } = await server.event("artifact:complete");
  assertEquals(path, "shows/live/20260101/cam_000000_1.mp4");
  assertHolds(await folder.read(path), packetsOf(tags));
});

Deno.test("a template that does not say so means MP4 files all the same", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ path: "mp4/{app}/{stream}/{date}_{time}" });
  const maker = new StreamMaker();
  await (await publish(server, [...maker.head(), ...maker.gops(2)])).end();
  assertEquals((await server.event("artifact:complete")).path, "mp4/live/cam/20260101_000000.mp4");
});

Deno.test("a complete file is called as its session is, by when that began", async () => {
  await using folder = await TestFolder.make();
  let isOpen = false;
  const facts = (path: string) => {
    isOpen ||= path.endsWith("index.json");
    return systemFiles.facts(path);
  };
  await using server = await folder.serve({}, { files: filesWith({ facts }) });
  const publisher = await publish(server, []);
  await eventually(() => isOpen, "nothing is recorded");
  server.clock.advance(1500);
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gops(2)]);
  await publisher.end();
  assertEquals((await server.event("artifact:complete")).path, "mp4/live/cam/20260101_000000.mp4");
  assertEquals((await folder.index()).session, "20260101_000000");
});

Deno.test("a stream of another virtual host has folders of its own", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ streams: ["*", "*:*"] });
  const maker = new StreamMaker();
  const publisher = await rtmpTransport.publish(server, "live/cam", { vhost: "tv.example" });
  publisher.write([...maker.head(), ...maker.gops(2)]);
  await publisher.end();
  const { path, stream } = await server.event("artifact:complete");
  assertEquals([stream, path], ["tv.example:live/cam", "mp4/tv.example/live/cam/20260101_000000.mp4"]);
  assertEquals((await folder.index("mp4/tv.example/live/cam/output_merge")).stream, "tv.example:live/cam");
});

Deno.test("pictures that change their size have a new init segment live, and one track in the complete file", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  const maker = new StreamMaker({ gopPictures: 15 });
  const tags = [...maker.head(), ...maker.gops(2), ...maker.changeVideo(), ...maker.gops(2)];
  const publisher = await publish(server, tags);
  await publisher.end();
  const { path } = await server.event("artifact:complete");
  const file = await folder.read(path);
  assertHolds(file, packetsOf(tags));
  const [stsd] = boxesAt(readBoxes(file), "moov/trak/mdia/minf/stbl/stsd");
  assertEquals(stsd.boxes.map(({ type }) => type), ["avc1", "avc1"]);
  const { sources: [merged] } = await folder.index();
  assertEquals(merged.inits.map(({ uri }) => uri), ["init.mp4", "init_2.mp4"]);
  assertEquals(merged.segments.map(({ init }) => init), [0, 0, 1, 1]);
  const runs = await folder.playable(merged);
  const pictures = runs.flatMap((run) => fragmentSamples(run, 1)).map(({ data }) => data.toHex());
  assertEquals(pictures, payloadsOf(packetsOf(tags), "video"));
  const { sources: [video, audio] } = await folder.index("mp4/live/cam/output_separate");
  assertEquals(video.inits.map(({ uri }) => uri), ["video_init.mp4", "video_init_2.mp4"]);
  assertEquals(audio.inits.map(({ uri }) => uri), ["audio_init.mp4"]);
});

Deno.test("sound alone and pictures alone have one source", async () => {
  for (const [recipe, name] of [[{ video: null }, "audio"], [{ audio: null }, "video"]] as const) {
    await using folder = await TestFolder.make();
    await using server = await folder.serve();
    const maker = new StreamMaker({ ...recipe, gopPictures: 30 });
    const tags = [...maker.head(), ...maker.gops(3)];
    const publisher = await publish(server, tags);
    await publisher.end();
    const { path } = await server.event("artifact:complete");
    assertHolds(await folder.read(path), packetsOf(tags));
    const { sources } = await folder.index("mp4/live/cam/output_separate");
    assertEquals(sources.map((source) => source.name), [name]);
    const separate = concat(await folder.playable(sources[0], "mp4/live/cam/output_separate"));
    assertEquals(
      fragmentSamples(separate, name === "video" ? 1 : 2).map(({ data }) => data.toHex()),
      payloadsOf(packetsOf(tags), name),
    );
    assertMatch((await folder.index()).sources[0].inits[0].type, new RegExp(`^${name}/mp4`));
  }
});

Deno.test("variants that are not wanted are not written, and the complete file is all the same", async () => {
  for (const variants of [["merge"], ["separate"], []] as const) {
    await using folder = await TestFolder.make();
    await using server = await folder.serve({ variants: [...variants] });
    const maker = new StreamMaker();
    const tags = [...maker.head(), ...maker.gops(3)];
    const publisher = await publish(server, tags);
    await publisher.end();
    const { path } = await server.event("artifact:complete");
    assertHolds(await folder.read(path), packetsOf(tags));
    const files = await folder.files();
    assertEquals(files.some((name) => name.endsWith("output_merge/1.m4s")), variants.some((each) => each === "merge"));
    assertEquals(files.some((name) => name.endsWith("video_1.m4s")), variants.some((each) => each === "separate"));
    assertGreater((await folder.read(`${MERGE}/stream_full.mp4`)).length, 0);
  }
});

Deno.test("live segments are removed when they are old enough, the complete file is not", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ keepSegmentsSeconds: 600 });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  const publisher = await publish(server, tags);
  await publisher.end();
  await server.event("artifact:complete");
  server.clock.advance(590_000);
  await server.settled();
  assertGreater((await folder.index()).sources.length, 0);
  await gone(folder, server);
  const { state, sources, full } = await folder.index();
  assertEquals([state, sources.length, full], ["ended", 0, "stream_full.mp4"]);
  assertHolds(await folder.read(`${MERGE}/stream_full.mp4`), packetsOf(tags));
  assertHolds(await folder.read("mp4/live/cam/20260101_000000.mp4"), packetsOf(tags));
});

Deno.test("a server that was not running removes old segments when it is", async () => {
  await using folder = await TestFolder.make();
  {
    await using server = await folder.serve();
    const maker = new StreamMaker();
    const publisher = await publish(server, [...maker.head(), ...maker.gops(3)]);
    await publisher.end();
    await server.event("artifact:complete");
  }
  assert((await folder.files()).some((name) => name.endsWith(".m4s")));
  await using server = await folder.serve({ keepSegmentsSeconds: 100 });
  await gone(folder, server);
});

/** Waits until no live segment is there. */
async function gone(folder: TestFolder, server: TestServer): Promise<void> {
  const haveGone = async () => {
    server.clock.advance(60_000);
    return !(await folder.files()).some((name) => name.endsWith(".m4s"));
  };
  await eventually(haveGone, "live segments are left");
}

Deno.test("while a stream is live the oldest segments go out of the index and off the disk, and stay in the recording", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ windowSeconds: 1 });
  const maker = new StreamMaker({ gopPictures: 15 });
  const tags = [...maker.head(), ...maker.gops(8)];
  const publisher = await publish(server, tags);
  await hasSegments(server, 7);
  const { sources: [{ segments }] } = await folder.index();
  assert(segments.length <= 3 && segments.at(-1)!.uri === "7.m4s");
  const present = (await folder.files(MERGE)).filter((name) => name.endsWith(".m4s"));
  assertEquals(present.length, segments.length);
  await publisher.end();
  const { path } = await server.event("artifact:complete");
  assertHolds(await folder.read(path), packetsOf(tags));
});

Deno.test("recordings are removed by their total size, oldest first, and the newest one's second name with it", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ keepMegabytes: 0.05 });
  for (const seed of [0, 1]) {
    const maker = new StreamMaker({ seed, keyBytes: 8000 });
    const publisher = await publish(server, [...maker.head(), ...maker.gops(seed === 0 ? 4 : 2)]);
    await publisher.end();
    await completes(server, seed + 1);
    server.clock.advance(5000);
  }
  const { path } = await server.event("artifact:remove");
  assertEquals(path, "mp4/live/cam/20260101_000000.mp4");
  const kept = (await folder.files()).filter((name) => name.endsWith(".mp4") && !name.includes("output_"));
  assertEquals(kept.length, 1);
  assertEquals(await folder.read(`${MERGE}/stream_full.mp4`), await folder.read(kept[0]));
  server.clock.advance(60_000);
  await server.settled();
  assertEquals((await folder.files(".fmp4/complete")).length, 1);
});

Deno.test("recordings are removed by their age, with all that belongs to them", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve({ keepDays: 1, keepSegmentsSeconds: 0 });
  const maker = new StreamMaker();
  const publisher = await publish(server, [...maker.head(), ...maker.gops(2)]);
  await publisher.end();
  await server.event("artifact:complete");
  server.clock.advance(86_400_000 + 60_000);
  await server.event("artifact:remove");
  assertEquals((await folder.files()).filter((name) => name.endsWith("full.mp4") || /\d\.mp4$/.test(name)), []);
  assertEquals(await folder.files(".fmp4"), []);
});

Deno.test("when somebody removes a recording, what else there is of it goes too", async () => {
  await using folder = await TestFolder.make();
  let remove: (path: string) => Promise<void> = () => Promise.resolve();
  const operator = definePlugin({
    name: "operator",
    setup(ctx) {
      remove = async (path) => {
        await ctx.files.remove(folder.at(path));
        ctx.tell("artifact:remove", { stream: "live/cam", by: "operator", path });
      };
    },
  })();
  await using server = await folder.serve({}, { late: [operator] });
  const shows = [0, 1].map((seed) => new StreamMaker({ seed })).map((maker) => [...maker.head(), ...maker.gops(3)]);
  for (const show of shows) await (await publish(server, show)).end();
  const [older, newer] = await completes(server, 2);
  await remove(older);
  await remove(newer);
  const left = async () => (await folder.files()).filter((name) => !name.endsWith("index.json"));
  await eventually(async () => (await left()).length === 0, "something of them is left");
  assertEquals((await folder.index()).full, undefined);
  assertEquals(await folder.files(".fmp4"), []);
});

Deno.test("a long index is not written with every segment, but at the end with all", async () => {
  await using folder = await TestFolder.make();
  let time = 0;
  const clock = { now: () => time, date: () => new Date(0), setTimeout: () => ({ [Symbol.dispose]() {} }) };
  const facts = { stream: "live/cam", session: "1", startedAt: "", segmentSeconds: 2 };
  const live = await LiveFolder.take({ files: systemFiles, clock }, folder.at(MERGE), facts, 0);
  await live.addInit("merged", { uri: "init.mp4", type: "video/mp4" }, new Uint8Array(1));
  const add = (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      live.add("merged", { uri: `${i}.m4s`, start: i * 2, duration: 2, bytes: 1000, key: true });
    }
  };
  const listed = async () => (await folder.index()).sources[0].segments.length;
  add(1, 5000);
  await live.save();
  assertEquals(await listed(), 5000);
  add(5001, 1);
  time += 1000;
  await live.save();
  assertEquals(await listed(), 5000);
  time += 2000;
  await live.save();
  assertEquals(await listed(), 5001);
  add(5002, 1);
  await live.end(new Date(0));
  assertEquals(await listed(), 5002);
});
