import { assertEquals, assertMatch } from "@std/assert";
import { ClientError } from "../kernel/sessions/client.ts";
import type { Files } from "../kernel/files/files.ts";
import { systemFiles } from "../kernel/files/system_files.ts";
import { FileTakenError, type PullResult } from "../clients/pull_file.ts";
import type { PushFigures } from "../clients/push_file.ts";
import type { TargetJson } from "../plugins/shared/relay/target.ts";
import type { Command } from "./command.ts";
import { forwardCommand } from "./forward.ts";
import { gatewayCommand } from "./gateway.ts";
import { main } from "./main.ts";
import { pullCommand } from "./pull.ts";
import { pushCommand } from "./push.ts";
import { settled } from "../kernel/testing/settled.ts";
import { FakeHost } from "./testing/fake_host.ts";
import { bytesText, timeText } from "./transfer_report.ts";

const FOLDERS = ["/srv/media", "/srv/media/films"];

/** A disk with one film and one folder. */
const disk: Files = {
  ...systemFiles,
  facts: (path) => {
    const kind = path === "/srv/media/film.flv" ? "file" : FOLDERS.includes(path) ? "folder" : undefined;
    return Promise.resolve(kind && { kind, size: 1, modified: new Date(0), id: "1" });
  },
};

const FIGURES: PushFigures = { seconds: 61.25, bytes: 1_234_567, packets: 99, connects: 1, rounds: 1 };
const RESULT: PullResult = { ...FIGURES, file: { bytes: 2_000_000, seconds: 3.5 } };

/** What a command was called with, and what it comes to. */
interface Calls {
  readonly given: unknown[];
  readonly failure?: Error;
}

function commands({ given, failure }: Calls): Command[] {
  const start = <T>(result: T) => (...args: unknown[]) => {
    given.push(...args);
    const done = failure ? Promise.reject(failure) : Promise.resolve(result);
    return { figures: FIGURES, targets: [], done };
  };
  return [
    pushCommand({ startPush: start(FIGURES), disk }),
    pullCommand({ startPull: start(RESULT), disk }),
    forwardCommand({ startForward: start(undefined) }),
    gatewayCommand({ startGateway: () => Promise.reject(new Error("no gateway was expected")) }),
  ];
}

async function run(args: string[], failure?: Error) {
  const host = new FakeHost({ args });
  const given: unknown[] = [];
  const code = await main({ name: "sluice", version: "1", commands: commands({ given, failure }), plugins: [] }, host);
  return { code, out: host.stdout.join("\n"), err: host.stderr.join("\n"), given };
}

const URL_ = "rtmp://localhost/live/cam?key=sesame";

Deno.test("push says what it came to, and takes its flags", async () => {
  const { code, out, given } = await run(["push", "film.flv", URL_, "--speed", "0", "--loop", "--no-reconnect"]);
  assertEquals([code, out], [0, "Pushed 1:01.3, 1.2 MB."]);
  const [path, url, options] = given as [string, string, Record<string, unknown>];
  assertEquals([path, url], ["/srv/media/film.flv", URL_]);
  const { speed, loop, reconnect, keepTrying } = options;
  assertEquals({ speed, loop, reconnect, keepTrying }, { speed: 0, loop: true, reconnect: false, keepTrying: false });
});

