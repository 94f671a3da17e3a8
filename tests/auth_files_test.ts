import { assertEquals, assertMatch } from "@std/assert";
import { dirname } from "@std/path";
import { auth } from "../plugins/auth/plugin.ts";
import { files } from "../plugins/files/plugin.ts";
import { VIEWER_PASS_SECONDS } from "../plugins/shared/viewer_pass.ts";
import { httpGet } from "./support/http_get.ts";
import { TestServer } from "./support/test_server.ts";

const FILES = [
  "flv/live/cam/20260101_120000.flv",
  "flv/live/cam/20260102_120000.flv",
  "flv/live/other/20260101_120000.flv",
  "flv/example.org/live/cam/20260101_120000.flv",
  "mp4/oddly-placed.mp4",
  "mp4/live/cam/output_merge/init.mp4",
  "mp4/live/cam/output_merge/1.m4s",
  "hls/live/cam/20260101_120000/index.m3u8",
  "hls/live/cam/20260101_120000/1.ts",
];

const SETTINGS = { play: { keys: { "live/*": "sesame", "example.org:live/*": "another" }, open: ["live/other"] } };

/** A server with these files, in which each holds its own path. */
async function withFiles(
  settings: Record<string, unknown>,
  test: (server: TestServer) => Promise<void>,
): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  try {
    for (const path of FILES) {
      await Deno.mkdir(dirname(`${dataDir}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${dataDir}/${path}`, path);
    }
    await using server = await TestServer.start({
      // Whichever of the two comes first.
      late: [files(), auth()],
      config: { dataDir, auth: settings },
    });
    await test(server);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

const REQUESTS: { name: string; path: string; method?: string; headers?: Record<string, string>; status: number }[] = [
  ...FILES.filter((path) => path.includes("live/cam")).map((path) => ({ name: "nothing", path, status: 401 })),
  { name: "nothing, for its head", path: FILES[0], method: "HEAD", status: 401 },
  { name: "nothing, for a part", path: FILES[0], headers: { Range: "bytes=0-3" }, status: 401 },
  { name: "nothing, written otherwise", path: "flv/live/%63am/20260101_120000.flv", status: 401 },
  { name: "nothing, for a file that is not there", path: "flv/live/cam/20990101_120000.flv", status: 401 },
  { name: "a wrong key", path: `${FILES[0]}?key=wrong`, status: 401 },
  { name: "the key", path: `${FILES[0]}?key=sesame`, status: 200 },
  { name: "the key, for a part", path: `${FILES[0]}?key=sesame`, headers: { Range: "bytes=0-3" }, status: 206 },
  { name: "the key, for a live segment", path: "mp4/live/cam/output_merge/1.m4s?key=sesame", status: 200 },
  { name: "Bearer", path: FILES[0], headers: { Authorization: "Bearer sesame" }, status: 200 },
  {
    name: "the key of another host's stream",
    path: "flv/example.org/live/cam/20260101_120000.flv?key=sesame",
    status: 401,
  },
  {
    name: "the key of this host's stream",
    path: "flv/example.org/live/cam/20260101_120000.flv?key=another",
    status: 200,
  },
  { name: "nothing, for an open stream", path: "flv/live/other/20260101_120000.flv", status: 200 },
  { name: "the key, for nobody knows what", path: "mp4/oddly-placed.mp4?key=sesame", status: 403 },
  { name: "nothing, to ask what a page may", path: FILES[0], method: "OPTIONS", status: 204 },
];

Deno.test("files of a stream are for those who may play it", () =>
  withFiles(SETTINGS, async (server) => {
    for (const { name, path, method, headers, status } of REQUESTS) {
      const answer = await httpGet(server.port, `/${path}`, { method, headers });
      assertEquals(answer.status, status, `${path} with ${name}`);
      if (status === 401) assertEquals(answer.headers.get("www-authenticate"), 'Bearer realm="Sluice"');
      if (status === 200) assertEquals(answer.text, path.split("?")[0]);
    }
    server.assertNeverLogged("sesame");
  }));

Deno.test("who may not have a file is told why, as RFC 9457 has it, and how to say who they are", () =>
  withFiles(SETTINGS, async (server) => {
    const asked = [
      { path: FILES[0], status: 401, title: "Unauthorized", detail: "Cannot play live/cam: it needs a key" },
      {
        path: "mp4/oddly-placed.mp4?key=sesame",
        status: 403,
        title: "Forbidden",
        detail: "The server cannot tell which stream this is a file of",
      },
    ];
    for (const { path, ...problem } of asked) {
      const { status, text, headers } = await httpGet(server.port, `/${path}`);
      assertEquals([status, JSON.parse(text)], [problem.status, { type: "about:blank", ...problem }]);
      const [type, caching, pages] = ["content-type", "cache-control", "access-control-allow-origin"];
      assertEquals([type, caching, pages].map((name) => headers.get(name)), [
        "application/problem+json",
        "no-store",
        "*",
      ]);
    }
  }));

/** The name and value of the cookie that an answer sets. */
function cookieOf(headers: Headers): string {
  return headers.get("set-cookie")?.split(";")[0] ?? "";
}

Deno.test("whether a stream is live is told to those who may play it", () =>
  withFiles(SETTINGS, async (server) => {
    const head = async (path: string) => (await httpGet(server.port, path, { method: "HEAD" })).status;
    const statuses = [
      await head("/live/cam.flv"),
      await head("/live/cam.flv?key=sesame"),
      await head("/live/other.flv"),
    ];
    assertEquals(statuses, [401, 404, 404]);
    assertEquals(await head("/live/c.am.flv"), 400);
  }));

Deno.test("who was let in once has all files of that stream and kind, by a cookie, as long as it goes on", () =>
  withFiles(SETTINGS, async (server) => {
    const first = await httpGet(server.port, "/mp4/live/cam/output_merge/init.mp4?key=sesame");
    assertMatch(
      first.headers.get("set-cookie") ?? "",
      /^viewerToken=[\w.-]+; Path=\/mp4\/live\/cam\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
    );
    assertEquals(first.headers.get("vary"), "Cookie, Authorization");
    let cookie = cookieOf(first.headers);
    const get = (path: string) => httpGet(server.port, path, { headers: { Cookie: `theme=dark; ${cookie}; x` } });
    for (let at = 0; at < 4; at++) {
      const { status, text, headers } = await get("/mp4/live/cam/output_merge/1.m4s");
      assertEquals([status, text], [200, "mp4/live/cam/output_merge/1.m4s"]);
      assertEquals(headers.has("set-cookie"), at % 2 === 1, "a new pass comes when half of the old one's time is over");
      cookie = cookieOf(headers) || cookie;
      server.clock.advance(VIEWER_PASS_SECONDS * 1000 / 4 + 1);
      if (at % 2 === 0) server.clock.advance(VIEWER_PASS_SECONDS * 1000 / 4);
    }
    assertEquals((await get("/flv/example.org/live/cam/20260101_120000.flv")).status, 401);
    server.clock.advance(VIEWER_PASS_SECONDS * 1000);
    assertEquals((await get("/mp4/live/cam/output_merge/1.m4s")).status, 401);
  }));

Deno.test("where playing is free, files are, and no cookie is set", () =>
  withFiles({ publish: { keys: { "*": "sesame" } } }, async (server) => {
    for (const path of FILES) {
      const { status, headers } = await httpGet(server.port, `/${path}`);
      assertEquals([status, headers.has("set-cookie"), headers.has("vary")], [200, false, false]);
    }
  }));

Deno.test("files are refused to addresses, pages and apps as streams are", () =>
  withFiles({ play: { referers: ["example.com"] } }, async (server) => {
    const from = (referer: string) => httpGet(server.port, `/${FILES[0]}`, { headers: { Referer: referer } });
    assertEquals((await from("https://badexample.com/")).status, 403);
    assertEquals((await from("https://www.example.com/")).status, 200);
  }));
