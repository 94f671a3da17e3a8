import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { DEFAULT_VHOST, keyOfId, type StreamKey } from "../../kernel/names.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { parseMediaPlaylist } from "../../media/hls/media_playlist_parser.ts";
import { eventually, turn } from "../../tests/support/eventually.ts";
import { homeOf, MAIN, type Place } from "../../tests/support/placed.ts";
import { Groups } from "./window/groups.ts";
import { Follower, HlsStage, masterOf, type StagePublisher } from "./testing_stage.ts";

const RECORD = { record: true, minFreeMegabytes: 0 };
const MARKS = "hls/.unfinished";

const HOMES: readonly { name: string; rules: Record<string, readonly string[]>; homes: Record<string, string> }[] = [
  {
    name: "a stream in no group has a home by its app and name",
    rules: {},
    homes: { "live/cam": "live/cam", "a.example:live/cam": "live/cam" },
  },
  {
    name: "streams of a group are where the group is asked for",
    rules: { "live/show": ["live/show*"], "live/news": ["live/news_*", "!live/news_raw"] },
    homes: {
      "live/show": "live/show",
      "live/show_720": "live/show",
      "live/news": "live/news",
      "live/news_360": "live/news",
      "live/news_raw": "live/news_raw",
    },
  },
  {
    name: "streams with the name of one in a group are with it, since segments say no vhost",
    rules: { "live/show": ["a.example:live/hd", "*.test:live/sd"] },
    homes: {
      "live/show": "live/show",
      "a.example:live/hd": "live/show",
      "live/hd": "live/show",
      "b.example:live/hd": "live/show",
      "x.test:live/sd": "live/show",
      "live/sd": "live/show",
    },
  },
  {
    name: "a group whose name is that of a stream in another one is with that",
    rules: { "live/all": ["live/a", "live/b"], "live/a": ["live/a_*"] },
    homes: { "live/a": "live/all", "live/b": "live/all", "live/a_1": "live/all", "live/all": "live/all" },
  },
];

for (const { name, rules, homes } of HOMES) {
  Deno.test(`homes: ${name}`, () => {
    const groups = new Groups(rules);
    for (const [id, home] of Object.entries(homes)) assertEquals(groups.homeNameOf(keyOfId(id)), home, id);
  });
}

Deno.test("homes: every request of a stream's HLS is answered there, and what needs no stream anywhere", async () => {
  const asked: (StreamKey | undefined)[] = [];
  let group: ((key: StreamKey) => string | undefined) | undefined;
  const place: Place = {
    ...homeOf("live/cam"),
    atHome: (streamOf) => (c, next) => {
      asked.push(streamOf(c));
      return next();
    },
    together: (by) => void (group = by),
  };
  await using stage = await HlsStage.start({ groups: { "live/show": ["live/cam*"] } }, { place });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const { segments } = await new Follower(stage).load();
  const paths = [`cam/${segments[0].uri}`, "cam/index.m3u8?vhost=a.example", "cam/record.m3u8", "c%20am/index.m3u8"];
  const statuses = await Promise.all(paths.map(async (path) => (await stage.get(path)).status));
  assertEquals(statuses, [200, 404, 404, 400]);
  const cam = { vhost: DEFAULT_VHOST, app: "live", name: "cam" };
  assertEquals(asked, [cam, cam, { ...cam, vhost: "a.example" }, undefined, undefined]);
  assertEquals(group?.(cam), "live/show");
});

Deno.test("homes: of a group, streams are cut that have their home here", async () => {
  const groups = { "live/cam": ["live/cam_*"] };
  await using stage = await HlsStage.start({ groups, onDemand: true }, { place: homeOf("live/cam", "live/cam_1") });
  const publishers = [await stage.publish("cam_1"), await stage.publish("cam_2", { seed: 1 })];
  for (const publisher of publishers) await publisher.head();
  const asked = masterOf(stage);
  for (const publisher of publishers) await publisher.gops(6);
  assertEquals((await asked).variants.map(({ uri }) => uri), ["../../live/cam_1/media.m3u8"]);
});