Deno.test("pull says what it came to, and takes its flags", async () => {
  const { code, out, given } = await run(["pull", URL_, "new.mp4", "--seconds=12.5", "--keep-trying", "--json"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(out), { event: "end", path: "/srv/media/new.mp4", ...RESULT });
  const { seconds, reconnect, keepTrying } = given[2] as Record<string, unknown>;
  assertEquals({ seconds, reconnect, keepTrying }, { seconds: 12.5, reconnect: true, keepTrying: true });
});

Deno.test("numbers may be written without what stands before or behind the point", async () => {
  for (const [written, number] of [[".5", 0.5], ["2.", 2], ["1.0", 1]] as const) {
    const push = await run(["push", "film.flv", URL_, "--speed", written]);
    assertEquals((push.given[2] as { speed: number }).speed, number);
    const pull = await run(["pull", URL_, "new.flv", "--seconds", written]);
    assertEquals((pull.given[2] as { seconds: number }).seconds, number);
  }
});

Deno.test("push and forward add silence only when they are told to", async () => {
  for (const args of [["push", "film.flv", URL_], ["forward", URL_, "rtmp://a/live/x"]]) {
    for (const silentAudio of [true, false]) {
      const { given } = await run(silentAudio ? [...args, "--silent-audio"] : args);
      assertEquals((given[2] as { silentAudio: boolean }).silentAudio, silentAudio);
    }
  }
});

Deno.test("forward takes a list of targets", async () => {
  const { code, given } = await run(["forward", URL_, "rtmp://a/live/x?key=1, ws://b/live/y ,http://c/live/z"]);
  assertEquals([code, given[1]], [0, ["rtmp://a/live/x?key=1", "ws://b/live/y", "http://c/live/z"]]);
});

/** A target as it is shown. */
function target(more: Partial<TargetJson>): TargetJson {
  const counts = { bytes: 0, bitrate: 0, connects: 1, skips: 0 };
  return { id: "1", stream: "s", address: "ws://a/live/x", state: "live", since: "", ...counts, ...more };
}

/** What forward prints within a second in which its targets are like this. */
async function progressOf(targets: readonly TargetJson[], ...flags: string[]) {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const startForward = () => ({ figures: FIGURES, targets, done });
  const host = Object.assign(new FakeHost({ args: ["forward", URL_, "rtmp://a/live/x", ...flags] }), {
    statuses: [] as string[],
    status: (line: string) => void host.statuses.push(line),
  });
  const ended = main({ name: "sluice", version: "1", commands: [forwardCommand({ startForward })], plugins: [] }, host);
  await settled();
  host.clock.advance(1000);
  resolve();
  await ended;
  return host;
}

Deno.test("how much goes to each target is seen on the line of the moment, and by programs every second", async () => {
  const targets = [
    target({ bitrate: 801_400 }),
    target({ address: "ws://b/live/x", state: "waiting", problem: "nobody is there" }),
    target({ address: "ws://c/live/x", bitrate: 1_250_000, silentAudio: true }),
  ];
  const { statuses, stderr } = await progressOf(targets);
  assertEquals(statuses.filter((line) => line !== ""), ["1:01.3  1.2 MB  9877 kbit/s -> 801, waiting, 1250 kbit/s"]);
  assertEquals(stderr, [
    "ws://a/live/x: live",
    "ws://b/live/x: waiting: nobody is there",
    "ws://c/live/x: live, with silence for sound",
  ]);
  const lines = (await progressOf(targets, "--json")).stdout.map((line) => JSON.parse(line));
  assertEquals(lines.find(({ event }) => event === "progress").targets, [
    { target: 1, state: "live", bitrate: 801_400 },
    { target: 2, state: "waiting", bitrate: 0 },
    { target: 3, state: "live", bitrate: 1_250_000 },
  ]);
  assertEquals(lines.find(({ event, target }) => event === "target" && target === 3).silentAudio, true);
});

Deno.test("targets whose addresses look alike without their keys are told apart by their numbers", async () => {
  const targets = ["rtmp://a/live/***", "ws://b/live/x", "rtmp://a/live/***"].map((address) => target({ address }));
  const startForward = () => ({ figures: FIGURES, targets, done: Promise.resolve() });
  const host = new FakeHost({ args: ["forward", URL_, "rtmp://a/live/k1,ws://b/live/x,rtmp://a/live/k2"] });
  assertEquals(
    await main({ name: "sluice", version: "1", commands: [forwardCommand({ startForward })], plugins: [] }, host),
    0,
  );
  assertEquals(host.stderr, [
    "rtmp://a/live/*** (target 1): live",
    "ws://b/live/x: live",
    "rtmp://a/live/*** (target 3): live",
  ]);
});

Deno.test("what the server refuses is its words and exit code 1", async () => {
  const failure = new ClientError("403", "http://localhost/live/cam refused: Not on Mondays (403)");
  for (const args of [["push", "film.flv", URL_], ["pull", URL_, "new.flv"]]) {
    const { code, out, err } = await run(args, failure);
    assertEquals({ code, out, err }, { code: 1, out: "", err: failure.message });
  }
});

Deno.test("what else fails is said in words, exit code 1, and to programs as the last line", async () => {
  const failure = new Error("Cannot write /srv/media/new.flv: the disk is full");
  for (const args of [["push", "film.flv", URL_], ["pull", URL_, "new.flv"]]) {
    const { code, out, err } = await run([...args, "--json"], failure);
    assertEquals([code, err], [1, failure.message]);
    assertEquals(JSON.parse(out), { event: "failed", code: "error", problem: failure.message });
  }
});

Deno.test("a name that is taken in the last moment is refused as one that was taken before", async () => {
  const { code, err } = await run(["pull", URL_, "new.flv"], new FileTakenError("/srv/media/new.flv is there now"));
  assertEquals([code, err], [2, "/srv/media/new.flv is there now."]);
});

const SLIPS: [args: string[], err: string][] = [
  [["push"], "push needs FILE and URL, as in: push film.mp4 rtmp://localhost/live/cam"],
  [["push", "film.flv"], "push needs FILE and URL, as in: push film.mp4 rtmp://localhost/live/cam"],
  [["push", "none.flv", URL_], "There is no file /srv/media/none.flv."],
  [["push", "films", URL_], "/srv/media/films is a folder, not a file."],
  [["push", "film.flv", "film"], "The URL cannot be used: it is no address: expected SCHEME://HOST[:PORT]/APP/STREAM."],
  [
    ["push", "film.flv", "ftp://sesame@x/live/cam"],
    "The URL cannot be used: ftp:// is none of rtmp, rtmps, http, https, ws, wss.",
  ],
  [
    ["push", "film.flv", "rtmp://x/?key=sesame"],
    "The URL cannot be used: it names no stream, as in SCHEME://HOST[:PORT]/APP/STREAM.",
  ],
  [
    ["push", "film.flv", "rtmp://x/live?key=sesame"],
    "The URL cannot be used: it names no stream, as in SCHEME://HOST[:PORT]/APP/STREAM.",
  ],
  [
    ["push", "film.flv", "https://x/live/cam.m3u8?key=sesame"],
    "The URL cannot be used: it is a playlist of HLS, which can only be pulled from.",
  ],
  [["push", "film.flv", "rtmp://x/{app}/y"], "The URL has braces in it, which no address has."],
  [
    ["push", "film.flv", URL_, "--speed", "fast"],
    '--speed is "fast", but must be a number: 1 is the file\'s own speed, 0 as fast as the server takes it.',
  ],
  [
    ["push", "film.flv", URL_, "--speed"],
    "--speed is missing its value; it must be a number: 1 is the file's own speed, 0 as fast as the server takes it.",
  ],
  [
    ["push", "film.flv", URL_, "--speed", "."],
    '--speed is ".", but must be a number: 1 is the file\'s own speed, 0 as fast as the server takes it.',
  ],
  [["push", "film.flv", URL_, "2"], '"2" is one argument too many: push takes FILE URL.'],
  [["push", "film.flv", URL_, "--lop"], "--lop is not a known flag; did you mean --loop?"],
  [["pull", URL_], "pull needs URL and FILE, as in: pull http://localhost:8501/live/cam.flv cam.mp4"],
  [["pull", URL_, "new.avi"], '"new.avi" says of no kind it is: its name has to end in .flv or .mp4.'],
  [
    ["pull", URL_, "film.flv"],
    "/srv/media/film.flv is there already, and nothing is ever overwritten: choose another name.",
  ],
  [["pull", URL_, "shows/new.flv"], "There is no folder /srv/media/shows: make it first."],
  [["pull", URL_, "film.flv/new.flv"], "/srv/media/film.flv is a file, not a folder."],
  [["pull", URL_, "new.flv", "--seconds", "-3"], '--seconds is "-3", but must be a number greater than 0.'],
  [["pull", URL_, "new.flv", "--seconds", "0"], '--seconds is "0", but must be a number greater than 0.'],
  [["pull", URL_, "new.flv", "--seconds"], "--seconds is missing its value; it must be a number greater than 0."],
  [["forward", URL_, " , "], "There is no target in the list."],
  [
    ["forward", "x", "rtmp://a/live/x,gopher://b/sesame"],
    "The source cannot be used: it is no address: expected SCHEME://HOST[:PORT]/APP/STREAM.\n" +
    "Target 2 cannot be used: gopher:// is none of rtmp, rtmps, http, https, ws, wss.",
  ],
  [
    ["forward", URL_, "rtmp://a/live/x?key=sesame,rtmp://a/live/x,rtmp://a/live/x?key=sesame"],
    "Target 3 is target 1: two who publish one stream take it from each other.",
  ],
  [["forward", URL_, `http://b/live/x,${URL_}`], "Target 2 is the source itself."],
  [
    ["forward", URL_, "http://b/live/x.m3u8"],
    "Target 1 cannot be used: it is a playlist of HLS, which can only be pulled from.",
  ],
  [
    ["gateway", "0", "http://origin/live/cam.flv"],
    "Upstream 1 cannot be used: it is more than a server. Leave its path away, or put {app} and {stream} into it.",
  ],
  [
    ["gateway", "0", "http://origin/prefix", "rtmp://origin/live"],
    "Upstream 2 cannot be used: it is more than a server. Leave its path away, or put {app} and {stream} into it.",
  ],
  [
    ["gateway", "0", "http://origin/hls/{app}/{stream}/index.m3u8"],
    "Upstream 1 cannot be used: it is a playlist of HLS, which a gateway does not play.",
  ],
  [["gateway", "8080"], "gateway needs PORT and one UPSTREAM or more, as in: gateway 8080 http://origin:8501"],
  [["gateway", "http", "http://origin"], '"http" is no port: it has to be a whole number from 0 to 65535.'],
  [
    ["gateway", "0", "http://origin", "origin"],
    "Upstream 2 cannot be used: it is no address: expected SCHEME://HOST[:PORT]/APP/STREAM.",
  ],
  [["gateway", "-1", "http://origin"], '"-1" is no port: it has to be a whole number from 0 to 65535.'],
  [
    ["gateway", "0", "http://origin", "--workers", "many"],
    '--workers is "many", but must be a whole number from 1 to 256, or "auto".',
  ],
  [["gateway", "0", "http://origin", "--host", "http://x"], '"http://x" is no host to listen on, as 0.0.0.0 is one.'],
  [["gateway", "0", "http://origin", "--host"], "--host is missing its value: the address to listen on."],
];

for (const [args, err] of SLIPS) {
  Deno.test(`"${args.join(" ")}" is refused`, async () => {
    assertEquals(await run(args), { code: 2, out: "", err, given: [] });
  });
}

Deno.test("the help of each command says what it takes", async () => {
  assertMatch(
    (await run(["push", "--help"])).out,
    /Usage: sluice push \[FLAGS\] FILE URL[\s\S]*--speed FACTOR[\s\S]*--loop/,
  );
  assertMatch((await run(["pull", "--help"])).out, /Usage: sluice pull \[FLAGS\] URL FILE[\s\S]*--seconds SECONDS/);
  assertMatch((await run(["forward", "--help"])).out, /Usage: sluice forward \[FLAGS\] SOURCE TARGET,TARGET,…/);
  assertMatch((await run(["gateway", "--help"])).out, /Usage: sluice gateway \[FLAGS\] PORT UPSTREAM…/);
});

Deno.test("times and sizes are written for people", () => {
  assertEquals([0, 9.96, 75.04, 3725.5].map(timeText), ["0:00.0", "0:10.0", "1:15.0", "1:02:05.5"]);
  assertEquals([0, 999_400, 1_250_000, 2_500_000_000].map(bytesText), ["0 kB", "999 kB", "1.3 MB", "2.50 GB"]);
});
