import { assertEquals, assertMatch } from "@std/assert";
import { main } from "./main.ts";
import { statusCommand } from "./status.ts";
import { bytesText, timeText } from "./status_table.ts";
import { FakeHost } from "./testing/fake_host.ts";
import { FakeProgram } from "./testing/fake_program.ts";

const SERVER = {
  version: "1.2.3",
  seconds: 7500,
  sessions: 4,
  memory: { rss: 84e6 },
  cpuSeconds: 3,
  disk: { freeBytes: 1.4e9 },
  addresses: [{ name: "http", url: "http://localhost:8501" }],
};

const STREAM = {
  id: "live/cam",
  state: "live",
  seconds: 62,
  publisher: { protocol: "rtmp", remote: "192.0.2.1:5000" },
  tracks: [{ kind: "video", codec: "avc", width: 1280, height: 720 }, { kind: "audio", codec: "aac" }],
  bitrate: { "10s": 2_500_400 },
  viewers: { total: 3 },
  sinks: [{ sink: "flv-record" }, { sink: "fmp4" }],
  warnings: [{ text: "Key frames come every 12 s" }],
};

/** Runs the command against a server that answers so; gives what it asked for too. */
async function status(answer: (url: URL) => Response | Error, args: string[] = [], env: Record<string, string> = {}) {
  const host = new FakeHost({ args: ["status", ...args], env, columns: 120 });
  const asked: { url: string; authorization: string | null }[] = [];
  const request = (input: URL | RequestInfo, init?: RequestInit) => {
    asked.push({ url: String(input), authorization: new Headers(init?.headers).get("authorization") });
    const given = answer(input as URL);
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
  };
  const program = new FakeProgram(() => Promise.reject(new Error("unused")));
  const code = await main({
    ...program,
    name: "sluice",
    version: "1.2.3",
    commands: [statusCommand(request as typeof fetch)],
  }, host);
  return { code, out: host.stdout, err: host.stderr, asked };
}

const ANSWERS = (url: URL) =>
  Response.json(url.pathname.endsWith("/server") ? SERVER : { items: [STREAM], total: 1, offset: 0, limit: 1000 });

Deno.test("a running server is shown with its streams", async () => {
  const { code, out, err, asked } = await status(ANSWERS);
  assertEquals([code, err], [0, []]);
  assertEquals(out, [
    "Sluice 1.2.3 runs for 2 h 5 min, 84 MB of memory, 1.4 GB free on its disk",
    "  http://localhost:8501",
    "",
    "stream    state  for    kbit/s  players  from                 tracks            written by",
    "live/cam  live   1 min  2500    3        rtmp 192.0.2.1:5000  avc 1280x720+aac  flv-record, fmp4",
    "",
    "1 stream, 3 players, 4 sessions",
    "! live/cam: Key frames come every 12 s",
  ]);
  assertEquals(asked.map(({ url }) => url), [
    "http://localhost:8501/api/v1/server",
    "http://localhost:8501/api/v1/streams?limit=1000",
  ]);
});

Deno.test("a server without streams says so", async () => {
  const none = (url: URL) => Response.json(url.pathname.endsWith("/server") ? SERVER : { items: [], total: 0 });
  const { out } = await status(none);
  assertEquals(out.slice(3), ["No streams.", "", "0 streams, 0 players, 4 sessions"]);
});

Deno.test("the token comes from the flag, or else from the environment", async () => {
  const env = { SLUICE_API_TOKEN: "secret-of-env" };
  const own = await status(ANSWERS, ["http://far:80", "--token", "secret-of-flag"], env);
  assertEquals(own.asked[0], { url: "http://far/api/v1/server", authorization: "Bearer secret-of-flag" });
  assertEquals((await status(ANSWERS, [], env)).asked[0].authorization, "Bearer secret-of-env");
});

const FAILURES: { what: string; answer: () => Response | Error; err: RegExp }[] = [
  {
    what: "nothing answers",
    answer: () => new TypeError("refused"),
    err: /^sluice: No server answers at http:\/\/localhost:8501: is it running, and is this its address\?$/,
  },
  {
    what: "a token is wanted",
    answer: () => Response.json({ detail: "This needs a token" }, { status: 401 }),
    err: /wants a token: it is in api_tokens\.json in the data folder; give it with --token or SLUICE_API_TOKEN$/,
  },
  {
    what: "something else answers",
    answer: () => new Response("<html>"),
    err: /is no Sluice with an API: status 200$/,
  },
];

for (const { what, answer, err } of FAILURES) {
  Deno.test(`status where ${what}: said in words, exit code 1`, async () => {
    const result = await status(answer);
    assertEquals([result.code, result.out, result.err.length], [1, [], 1]);
    assertMatch(result.err[0], err);
  });
}

Deno.test("what is no address is said, exit code 2", async () => {
  assertEquals((await status(ANSWERS, ["far:80"])).code, 2);
  const { code, err } = await status(ANSWERS, ["--token"]);
  assertEquals([code, err], [2, ["--token needs a value: the API's token."]]);
});

Deno.test("times and sizes are short", () => {
  assertEquals([0, 59.9, 60, 3599, 3600, 86_400, 180_000].map(timeText), [
    "0 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h 0 min",
    "1 d 0 h",
    "2 d 2 h",
  ]);
  assertEquals([0, 84e6, 999.6e6, 1.25e9].map(bytesText), ["0 MB", "84 MB", "1000 MB", "1.3 GB"]);
});
