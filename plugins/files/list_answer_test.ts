import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import type { Files } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { createServer } from "../../kernel/server.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { files } from "./plugin.ts";
import { MAX_LOOKED_AT, type Recording, RecordingList } from "../shared/recordings/recording_list.ts";
import { WrittenFiles } from "../shared/recordings/written_files.ts";

const NOTHING_WRITTEN = new WrittenFiles({ on: () => {} });

async function inFolder(paths: readonly string[], run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const path of paths) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), path);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PATHS = [
  "flv/live/cam/20260101_100000.flv",
  "flv/live/cam/20260103_100000.flv",
  "flv/live/other/20260102_100000.flv",
  "flv/example.org/live/cam/20260104_100000.flv",
  "mp4/live/cam/output_merge/20260101_110000.mp4",
  "hls/live/cam/20260101_120000/index.m3u8",
];

/** What is no recording. */
const OTHERS = [
  "tokens.json",
  "flv/.unfinished/x.flv",
  "flv/live/cam/index.flv",
  "flv/live/cam/x.flv.1.part",
  "flv/loose.flv",
  "mp4/live/cam/output_merge/init.mp4",
  "mp4/live/cam/output_merge/init_2.mp4",
  "mp4/live/cam/output_merge/stream_full.mp4",
  "mp4/live/cam/output_merge/1.m4s",
  "mp4/live/cam/output_separate/video_init.mp4",
  "mp4/live/cam/output_separate/audio_init_12.mp4",
  "hls/live/cam/20260101_120000/1.ts",
  "hls/live/cam/record.m3u8",
  "hls/live/cam/record.m3u8",
];

