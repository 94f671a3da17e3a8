import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { definePlugin } from "../kernel/plugin/plugin.ts";
import { DataFolder, LONG_AGO_HTTP } from "./support/data_folder.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";
import { type HttpGet, httpGet } from "./support/http_get.ts";
import { TestSocket } from "./support/test_socket.ts";

const PATH = "flv/live/cam/20251231_100000.flv";
const URL_PATH = `/${PATH}`;

/** Bytes that tell where they stand. */
function content(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i ^ i >>> 8 ^ i >>> 16) & 0xff);
}

const CONTENT = content(1000);

function test(name: string, run: (folder: DataFolder) => Promise<void>): void {
  Deno.test(name, async () => {
    await using folder = await DataFolder.start();
    await folder.write(PATH, CONTENT);
    await run(folder);
  });
}

function get(folder: DataFolder, target: string, options?: HttpGet) {
  return httpGet(folder.server.port, target, options);
}

test("a recording is sent whole, with its type, its size, its tag and its date", async (folder) => {
  const { status, headers, body } = await get(folder, URL_PATH);
  assertEquals(status, 200);
  assertEquals(body, CONTENT);
  const shown = ["content-type", "content-length", "accept-ranges", "cache-control", "last-modified"];
  assertEquals(shown.map((name) => headers.get(name)), [
    "video/x-flv",
    "1000",
    "bytes",
    "public, max-age=31536000, immutable",
    LONG_AGO_HTTP,
  ]);
  assertMatch(headers.get("etag") ?? "", /^"[0-9a-f]+-[0-9a-f]+"$/);
  assertEquals(headers.get("access-control-allow-origin"), "*");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
});

const RANGES: [range: string, status: number, start: number, end: number][] = [
  ["bytes=0-99", 206, 0, 100],
  ["bytes=990-", 206, 990, 1000],
  ["bytes=-10", 206, 990, 1000],
  ["bytes=0-1,5-6", 200, 0, 1000],
  ["bytes=x", 200, 0, 1000],
];

for (const [range, status, start, end] of RANGES) {
  test(`"Range: ${range}" is answered with ${status} and bytes ${start} to ${end - 1}`, async (folder) => {
    const answer = await get(folder, URL_PATH, { headers: { Range: range } });
    assertEquals([answer.status, answer.headers.get("content-length")], [status, String(end - start)]);
    assertEquals(answer.headers.get("content-range"), status === 206 ? `bytes ${start}-${end - 1}/1000` : null);
    assertEquals(answer.body, CONTENT.subarray(start, end));
  });
}

test("a range behind the end is refused in words that say how much there is", async (folder) => {
  const answer = await get(folder, URL_PATH, { headers: { Range: "bytes=1000-" } });
  assertEquals([answer.status, answer.headers.get("content-range")], [416, "bytes */1000"]);
  assertEquals(JSON.parse(answer.text).detail, "It has 1000 bytes");
  assertEquals(answer.headers.get("access-control-allow-origin"), "*");
});

test("who has it already is told so, and who wants another state is refused", async (folder) => {
  const etag = (await get(folder, URL_PATH)).headers.get("etag")!;
  const cases: [headers: Record<string, string>, status: number, bytes: number][] = [
    [{ "If-None-Match": etag }, 304, 0],
    [{ "If-None-Match": '"x"' }, 200, 1000],
    [{ "If-Modified-Since": LONG_AGO_HTTP }, 304, 0],
    [{ "If-Match": etag }, 200, 1000],
    [{ "If-Range": etag, "Range": "bytes=0-9" }, 206, 10],
    [{ "If-Range": '"x"', "Range": "bytes=0-9" }, 200, 1000],
    [{ "If-Range": LONG_AGO_HTTP, "Range": "bytes=0-9" }, 206, 10],
  ];
  for (const [headers, status, bytes] of cases) {
    const answer = await get(folder, URL_PATH, { headers });
    assertEquals([answer.status, answer.body.length], [status, bytes], JSON.stringify(headers));
    if (status === 304) assertEquals(answer.headers.get("etag"), etag);
  }
  const refused = await get(folder, URL_PATH, { headers: { "If-Match": '"x"' } });
  assertEquals([refused.status, JSON.parse(refused.text).detail !== ""], [412, true]);
});

test("HEAD is told what GET is sent, and nothing is opened for it", async (folder) => {
  const head = await get(folder, URL_PATH, { method: "HEAD", headers: { Range: "bytes=0-9" } });
  assertEquals([head.status, head.headers.get("content-length"), head.body.length], [200, "1000", 0]);
  assertEquals(folder.disk.opens, 0);
  const missing = await get(folder, "/flv/live/cam/none.flv", { method: "HEAD" });
  assertEquals([missing.status, missing.body.length], [404, 0]);
});

