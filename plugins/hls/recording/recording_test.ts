import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Files } from "../../../kernel/files/files.ts";
import { systemFiles } from "../../../kernel/files/system_files.ts";
import { parseMasterPlaylist } from "../../../media/hls/master_playlist_parser.ts";
import { parseMediaPlaylist, type ReadMediaPlaylist } from "../../../media/hls/media_playlist_parser.ts";
import { checkSuccession } from "../../../media/hls/playlist_succession.ts";
import { readPackets } from "../../../media/ts/testing.ts";
import { eventually } from "../../../tests/support/eventually.ts";
import { opus } from "../../../tests/support/test_bodies.ts";
import { closedPlaylist } from "./closed_playlist.ts";
import { MAX_WAITING_BYTES, Recorder } from "./recorder.ts";
import { RecordedSession } from "./recorded_session.ts";
import { possibleFolders, streamOf } from "./recording_names.ts";
import { Repairs } from "./repairs.ts";
import { Unfinished } from "./unfinished.ts";
import { Follower, HlsStage, type StageOptions, type StagePublisher } from "../testing_stage.ts";

const RECORD = { record: true, minFreeMegabytes: 0 };

/** A folder that is gone when the test is over. */
async function tempDir(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function sessionsOf(dataDir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(dataDir, "hls/live/cam"))) {
    if (isDirectory) names.push(name);
  }
  return names.sort();
}

async function playlistOf(dataDir: string, session: string): Promise<ReadMediaPlaylist> {
  return parseMediaPlaylist(await Deno.readTextFile(join(dataDir, "hls/live/cam", session, "index.m3u8")));
}

/** Waits until so many segments have been recorded. */
async function recorded(stage: HlsStage, segments: number): Promise<void> {
  const count = () => stage.told.filter((each) => each === "artifact:segment live/cam").length;
  await eventually(() => count() >= segments, `only ${count()} of ${segments} segments were recorded`);
}

async function onAir(dataDir: string, gops: number, options: StageOptions = {}): Promise<[HlsStage, StagePublisher]> {
  const stage = await HlsStage.start(RECORD, { dataDir, ...options });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(gops);
  return [stage, publisher];
}

Deno.test("recording: a session can be played while it grows, and is complete when the stream ends", async () => {
  await using folder = await tempDir();
  const [stage, publisher] = await onAir(folder.path, 11);
  await using _stage = stage;
  await recorded(stage, 2);
  const [session] = await sessionsOf(folder.path);
  assertEquals(session, "20260101_000000");
  const growing = await playlistOf(folder.path, session);
  assertEquals([growing.type, growing.isEnded ?? false, growing.segments.length], ["EVENT", false, 2]);
  await publisher.gops(30);
  await recorded(stage, 8);
  const later = await playlistOf(folder.path, session);
  checkSuccession(growing, later);
  await publisher.end();
  await eventually(() => stage.told.includes("artifact:complete live/cam"), "it was not completed");
  const complete = await playlistOf(folder.path, session);
  assertEquals([complete.type, complete.isEnded, complete.segments.length], ["VOD", true, 9]);
  for (const { uri, duration } of complete.segments) {
    assert(readPackets(await Deno.readFile(join(folder.path, "hls/live/cam", session, uri))).length > 0);
    assert(Math.round(duration) <= complete.targetDuration);
  }
});

Deno.test("recording: what is recorded is what was live", async () => {
  await using folder = await tempDir();
  const [stage] = await onAir(folder.path, 11);
  await using _stage = stage;
  await recorded(stage, 2);
  const follower = new Follower(stage);
  const { segments } = await follower.load();
  for (const [i, { uri }] of segments.entries()) {
    const { bytes } = await follower.beside(uri);
    assertEquals(await Deno.readFile(join(folder.path, `hls/live/cam/20260101_000000/${i}.ts`)), bytes);
  }
});