async function listed(folder: string, query: string, disk?: Files, clock = new FakeClock()) {
  const config = { dataDir: folder, http: { host: "127.0.0.1", port: 0 } };
  await using server = await createServer({ plugins: [files()], config, clock, files: disk, log: () => {} });
  const response = await server.request(`/api/v1/files${query}`);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function shown({ recordings }: { recordings: readonly Recording[] }): string[] {
  return recordings.map(({ kind, stream, name }) => `${kind} ${stream} ${name}`);
}

Deno.test("whose a recording is says its folder, also when a stream is called as the folders of recordings are", async () => {
  const paths = ["flv/live/output_merge/20260101_100000.flv", "flv/live/20250101_100000/20250601_100000.flv"];
  await inFolder(paths, async (folder) => {
    const { body } = await listed(folder, "");
    assertEquals(shown(body), [
      "flv live/output_merge 20260101_100000.flv",
      "flv live/20250101_100000 20250601_100000.flv",
    ]);
  });
});

Deno.test("recordings are listed, the newest first, and nothing else", async () => {
  await inFolder([...PATHS, ...OTHERS], async (folder) => {
    const { status, headers, body } = await listed(folder, "");
    assertEquals([status, headers.get("cache-control"), body.total, body.isComplete], [200, "no-store", 6, true]);
    assertEquals(shown(body), [
      "flv example.org:live/cam 20260104_100000.flv",
      "flv live/cam 20260103_100000.flv",
      "flv live/other 20260102_100000.flv",
      "hls live/cam index.m3u8",
      "mp4 live/cam 20260101_110000.mp4",
      "flv live/cam 20260101_100000.flv",
    ]);
  });
});

Deno.test("of each recording is said where it is served, when it began and how large it is", async () => {
  await inFolder(PATHS.slice(0, 1), async (folder) => {
    await Deno.utime(join(folder, PATHS[0]), 1_700_000_000, 1_700_000_000);
    assertEquals((await listed(folder, "")).body.recordings, [{
      kind: "flv",
      stream: "live/cam",
      name: "20260101_100000.flv",
      path: "/flv/live/cam/20260101_100000.flv",
      start: "2026-01-01T10:00:00.000Z",
      bytes: PATHS[0].length,
      modified: "2023-11-14T22:13:20.000Z",
      isWritten: false,
    }]);
  });
});

const QUERIES: [query: string, names: string[]][] = [
  ["?stream=live/other", ["flv live/other 20260102_100000.flv"]],
  ["?stream=live/cam&kind=mp4", ["mp4 live/cam 20260101_110000.mp4"]],
  ["?stream=live/cam&vhost=example.org", ["flv example.org:live/cam 20260104_100000.flv"]],
  ["?stream=live/nobody", []],
  ["?kind=hls", ["hls live/cam index.m3u8"]],
  ["?limit=1", ["flv example.org:live/cam 20260104_100000.flv"]],
  ["?limit=2&offset=1", ["flv live/cam 20260103_100000.flv", "flv live/other 20260102_100000.flv"]],
  ["?offset=100", []],
];

for (const [query, names] of QUERIES) {
  Deno.test(`${query} lists ${names.length}`, async () => {
    await inFolder(PATHS, async (folder) => assertEquals(shown((await listed(folder, query)).body), names));
  });
}

const WRONG = [
  "?stream=live",
  "?stream=../x",
  "?stream=a/b&vhost=../..",
  "?kind=db",
  "?limit=0",
  "?limit=x",
  "?offset=-1",
];

for (const query of WRONG) {
  Deno.test(`${query} is refused in words`, async () => {
    const { status, body } = await listed("/nonexistent", query);
    assertEquals([status, typeof body.detail], [400, "string"]);
  });
}

Deno.test("a recording that is being written is listed as such", async () => {
  await inFolder(PATHS.slice(0, 1), async (folder) => {
    const recorder = definePlugin({
      name: "recorder",
      setup: (ctx) => {
        ctx.on("server:start", () => ctx.tell("artifact:open", { stream: "live/cam", by: "recorder", path: PATHS[0] }));
      },
    })();
    const config = { dataDir: folder, http: { host: "127.0.0.1", port: 0 } };
    await using server = await createServer({ plugins: [files(), recorder], config, log: () => {} });
    const { recordings } = await (await server.request("/api/v1/files")).json();
    assertEquals(recordings.map(({ isWritten }: Recording) => isWritten), [true]);
  });
});

Deno.test("looking at an enormous disk ends, and the answer says that it is not all", async () => {
  let lists = 0;
  const endless: Files = {
    ...systemFiles,
    list: () => {
      lists++;
      const entries = Array.from({ length: 100 }, (_, i) => ({ name: `f${i}`, kind: "folder" as const }));
      return Promise.resolve([...entries, { name: "20260101_100000.flv", kind: "file" as const }]);
    },
    facts: () => Promise.resolve({ kind: "file", size: 1, modified: new Date(0), id: "" }),
  };
  const { body } = await listed("/data", "?limit=5", endless);
  assertEquals([body.recordings.length, body.isComplete], [5, false]);
  assertEquals(lists <= MAX_LOOKED_AT / 100, true);
});

Deno.test("those who ask the same within a second share one look at the disk", async () => {
  let lists = 0;
  const counting: Files = { ...systemFiles, list: () => (lists++, Promise.resolve([])) };
  const clock = new FakeClock();
  const list = new RecordingList(counting, "/data", NOTHING_WRITTEN, clock);
  const ask = (limit: number) => list.page({ kind: "flv", offset: 0, limit });
  await Promise.all([ask(1), ask(2), ask(3)]);
  assertEquals(lists, 1);
  clock.advance(1000);
  await ask(1);
  assertEquals(lists, 2);
  await list.page({ kind: "mp4", offset: 0, limit: 1 });
  assertEquals(lists, 3);
});

Deno.test("a disk that fails is asked again", async () => {
  let isBroken = true;
  const failing: Files = {
    ...systemFiles,
    list: () => isBroken ? Promise.reject(new Error("broken")) : Promise.resolve([]),
  };
  const list = new RecordingList(failing, "/data", NOTHING_WRITTEN, new FakeClock());
  const query = { offset: 0, limit: 1 };
  assertEquals(await list.page(query).catch(({ message }) => message), "broken");
  isBroken = false;
  assertEquals((await list.page(query)).total, 0);
});
