import { assert, assertEquals, assertMatch } from "@std/assert";
import { httpGet } from "./support/http_get.ts";
import { listenersOn } from "./support/listeners_on.ts";
import { Program } from "./support/program.ts";

const PATH = "flv/live/cam/20260101_100000.flv";

/** So many that by chance both workers get some. */
const MANY_CONNECTIONS = 12;

async function inDataDir(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/flv/live/cam`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${PATH}`, "0123456789");
    await Deno.writeTextFile(`${folder}/tokens.json`, "secret");
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function portOf(program: Program): Promise<number> {
  const [, port] = await program.until(/^ {2}pages +http:\/\/127\.0\.0\.1:(\d+)\/$/m);
  return Number(port);
}

Deno.test("the task serves a data directory with few permissions, logs each request, and stops when asked", async () => {
  await inDataDir(async (folder) => {
    await using program = Program.deno(["task", "files", "127.0.0.1", "0", "--data-dir", folder]);
    const port = await portOf(program);
    assertMatch(program.out, new RegExp(`^Sluice [\\d.]+ serves the files in ${folder}$`, "m"));
    const headers = { "Range": "bytes=2-4", "User-Agent": "tester" };
    assertEquals((await httpGet(port, `/${PATH}?key=sesame`, { headers })).text, "234");
    assertEquals((await httpGet(port, "/flv/live/cam/index.flv")).text, "0123456789");
    const missing = await httpGet(port, "/tokens.json");
    assertEquals(missing.status, 404);
    const list = await httpGet(port, "/api/v1/files?limit=5");
    assertEquals(JSON.parse(list.text).total, 1);
    assertMatch((await httpGet(port, "/")).text, /<!DOCTYPE html>/i);
    await program.until(/"GET \/"/);
    const lines = program.out.split("\n").filter((line) => / "GET /.test(line));
    const time = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z 127\\.0\\.0\\.1:\\d+";
    const expected = [
      `"GET /${PATH}" 206 3 \\d+\\.\\d{3}s "bytes=2-4" "tester"`,
      `"GET /flv/live/cam/index\\.flv" 200 10 \\d+\\.\\d{3}s - -`,
      `"GET /tokens\\.json" 404 ${missing.body.length} \\d+\\.\\d{3}s - -`,
      `"GET /api/v1/files\\?limit=5" 200 ${list.body.length} \\d+\\.\\d{3}s - -`,
    ];
    for (const [i, line] of expected.entries()) assertMatch(lines[i], new RegExp(`^${time} ${line}$`));
    assert(!program.out.includes("sesame"));
    assertEquals(program.err.includes("error"), false, program.err);
  });
});

Deno.test("it stops by a signal, with exit code 0", async () => {
  await inDataDir(async (folder) => {
    await using program = Program.server(["files", "127.0.0.1", "0", "--data-dir", folder]);
    await portOf(program);
    assertEquals((await program.stop()).code, 0);
  });
});

Deno.test("with workers each has its own way in, serves by itself, and logs each request once", async () => {
  await inDataDir(async (folder) => {
    await using program = Program.deno(["task", "files", "127.0.0.1", "0", "--data-dir", folder, "--workers", "2"]);
    const port = await portOf(program);
    assertEquals(await listenersOn(port), 2);
    const numbers = Array.from({ length: MANY_CONNECTIONS }, (_, number) => number);
    const texts = await Promise.all(numbers.map(async (number) => {
      const headers = { "Range": "bytes=2-4", "Connection": "close", "User-Agent": `tester ${number}` };
      return (await httpGet(port, `/${PATH}`, { headers })).text;
    }));
    assertEquals(texts, numbers.map(() => "234"));
    assertMatch((await httpGet(port, "/")).text, /<!DOCTYPE html>/i);
    assertEquals((await httpGet(port, "/tokens.json")).status, 404);
    await program.until(/"GET \/tokens\.json" 404 /);
    for (const number of numbers) {
      await program.until(new RegExp(`" 206 3 .*"tester ${number}"`));
      assertEquals(program.out.split(`"tester ${number}"`).length, 2);
    }
    assertEquals((await program.stop("SIGINT")).err.includes("rror"), false, program.err);
    assertEquals(program.out.split("/tokens.json").length, 2);
  });
});

Deno.test("a port that is taken is one sentence, exit code 1", async () => {
  await inDataDir(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String((taken.addr as Deno.NetAddr).port);
    const { code, err } = await Program.server(["files", "127.0.0.1", port, "--data-dir", folder]).over();
    assertEquals([code, err], [1, `Cannot listen on port ${port} for http: another program uses it.\n`]);
  });
});

const SLIPS: [args: string[], err: string][] = [
  [[], "files needs HOST and PORT, as in: files 0.0.0.0 8100"],
  [["0.0.0.0"], "files needs HOST and PORT, as in: files 0.0.0.0 8100"],
  [["0.0.0.0", "http", "--data-dir", "."], '"http" is no port: it has to be a whole number from 0 to 65535.'],
  [["0.0.0.0", "65536", "--data-dir", "."], '"65536" is no port: it has to be a whole number from 0 to 65535.'],
  [["http://x", "80", "--data-dir", "."], '"http://x" is no host to listen on, as 0.0.0.0 is one.'],
  [["0.0.0.0", "80", "--data-dir", "/nowhere"], "There is no folder /nowhere: say which with --data-dir."],
  [["0.0.0.0", "80", "--data-dir", "/etc/hostname"], "/etc/hostname is a file, not a data directory."],
  [["0.0.0.0", "80", "--data-dir"], "--data-dir needs a value: the path of a folder."],
  [
    ["0.0.0.0", "80", "--data-dir", ".", "--workers", "-1"],
    '--workers is "-1", but must be a whole number from 1 to 256, or "auto".',
  ],
  [
    ["0.0.0.0", "80", "--data-dir", ".", "--workers"],
    '--workers is missing its value; it must be a whole number from 1 to 256, or "auto".',
  ],
  [["0.0.0.0", "80", "x"], '"x" is one argument too many: files takes HOST PORT.'],
  [["0.0.0.0", "80", "--data-dri", "x"], "--data-dri is not a known flag; did you mean --data-dir?"],
];

for (const [args, err] of SLIPS) {
  Deno.test(`files ${args.join(" ")}: one sentence and exit code 2`, async () => {
    const end = await Program.server(["files", ...args]).over();
    assertEquals([end.code, end.err.split("\n")[0], end.out], [2, err, ""]);
  });
}
