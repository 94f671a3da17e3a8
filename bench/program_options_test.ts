import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { helpOf, readOptions } from "./program_options.ts";

const USE = {
  about: "Measures nothing",
  options: {
    hours: { what: "how long", least: 1, otherwise: 4 },
    folder: { what: "where", otherwise: "." },
    way: { what: "by what", otherwise: "rtmp", known: ["rtmp", "http"] },
    only: { what: "these alone" },
    loud: { what: "say more", otherwise: false },
  },
  places: ["hours", "folder"],
} as const;

const read = (line: string) => readOptions(line.split(" ").filter(Boolean), USE);

Deno.test("options that are not given have the values of always", () => {
  assertEquals(read(""), { hours: 4, folder: ".", way: "rtmp", only: undefined, loud: false });
});

Deno.test("options are given by name or by place", () => {
  assertEquals(read("--hours 5 --way=http --only x --loud"), {
    hours: 5,
    folder: ".",
    way: "http",
    only: "x",
    loud: true,
  });
  assertEquals([read("5 /tmp").hours, read("5 /tmp").folder], [5, "/tmp"]);
});

const WRONG: readonly { line: string; says: string }[] = [
  { line: "--huors 5", says: "This program does not know --huors: --help lists what is known" },
  { line: "-x", says: "This program does not know -x" },
  { line: "5 /tmp more", says: "This program does not know more" },
  { line: "--hours many", says: '--hours is "many": it must be a number, 1 or more' },
  { line: "--hours=0", says: '--hours is "0": it must be a number, 1 or more' },
  { line: "many", says: '--hours is "many": it must be a number, 1 or more' },
  { line: "--hours", says: "--hours is missing its value" },
  { line: "--way ftp", says: '--way is "ftp": it must be one of rtmp, http' },
];

for (const { line, says } of WRONG) {
  Deno.test(`a wrong option of a program is refused in words: ${line}`, () => {
    assertThrows(() => read(line), RangeError, says);
  });
}

Deno.test("help says what a program is and takes", () => {
  assertMatch(
    helpOf(USE),
    /^Measures nothing\n\n {2}--hours 4 {4}how long\n[\s\S]*--only TEXT[\s\S]*--loud[\s\S]*: HOURS FOLDER$/,
  );
});

/** Runs a program of this folder, without letting it measure anything. */
async function run(program: string, argument: string) {
  const path = new URL(program, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", path, argument],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), lines: text(stderr).trim().split("\n") };
}

const PROGRAMS = [
  "bench.ts",
  "files/files.ts",
  "gateway.ts",
  "hls.ts",
  "mp4_finish.ts",
  "pages/player.ts",
  "pages/push.ts",
  "push_latency.ts",
  "simulate.ts",
  "storms.ts",
];

Deno.test("every program of the bench refuses what it does not know before it measures anything", async () => {
  for (
    const [i, { code, out, lines }] of (await Promise.all(PROGRAMS.map((each) => run(each, "--nonsense")))).entries()
  ) {
    const program = PROGRAMS[i];
    assertEquals([program, code, out, lines.length], [program, 2, "", 1]);
    assertMatch(lines[0], /does not know --nonsense/);
  }
});

Deno.test("the gateways' bench says what it does not know, and lists what it takes", async () => {
  const wrong = await run("gateway.ts", "--playerz=5");
  assertEquals([wrong.code, wrong.out, wrong.lines.length], [2, "", 1]);
  assertMatch(wrong.lines[0], /does not know --playerz=5/);
  const help = await run("gateway.ts", "--help");
  assertEquals(help.code, 0);
  assertMatch(help.out, /gateway[\s\S]*--players/);
});