Deno.test("recording: fragmented MP4 has its init segments beside it", async () => {
  await using folder = await tempDir();
  await using stage = await HlsStage.start(RECORD, { dataDir: folder.path });
  const publisher = await stage.publish("cam", { audio: opus });
  await publisher.head();
  await publisher.gops(11);
  await publisher.send(publisher.maker.changeVideo());
  await publisher.gops(11);
  await recorded(stage, 5);
  const { segments } = await playlistOf(folder.path, "20260101_000000");
  assertEquals(segments.map(({ map }) => map!.uri), [...Array(3).fill("init-0.mp4"), ...Array(2).fill("init-1.mp4")]);
  assertEquals(segments.map(({ discontinuity }) => discontinuity ?? false), [false, false, false, true, false]);
  const init = await Deno.readFile(join(folder.path, "hls/live/cam/20260101_000000/init-1.mp4"));
  assertEquals(new TextDecoder().decode(init.subarray(4, 8)), "ftyp");
});

Deno.test("recording: every session has its own folder, and record.m3u8 leads to the newest", async () => {
  await using folder = await tempDir();
  for (const sessions of [["20260101_000000"], ["20260101_000000", "20260101_000000-2"]]) {
    const [stage, publisher] = await onAir(folder.path, 6);
    await using _stage = stage;
    await recorded(stage, 1);
    await publisher.end();
    await eventually(() => stage.told.includes("artifact:complete live/cam"), "it was not completed");
    assertEquals(await sessionsOf(folder.path), sessions);
    const alias = parseMasterPlaylist(await Deno.readTextFile(join(folder.path, "hls/live/cam/record.m3u8")));
    assertEquals(alias.variants.map(({ uri }) => uri), [`${sessions.at(-1)}/index.m3u8`]);
  }
});

Deno.test("recording: what a crash has left is completed by the next start, without what is torn", async () => {
  await using folder = await tempDir();
  await using crashed = await tempDir();
  const [stage] = await onAir(folder.path, 16);
  await using _stage = stage;
  await recorded(stage, 3);
  await copy(join(folder.path, "hls"), join(crashed.path, "hls"));
  const session = join(crashed.path, "hls/live/cam/20260101_000000");
  await Deno.writeTextFile(join(session, "index.m3u8"), "#EXT-X-PROGRAM-DATE-TIME:2026-01-0", { append: true });
  await Deno.writeFile(join(session, "3.ts"), new Uint8Array(1000));
  await using next = await HlsStage.start(RECORD, { dataDir: crashed.path });
  await eventually(() => next.told.includes("artifact:complete live/cam"), "it was not completed");
  const { isEnded, type, segments } = await playlistOf(crashed.path, "20260101_000000");
  assertEquals([isEnded, type, segments.length], [true, "VOD", 3]);
  assertEquals(await namesIn(session), ["0.ts", "1.ts", "2.ts", "index.m3u8"]);
  assertEquals(await namesIn(join(crashed.path, "hls/.unfinished")), []);
});

Deno.test("recording: a session that broke off before its first segment leaves nothing", async () => {
  await using folder = await tempDir();
  const path = "hls/live/cam/20260101_000000/index.m3u8";
  await systemFiles.replace(join(folder.path, path), "");
  await systemFiles.replace(join(folder.path, "hls/.unfinished/x.json"), JSON.stringify({ stream: "live/cam", path }));
  await using _stage = await HlsStage.start(RECORD, { dataDir: folder.path });
  const marks = join(folder.path, "hls/.unfinished");
  await eventually(() => [...Deno.readDirSync(marks)].length === 0, "the mark is still there");
  assertEquals(await sessionsOf(folder.path), []);
});

Deno.test("recording: marks that are none are removed, and lead nowhere else", async () => {
  await using folder = await tempDir();
  const marks = join(folder.path, "hls/.unfinished");
  for (const [i, text] of ["{", '{"stream":"a/b","path":"hls/../../x.m3u8"}', '{"stream":1}'].entries()) {
    await systemFiles.replace(join(marks, `${i}.json`), text);
  }
  await using _stage = await HlsStage.start(RECORD, { dataDir: folder.path });
  await eventually(() => [...Deno.readDirSync(marks)].length === 0, "the marks are still there");
});

