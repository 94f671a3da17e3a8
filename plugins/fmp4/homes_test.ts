import { assertEquals, assertLessOrEqual } from "@std/assert";
import { dirname } from "@std/path";
import { definePlugin, type Plugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { homeOf, MAIN } from "../../tests/support/placed.ts";
import { packetsOf, StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import type { TestServer } from "../../tests/support/test_server.ts";
import { placesOf, streamOfFolder } from "./places.ts";
import {
  assertHolds,
  completePayloads,
  filesWith,
  hasSegments,
  overseeing,
  payloadsOf,
  publish,
  TestFolder,
} from "./testing.ts";

function tagsOf(seed: number): Tag[] {
  const maker = new StreamMaker({ seed, gopPictures: 15 });
  return [...maker.head(), ...maker.gops(4)];
}

/** A folder as it is in the middle of sessions of these streams. */
async function killed(streams: readonly string[]): Promise<TestFolder> {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  await using publishers = new AsyncDisposableStack();
  for (const [seed, stream] of streams.entries()) publishers.use(await publish(server, tagsOf(seed), stream));
  await hasSegments(server, 3 * streams.length);
  return await folder.snapshot();
}

function completed({ told }: TestServer): string[] {
  return told.flatMap((told) => told.name === "artifact:complete" ? [told.event.stream] : []);
}

function errorsOf({ logged }: TestServer): number {
  return logged.filter(({ level }) => level === "error").length;
}

/** The state of a stream's index. */
async function stateOf(folder: TestFolder, stream: string): Promise<string> {
  return (await folder.index(`mp4/${stream}/output_merge`)).state;
}

/** A plugin whose context a test uses. */
function door(): { plugin: Plugin; ctx: () => PluginContext } {
  let ctx: PluginContext | undefined;
  return { plugin: definePlugin({ name: "door", setup: (own) => void (ctx = own) })(), ctx: () => ctx! };
}

Deno.test("what a crash has left is completed in the home of its stream, once, and what others write is left alone", async () => {
  await using folder = await killed(["live/a", "live/b"]);
  const unknown = ".fmp4/unfinished/_/live/x/20260101_000000_1";
  await Deno.mkdir(folder.at(unknown), { recursive: true });
  await Deno.writeTextFile(folder.at(`${unknown}/recording.json`), "{");

  const read: string[] = [];
  const open = (path: string, mode: "read" | "update") => {
    if (path.endsWith("index.json")) read.push(path);
    return systemFiles.open(path, mode);
  };
  await using main = await folder.serve({}, { place: MAIN, files: filesWith({ open }) });
  assertEquals(read, [], "the main isolate reads what it has nothing to do with");
  await eventually(() => errorsOf(main) === 1, "nobody says that there is a folder of nothing");
  assertEquals([await stateOf(folder, "live/a"), await stateOf(folder, "live/b")], ["live", "live"]);

  await using first = await folder.serve({}, { place: homeOf("live/a", "live/c") });
  await first.event("artifact:complete", ({ stream }) => stream === "live/a");
  assertEquals([await stateOf(folder, "live/a"), await stateOf(folder, "live/b")], ["ended", "live"]);
  const tags = tagsOf(2);
  await using publisher = await publish(first, tags, "live/c");
  await hasSegments(first, 3);

  const { overseer, sinks } = overseeing();
  await using second = await folder.serve({}, { place: homeOf("live/b"), plugins: [overseer] });
  await second.event("artifact:complete", ({ stream }) => stream === "live/b");
  await using _other = await publish(second, tagsOf(3), "live/c");
  await second.event("stream:start");
  assertEquals([...sinks()][0].runs, []);
  assertEquals([await stateOf(folder, "live/b"), await stateOf(folder, "live/c")], ["ended", "live"]);
  await publisher.end();
  const { path } = await first.event("artifact:complete", ({ stream }) => stream === "live/c");
  assertHolds(await folder.read(path), packetsOf(tags));
  assertEquals([main, first, second].map(completed), [[], ["live/a", "live/c"], ["live/b"]]);
  assertEquals([first, second].map(errorsOf), [0, 0]);
  assertEquals(await folder.unfinished(), [`${unknown}/recording.json`]);
});

Deno.test("a worker in place of another completes what that has left, and goes on with the stream", async () => {
  await using folder = await killed(["live/a"]);
  await using next = await folder.serve({}, { place: homeOf("live/a") });
  const tags = tagsOf(1);
  const publisher = await publish(next, tags, "live/a");
  await hasSegments(next, 3);
  const old = await next.event("artifact:complete");
  assertEquals([old.path, await stateOf(folder, "live/a")], ["mp4/live/a/20260101_000000.mp4", "live"]);
  const [video] = completePayloads(await folder.read(old.path));
  const published = payloadsOf(packetsOf(tagsOf(0)), "video");
  assertEquals(video, published.slice(0, video.length));
  assertLessOrEqual(published.length - video.length, 15);
  await publisher.end();
  const { path } = await next.event("artifact:complete", ({ path }) => path !== old.path);
  assertHolds(await folder.read(path), packetsOf(tags));
});

Deno.test("a session that begins while it is looked for what has been left is none of that", async () => {
  await using folder = await killed(["live/a"]);
  const held = Promise.withResolvers<void>();
  const list = async (path: string) => {
    const found = await systemFiles.list(path);
    if (path === folder.at("mp4/live")) await held.promise;
    return found;
  };
  await using next = await folder.serve({}, { place: homeOf("live/a"), files: filesWith({ list }) });
  const tags = tagsOf(1);
  const publisher = await publish(next, tags, "live/a");
  await hasSegments(next, 3);
  held.resolve();
  await next.event("artifact:complete");
  const { state, session, sources } = await folder.index("mp4/live/a/output_merge");
  assertEquals([state, session, sources[0].segments.length], ["live", "20260101_000000-2", 3]);
  await publisher.end();
  const { path } = await next.event("artifact:complete", ({ path }) => path.includes("-2"));
  assertHolds(await folder.read(path), packetsOf(tags));
});

Deno.test("whose a folder of segments is stands in its path, but for vhosts that cannot be folders as they are", () => {
  const keys = [
    { key: { vhost: "_", app: "live", name: "cam" }, stream: "live/cam" },
    { key: { vhost: "a.example", app: "live", name: "cam" }, stream: "a.example:live/cam" },
    { key: { vhost: "live", app: "cam", name: "output_merge" }, stream: "live:cam/output_merge" },
    { key: { vhost: ".example", app: "live", name: "cam" }, stream: undefined },
    { key: { vhost: "x".repeat(253), app: "live", name: "cam" }, stream: undefined },
  ];
  for (const { key, stream } of keys) assertEquals(streamOfFolder(dirname(placesOf(key).merge)), stream);
});

Deno.test("nothing is recorded before it is known what recordings have been left", async () => {
  await using folder = await killed(["live/a"]);
  const held = Promise.withResolvers<void>();
  const list = async (path: string) => {
    if (path === folder.at(".fmp4/unfinished")) await held.promise;
    return await systemFiles.list(path);
  };
  await using next = await folder.serve({}, { place: homeOf("live/a"), files: filesWith({ list }) });
  const tags = tagsOf(1);
  const publisher = await publish(next, tags, "live/a");
  await next.received("live/a", tags.at(-1)!);
  // Time enough for a recording that would not wait.
  for (let i = 0; i < 5; i++) await next.settled();
  held.resolve();
  await hasSegments(next, 3);
  await publisher.end();
  await eventually(() => completed(next).length === 2, "not both are complete");
  await next[Symbol.asyncDispose]();
  assertHolds(await folder.read("mp4/live/a/20260101_000000-2.mp4"), packetsOf(tags));
  assertEquals(errorsOf(next), 0);
});

Deno.test("what the main isolate removes takes what is left of it along in its home, but nothing of a stream that is live", async () => {
  await using folder = await TestFolder.make();
  const { plugin, ctx } = door();
  await using worker = await folder.serve({}, { place: homeOf("live/a", "live/b"), late: [plugin] });
  for (const stream of ["live/a", "live/b"]) await (await publish(worker, tagsOf(0), stream)).end();
  await eventually(() => completed(worker).length === 2, "not both are complete");
  worker.clock.advance(5000);
  await using _publisher = await publish(worker, tagsOf(1), "live/b");
  await hasSegments(worker, 8);

  await using main = await folder.serve({ keepDays: 1 }, { place: MAIN });
  const removed = () => main.told.flatMap((told) => told.name === "artifact:remove" ? [told.event] : []);
  main.clock.advance(2 * 86_400_000);
  await eventually(() => removed().length === 2, "they were not removed");
  const left = async () => (await folder.files()).filter((path) => path.startsWith("mp4/live/a/"));
  assertEquals((await left()).includes("mp4/live/a/output_merge/index.json"), true);
  // Its segments are gone already, as they are after some time.
  for (const kind of ["merge", "separate"]) {
    const at = `mp4/live/a/output_${kind}/index.json`;
    await Deno.writeTextFile(
      folder.at(at),
      JSON.stringify({ ...JSON.parse(await Deno.readTextFile(folder.at(at))), sources: [] }),
    );
  }
  for (const name of await left()) if (!name.endsWith("index.json")) await Deno.remove(folder.at(name));
  for (const event of removed()) ctx().tell("artifact:remove", event);
  await eventually(async () => (await left()).length === 0, "something is left of a stream without recordings");
  assertEquals(await stateOf(folder, "live/b"), "live");
});

Deno.test("who removes a recording need not know whose it is", async () => {
  await using folder = await TestFolder.make();
  const { plugin, ctx } = door();
  await using server = await folder.serve({ path: "mp4/{date}/{app}_{stream}_{time}.mp4" }, { late: [plugin] });
  await (await publish(server, tagsOf(0))).end();
  const { path } = await server.event("artifact:complete");
  await Deno.remove(folder.at(path));
  ctx().tell("artifact:remove", { stream: path.split("/").slice(1, 3).join("/"), by: "operator", path });
  const left = async () => (await folder.files()).filter((name) => !name.endsWith("index.json"));
  await eventually(async () => (await left()).length === 0, "something of it is left");
  assertEquals(await folder.files(".fmp4"), []);
});