/** Publishes so that several segments have been recorded. */
async function onAir(stage: HlsStage, name: string): Promise<StagePublisher> {
  const publisher = await stage.publish(name);
  await publisher.head();
  await publisher.gops(11);
  const segments = () => stage.told.filter((told) => told === `artifact:segment live/${name}`).length;
  await eventually(() => segments() >= 2, `live/${name} is not recorded`);
  return publisher;
}

async function copied(from: string, to: string): Promise<void> {
  for (const { name, kind } of await systemFiles.list(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (kind === "folder") await copied(source, target);
    else await systemFiles.replace(target, await Deno.readFile(source));
  }
}

/** A folder for a test, as a crash has left it in which these were recorded. */
async function leftovers(names: readonly string[]): Promise<AsyncDisposable & { readonly path: string }> {
  const [live, path] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  {
    await using stage = await HlsStage.start(RECORD, { dataDir: live });
    for (const name of names) await onAir(stage, name);
    await copied(live, path);
  }
  await Deno.remove(live, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Whether the only session of a stream is complete. */
async function isEnded(dataDir: string, name: string): Promise<boolean> {
  const folder = join(dataDir, "hls/live", name);
  const [session, ...others] = (await systemFiles.list(folder)).filter(({ kind }) => kind === "folder");
  assertEquals(others, []);
  return parseMediaPlaylist(await Deno.readTextFile(join(folder, session.name, "index.m3u8"))).isEnded ?? false;
}

function completed({ told }: HlsStage): string[] {
  return told.filter((each) => each.startsWith("artifact:complete"));
}

Deno.test("homes: what a crash has left is completed in the home of its stream, once, and what others write is left alone", async () => {
  await using folder = await leftovers(["a", "b"]);
  const dataDir = folder.path;
  const marks = async () => (await systemFiles.list(join(dataDir, MARKS))).length;
  await systemFiles.replace(join(dataDir, MARKS, "torn.json"), '{"stream": "li');
  const start = (place: Place) => HlsStage.start(RECORD, { dataDir, place });
  await using main = await start(MAIN);
  await eventually(async () => await marks() === 2, "what is no mark is still there");
  await using first = await start(homeOf("live/a", "live/c"));
  await eventually(() => completed(first).length === 1, "the leftover of its stream was not completed");
  const publisher = await onAir(first, "c");
  await using second = await start(homeOf("live/b"));
  await eventually(() => completed(second).length === 1, "the leftover of its stream was not completed");
  await second.publish("c");
  await turn();
  assertEquals([...second.ctx.sinks].flatMap(({ runs }) => runs), []);
  const ends = await Promise.all(["a", "b", "c"].map((name) => isEnded(dataDir, name)));
  assertEquals(ends, [true, true, false]);
  await publisher.end();
  await eventually(() => completed(first).length === 2, "what was going on was not completed");
  assert(await isEnded(dataDir, "c"));
  assertEquals(await marks(), 0);
  assertEquals([main, first, second].map(completed), [
    [],
    ["artifact:complete live/a", "artifact:complete live/c"],
    ["artifact:complete live/b"],
  ]);
});

Deno.test("homes: the main isolate removes what need not be kept, but nothing that a worker is writing", async () => {
  await using folder = await leftovers(["a"]);
  const dataDir = folder.path;
  await using worker = await HlsStage.start(RECORD, { dataDir, place: homeOf("live/a", "live/b") });
  await eventually(() => completed(worker).length === 1, "the leftover was not completed");
  const publisher = await onAir(worker, "b");
  await using main = await HlsStage.start({ ...RECORD, keepMegabytes: 0.001 }, { dataDir, place: MAIN });
  const streams = async () => (await systemFiles.list(join(dataDir, "hls/live"))).map(({ name }) => name).sort();
  const isLeft = (...names: readonly string[]) => async () => {
    await main.clock.advanceAsync(60_000);
    return (await streams()).join() === names.join();
  };
  await eventually(isLeft("b"), "the one that is complete is still there");
  assertEquals(await isEnded(dataDir, "b"), false);
  await publisher.end();
  await eventually(() => completed(worker).length === 2, "the other one was not completed");
  await eventually(isLeft(), "the other one is still there");
});