Deno.test("recording: a full disk stops the recording and nothing else, and later it goes on in a new session", async () => {
  await using folder = await tempDir();
  let isFull = false;
  const files: Files = {
    ...systemFiles,
    create(path) {
      if (isFull && path.endsWith(".ts")) return Promise.reject(new Error("no space left on device"));
      return systemFiles.create(path);
    },
  };
  const [stage, publisher] = await onAir(folder.path, 11, { files });
  await using _stage = stage;
  await recorded(stage, 2);
  isFull = true;
  await publisher.gops(5);
  await eventually(() => stage.told.includes("artifact:fail live/cam"), "the failure was not told");
  await eventually(() => stage.told.includes("artifact:complete live/cam"), "what there was is not complete");
  const words = "Cannot record live/cam as HLS: no space left on device; trying again in";
  const isSaid = (seconds: number) => stage.logged.lines().some((line) => line.includes(`${words} ${seconds} s`));
  await eventually(() => isSaid(1), "it is not said, or not when it is tried again");
  const problems = () => [...stage.ctx.sinks].flatMap(({ runs }) => runs.map(({ problem }) => problem));
  assertEquals(problems(), ["it is not recorded: no space left on device"]);
  assertEquals((await new Follower(stage).load()).segments.length, 3);
  await publisher.gops(12);
  await eventually(() => isSaid(2), "it was not tried again, or not after a longer pause the next time");
  isFull = false;
  await publisher.gops(40);
  await eventually(() => stage.told.filter((each) => each === "artifact:open live/cam").length === 2, "not begun anew");
  await recorded(stage, 3);
  assertEquals(problems(), [undefined]);
  const [first, second] = await sessionsOf(folder.path);
  assertEquals((await playlistOf(folder.path, first)).segments.length, 2);
  assertMatch(second, /^20260101_0000\d\d$/);
});

Deno.test("recording: a repair leaves alone what begins at that moment", async () => {
  await using folder = await tempDir();
  let isFull = true;
  let begins = 0;
  const begun = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const files: Files = {
    ...systemFiles,
    async create(path) {
      if (path.includes("/full/") && path.endsWith(".ts") && isFull) throw new Error("no space left on device");
      const file = await systemFiles.create(path);
      if (!path.endsWith("/cam/20260101_000000/index.m3u8")) return file;
      begins++;
      begun.resolve();
      await slow.promise;
      return file;
    },
  };
  await using stage = await HlsStage.start(RECORD, { dataDir: folder.path, files });
  const [cam, full] = [await stage.publish(), await stage.publish("full", { seed: 1 })];
  await cam.head();
  await cam.gops(11);
  await begun.promise;
  await full.head();
  await full.gops(11);
  const marks = () => [...Deno.readDirSync(join(folder.path, "hls/.unfinished"))].length;
  await eventually(() => stage.told.includes("artifact:fail live/full"), "the failure was not told");
  await eventually(() => marks() <= 1, "what failed was not repaired");
  isFull = false;
  slow.resolve();
  await recorded(stage, 2);
  await cam.end();
  await eventually(() => stage.told.includes("artifact:complete live/cam"), "it was not completed");
  assertEquals(begins, 1);
  assert((await playlistOf(folder.path, "20260101_000000")).isEnded);
});

Deno.test("recording: what a crash has left is completed while a session that began in the same second looks for a name", async () => {
  await using folder = await tempDir();
  let onCreate = () => Promise.resolve();
  const files: Files = {
    ...systemFiles,
    async create(path) {
      await onCreate();
      return await systemFiles.create(path);
    },
  };
  await using stage = await HlsStage.start({}, { dataDir: folder.path, files });
  const { ctx } = stage;
  const key = { vhost: "_", app: "live", name: "cam" };
  const date = new Date("2026-01-01T00:00:00Z");
  const unfinished = new Unfinished(ctx);
  const left = await RecordedSession.begin(ctx, { unfinished, open: new Set() }, key, date);
  await left.add({ bytes: new Uint8Array(188), extension: ".ts", duration: 2 }, 2);
  await left.abandon();
  const open = new Set<string>();
  const repairs = new Repairs(ctx, unfinished, (path) => open.has(path));
  onCreate = () => {
    onCreate = () => Promise.resolve();
    return repairs.run();
  };
  await using next = await RecordedSession.begin(ctx, { unfinished, open }, key, date).then((session) => ({
    path: session.path,
    [Symbol.asyncDispose]: () => session.abandon(),
  }));
  assertEquals(next.path, "hls/live/cam/20260101_000000-2/index.m3u8");
  assertEquals(stage.told, ["artifact:complete live/cam"]);
  assert((await playlistOf(folder.path, "20260101_000000")).isEnded);
});