test("an empty file is sent as such", async (folder) => {
  await folder.write("hls/live/cam/empty.ts", "");
  const answer = await get(folder, "/hls/live/cam/empty.ts");
  assertEquals([answer.status, answer.headers.get("content-length"), answer.body.length], [200, "0", 0]);
});

test("a page from elsewhere may ask, for ranges too", async (folder) => {
  const answer = await get(folder, URL_PATH, { method: "OPTIONS", headers: { Origin: "https://example.org" } });
  assertEquals(answer.status, 204);
  assertEquals(answer.headers.get("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  assertEquals(answer.headers.get("access-control-allow-headers"), "*, Authorization");
});

test("requests of one connection are answered one after the other", async (folder) => {
  await using socket = await TestSocket.open(folder.server.port);
  for (const range of ["bytes=0-4", "bytes=5-9"]) sendRequest(socket, "GET", URL_PATH, { Range: range });
  const decoder = new TextDecoder("latin1");
  for (const expected of [CONTENT.subarray(0, 5), CONTENT.subarray(5, 10)]) {
    const head = await readHead(socket);
    assertEquals([head?.status, head?.headers.get("content-length")], [206, "5"]);
    assertEquals(decoder.decode(await socket.read(5)), decoder.decode(expected));
  }
});

test("a large file arrives as it is, from any byte on", async (folder) => {
  const large = content(1_000_003);
  await folder.write("mp4/live/cam/20251231_100000.mp4", large);
  for (const start of [0, 1, 131_071, 131_072, 131_073, 262_144, 1_000_002]) {
    const headers = { Range: `bytes=${start}-` };
    const { body } = await get(folder, "/mp4/live/cam/20251231_100000.mp4", { headers });
    assertEquals(body.length, large.length - start);
    assert(body.every((byte, i) => byte === large[start + i]), `from ${start}`);
  }
});

const TYPES: Readonly<Record<string, string>> = {
  "hls/a/b/index.m3u8": "application/vnd.apple.mpegurl",
  "hls/a/b/1.ts": "video/mp2t",
  "hls/a/b/1.m4s": "video/iso.segment",
  "mp4/a/b/output_merge/init.mp4": "video/mp4",
  "mp4/a/b/output_merge/index.json": "application/json",
  "hls/a/b/1.aac": "audio/aac",
  "hls/a/b/1.mp3": "audio/mpeg",
  "hls/a/b/1.key": "application/octet-stream",
  "hls/a/b/1.vtt": "text/vtt; charset=utf-8",
};

Deno.test("everything is sent with its own type", async () => {
  await using folder = await DataFolder.start();
  for (const [path, type] of Object.entries(TYPES)) {
    await folder.write(path, "x");
    const answer = await get(folder, `/${path}`);
    assertEquals([path, answer.status, answer.headers.get("content-type")], [path, 200, type]);
  }
});

const HIDDEN = [
  "tokens.json",
  "flv/.unfinished/mark.json",
  "flv/live/cam/.hidden.flv",
  "flv/live/cam/x.flv.1.part",
  "flv/live/cam/x.db",
  "flv/live/cam/noend",
  "db/live/cam/x.flv",
];

Deno.test("what is not in the three folders, hidden, unfinished or of no known type is not there", async () => {
  await using folder = await DataFolder.start();
  for (const path of HIDDEN) {
    await folder.write(path, "secret");
    const answer = await get(folder, `/${path}`);
    assertEquals([path, answer.status], [path, 404]);
    assert(!answer.text.includes("secret"));
  }
});

test("no way of writing a path leads out of the data directory", async (folder) => {
  await folder.write("tokens.json", "secret");
  const targets = [
    "/flv/../tokens.json",
    "/flv/live/cam/../../../tokens.json",
    "/flv/%2e%2e/tokens.json",
    "/flv/..%2ftokens.json",
    "/flv/..%5ctokens.json",
    "/flv/..\\tokens.json",
    "/flv/%252e%252e/tokens.json",
    "/flv/live/cam/x.flv%00",
    "//etc/passwd",
    `/flv/${join(folder.path, "tokens.json")}`,
    "/flv/%c0%ae%c0%ae/tokens.json",
    `http://localhost/flv/../tokens.json`,
  ];
  for (const target of targets) {
    const { status, text } = await get(folder, target);
    assert(status === 404 || status === 400, `${target}: ${status}`);
    assert(!text.includes("secret") && !text.includes("root:"), target);
  }
});

test("a link is followed only within its folder, and never to what is hidden", async (folder) => {
  await folder.write("tokens.json", "secret");
  await folder.write("flv/.unfinished/x.flv", "secret");
  await folder.write("mp4/live/cam/x.mp4", "secret");
  const outside = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(outside, "x.flv"), "secret");
    const links: [name: string, target: string, status: number][] = [
      ["a.flv", join(folder.path, PATH), 200],
      ["b.flv", join(outside, "x.flv"), 404],
      ["c.flv", join(folder.path, "tokens.json"), 404],
      ["d.flv", join(folder.path, "flv/.unfinished/x.flv"), 404],
      ["e.flv", join(folder.path, "mp4/live/cam/x.mp4"), 404],
      ["f.flv", join(folder.path, "nowhere.flv"), 404],
      ["g", outside, 404],
    ];
    for (const [name, target, status] of links) {
      await Deno.symlink(target, join(folder.path, "flv/live/cam", name));
      const answer = await get(folder, `/flv/live/cam/${name === "g" ? "g/x.flv" : name}`);
      assertEquals([name, answer.status], [name, status]);
      assert(!answer.text.includes("secret"));
    }
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

test("a missing file is answered as the kernel does, for pages from elsewhere too", async (folder) => {
  const answer = await get(folder, "/flv/live/cam/none.flv");
  assertEquals([answer.status, answer.headers.get("access-control-allow-origin")], [404, "*"]);
  assertEquals(JSON.parse(answer.text).detail, "There is nothing at this address");
});

test("a folder is no file, and a data directory that is not there yet no failure", async (folder) => {
  await Deno.mkdir(join(folder.path, "flv/live/folder.flv"));
  assertEquals((await get(folder, "/flv/live/folder.flv")).status, 404);
  await using empty = await DataFolder.start({ config: { dataDir: join(folder.path, "later") } });
  assertEquals((await get(empty, URL_PATH)).status, 404);
  await folder.write(`later/${PATH}`, CONTENT);
  assertEquals((await get(empty, URL_PATH)).status, 200);
});

Deno.test("what a plugin before has in memory comes first, and what it does not have from the disk", async () => {
  const window = definePlugin({
    name: "window",
    setup: (ctx) =>
      void ctx.http.get("/hls/:app/:stream/:file", (c, next) => {
        return c.req.param("file") === "new.ts" ? c.text("from memory") : next();
      }),
  })();
  await using folder = await DataFolder.start({ late: [window] });
  await folder.write("hls/live/cam/new.ts", "from the disk");
  await folder.write("hls/live/cam/old.ts", "from the disk");
  const texts = [];
  for (const file of ["new.ts", "old.ts", "none.ts"]) texts.push((await get(folder, `/hls/live/cam/${file}`)).text);
  assertEquals(texts.slice(0, 2), ["from memory", "from the disk"]);
  assertEquals(JSON.parse(texts[2]).detail, "There is nothing at this address");
});

test("index.flv is the newest recording of a stream, and caches ask about it each time", async (folder) => {
  await folder.write("flv/live/cam/20251231_120000.flv", "newest");
  await folder.write("flv/live/cam/20251231_110000.flv", "older");
  const answer = await get(folder, "/flv/live/cam/index.flv");
  assertEquals([answer.text, answer.headers.get("cache-control")], ["newest", "no-cache"]);
  assertEquals((await get(folder, "/flv/live/other/index.flv")).status, 404);
});

test("a file of that name is the one that is meant", async (folder) => {
  await folder.write("mp4/live/cam/output_merge/20251231_120000.mp4", "one of them");
  assertEquals((await get(folder, "/mp4/live/cam/output_merge/stream_full.mp4")).text, "one of them");
  await folder.write("mp4/live/cam/output_merge/stream_full.mp4", "the one");
  assertEquals((await get(folder, "/mp4/live/cam/output_merge/stream_full.mp4")).text, "the one");
});

test("a recording that is being written is kept by no cache, and from its end on by all", async (folder) => {
  const caching = async () => (await get(folder, URL_PATH)).headers.get("cache-control");
  const artifact = { stream: "live/cam", by: "flv-record", path: PATH };
  const { tell } = folder.ctx;
  tell("artifact:open", artifact);
  assertEquals(await caching(), "no-store");
  tell("artifact:complete", artifact);
  assertEquals(await caching(), "public, max-age=31536000, immutable");
  tell("artifact:open", artifact);
  tell("artifact:fail", { stream: "live/cam", by: "flv-record", problem: "the disk is full", retrySeconds: 1 });
  assertEquals(await caching(), "public, max-age=31536000, immutable");
});