Deno.test("recording: a disk that hangs takes no more memory than some segments", async () => {
  await using folder = await tempDir();
  const hanging = Promise.withResolvers<void>();
  const files: Files = {
    ...systemFiles,
    async create(path) {
      await hanging.promise;
      return await systemFiles.create(path);
    },
  };
  await using stage = await HlsStage.start({}, { dataDir: folder.path, files });
  const { ctx } = stage;
  const [open, unfinished] = [new Set<string>(), new Unfinished(ctx)];
  const repairs = new Repairs(ctx, unfinished, (path) => open.has(path));
  const recorder = new Recorder({ ctx, unfinished, repairs, open, minFreeBytes: 0 }, {
    vhost: "_",
    app: "live",
    name: "cam",
  });
  const bytes = new Uint8Array(MAX_WAITING_BYTES / 4);
  for (let i = 0; i < 10; i++) recorder.add({ bytes, extension: ".ts", duration: 2 }, 2);
  assertEquals(recorder.waitingBytes, MAX_WAITING_BYTES);
  hanging.resolve();
  await recorder.finish();
  assertEquals(recorder.waitingBytes, 0);
  assertEquals(stage.told, [
    "artifact:open live/cam",
    ...Array(4).fill("artifact:segment live/cam"),
    "artifact:fail live/cam",
    "artifact:complete live/cam",
  ]);
  assertStringIncludes(stage.logged.lines().join("\n"), "the disk is slower than the stream; trying again in 1 s");
});

Deno.test("recording: when the server stops, what is recorded is complete", async () => {
  await using folder = await tempDir();
  {
    const [stage] = await onAir(folder.path, 11);
    await using _stage = stage;
    await recorded(stage, 2);
  }
  const { isEnded, segments } = await playlistOf(folder.path, "20260101_000000");
  assertEquals([isEnded, segments.length], [true, 3]);
});

Deno.test("recording: a playlist is closed behind its last whole segment", async () => {
  const head = "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n";
  const cases = [
    { text: `${head}#EXTINF:2.0,\n0.ts\n`, uris: ["0.ts"] },
    { text: `${head}#EXTINF:2.0,\n0.ts\n#EXTINF:2.0,\n1.t`, uris: ["0.ts"] },
    { text: `${head}#EXTINF:2.0,\n0.ts\n#EXTINF:2.0,\nempty.ts\n`, uris: ["0.ts"] },
    { text: `${head}#EXTINF:2.0,\n0.ts\n#EXT-X-ENDLIST\n`, uris: ["0.ts"] },
    { text: head, uris: [] },
    { text: "", uris: [] },
  ];
  for (const { text, uris } of cases) {
    const closed = await closedPlaylist(text, (uri) => Promise.resolve(uri !== "empty.ts"));
    assertEquals(closed.uris, uris);
    if (uris.length > 0) {
      assertEquals(closed.text, `${head.replace("EVENT", "VOD")}#EXTINF:2.0,\n0.ts\n#EXT-X-ENDLIST\n`);
    }
  }
});

Deno.test("recording: folders tell whose session they hold", () => {
  const keys = [{ vhost: "_", app: "live", name: "cam" }, { vhost: "example.com", app: "live", name: "cam" }];
  for (const key of keys) {
    const [first, second] = possibleFolders(key, new Date("2026-01-02T03:04:05Z"));
    assertEquals(streamOf(first), key);
    assertEquals(streamOf(second), key);
    assertMatch(second, /\/20260102_030405-2$/);
  }
  for (const none of ["hls/live/cam", "hls/cam/20260102_030405", "flv/live/cam/20260102_030405"]) {
    assertEquals(streamOf(none), undefined);
  }
});

async function namesIn(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
