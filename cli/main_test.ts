import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { definePlugin } from "../kernel/plugin/plugin.ts";
import { z } from "zod";
import { main } from "./main.ts";
import { FakeHost, type FakeHostOptions } from "./testing/fake_host.ts";
import { FakeProgram, PLUGINS } from "./testing/fake_program.ts";

async function run(args: string[], options: Omit<FakeHostOptions, "args"> = {}) {
  const host = new FakeHost({ ...options, args });
  const program = new FakeProgram(() => Promise.reject(new Error("started")));
  const code = await main(program, host);
  return { code, program, out: host.stdout.join("\n"), err: host.stderr.join("\n") };
}

const size = definePlugin({ name: "my-plugin", config: z.object({ size: z.int().default(1) }), setup() {} });

/** Sentences that a command line is refused with, exit code 2. */
const REFUSED: { args: string[]; options?: Omit<FakeHostOptions, "args">; err: string }[] = [
  { args: ["strat"], err: '"strat" is not a command; did you mean start?' },
  { args: ["serve"], err: '"serve" is not a command; known are start, demo and echo.' },
  { args: ["a\nb"], err: '"a\\u{a}b" is not a command; known are start, demo and echo.' },
  { args: ["start", "now"], err: '"now" is one argument too many: start takes none.' },
  { args: ["echo", "a", "b"], err: '"b" is one argument too many: echo takes FILE.' },
  { args: ["--rmtp-port", "1"], err: "--rmtp-port is not a known flag; did you mean --rtmp-port?" },
  {
    args: ["start", "--port=80"],
    err: "--port is not a known flag; did you mean --http-port, --tls-port or --rtmp-port?",
  },
  { args: ["start", "--confg", "x"], err: "--confg is not a known flag; did you mean --config?" },
  { args: ["start", "--no-hsl"], err: "--no-hsl is not a known flag; did you mean --no-hls?" },
  { args: ["start", "-x"], err: "-x is not a known flag." },
  { args: ["start", "--a\u001b[2J"], err: "--a\\u{1b}[2J is not a known flag." },
  { args: ["echo", "--http-port", "80"], err: "--http-port is not a known flag." },
  { args: ["start", "--rtmp-port"], err: "--rtmp-port needs a value: a whole number from 0 to 65535." },
  { args: ["start", "--rtmp-port", "--no-hls"], err: "--rtmp-port needs a value: a whole number from 0 to 65535." },
  { args: ["start", "--rtmp-port", "x"], err: '--rtmp-port is "x", but must be a whole number from 0 to 65535.' },
  { args: ["start", "--rtmp-port", "-1"], err: "--rtmp-port is -1, but must be a whole number from 0 to 65535." },
  {
    args: ["start", "--hls-segment-seconds", "-0.5"],
    err: "--hls-segment-seconds is -0.5, but must be a number from 0.5 to 60.",
  },
  { args: ["start", "-1"], err: '"-1" is one argument too many: start takes none.' },
  { args: ["echo", "a", "--loud=maybe"], err: '--loud is "maybe", but must be true or false.' },
  { args: ["start", "--check=maybe"], err: '--check is "maybe", but must be true or false.' },
  { args: ["start", "--hls-enabled=maybe"], err: '--hls-enabled is "maybe", but must be true or false.' },
  { args: ["start", "--config"], err: "--config needs a value: the path of a JSON file." },
  { args: ["start", "--config", "x.json"], err: 'Cannot read the configuration file "x.json": it does not exist.' },
  {
    args: [],
    options: { env: { SLUICE_CONFIG: "y.json" } },
    err: 'Cannot read the configuration file "y.json": it does not exist.',
  },
  {
    args: ["-c", "x.json"],
    options: { files: { "/srv/media/x.json": '{\n "a": }' } },
    err: 'x.json:2: cannot be read as JSON: unexpected token "}".',
  },
  {
    args: ["--config=/etc/x.json"],
    options: { files: { "/etc/x.json": '{\n "rtmp": { "prot": 1 } }' } },
    err: "/etc/x.json:2: rtmp.prot is not a setting; did you mean port?",
  },
  {
    args: [],
    options: { files: { "/srv/media/deno.json": '{\n "sluice": { "http": 1 } }' } },
    err: "deno.json:2: sluice.http is 1, but must be an object of port, ports and host.",
  },
  { args: [], options: { env: { SLUICE_HTTP: "1" } }, err: "SLUICE_HTTP is not a setting." },
  {
    args: ["--plugins", "rtmp,./mine.ts"],
    err: 'Cannot load the plugin "./mine.ts": Module not found "file:///srv/media/mine.ts".',
  },
  {
    args: ["--plugins", "./mine.ts"],
    options: { modules: { "file:///srv/media/mine.ts": { default: { name: "mine" } } } },
    err:
      'Cannot load the plugin "./mine.ts": its default export is neither a plugin nor a factory of one (see definePlugin).',
  },
];

for (const { args, options, err } of REFUSED) {
  Deno.test(`a command line is refused: ${err}`, async () => {
    const result = await run(args, options);
    assertEquals(result.err, err);
    assertEquals({ code: result.code, out: result.out, started: result.program.started.length }, {
      code: 2,
      out: "",
      started: 0,
    });
  });
}

Deno.test("all problems of a configuration are said, one a line", async () => {
  const { err } = await run(["--http-port", "x", "--rtmp-port", "y"], { env: { SLUICE_A: "1" } });
  assertEquals(err.split("\n").length, 3);
});

Deno.test("a failure that is nobody's usage is said in one line, exit code 1", async () => {
  const { code, err } = await run(["start"]);
  assertEquals({ code, err }, { code: 1, err: "sluice: started" });
});

Deno.test("the version is printed", async () => {
  for (const args of [["--version"], ["-V"], ["start", "--version"]]) {
    const { code, out } = await run(args);
    assertEquals({ code, out }, { code: 0, out: "sluice 1.2.3" });
  }
});

Deno.test("--check says that settings are valid and starts nothing", async () => {
  const { code, out, err, program } = await run(["start", "--check", "--http-port", "80"]);
  assertEquals({ code, out, err, started: program.started }, {
    code: 0,
    out: "configuration is valid",
    err: "",
    started: [],
  });
});

Deno.test("--print-config prints the settings in force as JSON, and on the side where they come from", async () => {
  const { code, out, err } = await run(["--print-config", "--hls-secret=s3cr3t"], { env: { PORT: "90" } });
  assertEquals(code, 0);
  assertEquals(JSON.parse(out).http.port, 90);
  assertEquals(JSON.parse(out).hls.secret, "***");
  assertEquals(err, 'http.port = 90 (PORT)\nhls.secret = "***" (--hls-secret)');
});

Deno.test("--print-schema prints a JSON Schema of all settings, even while they are wrong", async () => {
  const { code, out } = await run(["--print-schema"], { env: { SLUICE_HTTP_PORT: "x" } });
  assertEquals(code, 0);
  assertEquals(JSON.parse(out).properties.rtmp.properties.port.maximum, 65_535);
});

Deno.test("files, variables and flags are merged in their order", async () => {
  const files = {
    "/srv/media/deno.json": '{ "sluice": { "dataDir": "1", "graceSeconds": 1, "waitSeconds": 1, "stallSeconds": 1 } }',
    "/srv/media/x.jsonc": '{ "graceSeconds": 2, "waitSeconds": 2, "stallSeconds": 2, /* why */ }',
  };
  const env = { SLUICE_CONFIG: "x.jsonc", SLUICE_WAIT_SECONDS: "3", SLUICE_STALL_SECONDS: "3" };
  const { program } = await run(["--stall-seconds", "4", "--log-levels", "rtmp=debug"], { files, env });
  const { dataDir, graceSeconds, waitSeconds, stallSeconds, log } = program.started[0];
  assertEquals({ dataDir, graceSeconds, waitSeconds, stallSeconds }, {
    dataDir: "1",
    graceSeconds: 2,
    waitSeconds: 3,
    stallSeconds: 4,
  });
  assertEquals(log.levels, { rtmp: "debug" });
});

Deno.test("deno.jsonc is read where there is no deno.json, and --config is stronger than SLUICE_CONFIG", async () => {
  const files = {
    "/srv/media/deno.jsonc": '{ "sluice": { "waitSeconds": 7 } }',
    "/srv/media/a.json": '{ "graceSeconds": 8 }',
  };
  const { program } = await run(["-c", "a.json"], { files, env: { SLUICE_CONFIG: "b.json" } });
  assertEquals([program.started[0].waitSeconds, program.started[0].graceSeconds], [7, 8]);
});

Deno.test("switches and lists are read in every form", async () => {
  const { program } = await run([
    "--no-rtmp",
    "--http-flv-enabled=false",
    "--hls",
    "--hls-names",
    "a,b",
    "--hls-names=c",
  ]);
  assertEquals(program.startedPlugins, [["hls"]]);
  assertEquals((program.started[0].hls as { names: string[] }).names, ["a", "b", "c"]);
});

Deno.test("the demo runs only where it is asked for", async () => {
  assertEquals((await run([])).program.startedPlugins, [["rtmp", "http-flv", "hls"]]);
  assertEquals((await run(["demo"])).program.startedPlugins, [["rtmp", "http-flv", "hls", "demo"]]);
  assertEquals((await run(["demo", "--no-demo"])).program.startedPlugins, [["rtmp", "http-flv", "hls"]]);
});

Deno.test("--no-NAME=true switches off, and =false does not", async () => {
  const { program } = await run(["--no-rtmp=true", "--no-hls=false"]);
  assertEquals(program.startedPlugins, [["http-flv", "hls"]]);
});

Deno.test("a plugin is loaded by its path, which is meant from where it is written, and its settings are flags", async () => {
  const module = { default: size };
  const rows: { files: Record<string, string>; args: string[]; url: string; expected: number }[] = [
    {
      files: { "/etc/sluice/x.json": '{ "plugins": ["rtmp", ["./mine.ts", { "size": 4 }]] }' },
      args: ["-c", "/etc/sluice/x.json"],
      url: "file:///etc/sluice/mine.ts",
      expected: 4,
    },
    {
      files: { "/srv/media/deno.json": '{ "sluice": { "plugins": ["rtmp", "./mine.ts"] } }' },
      args: ["--my-plugin-size", "5"],
      url: "file:///srv/media/mine.ts",
      expected: 5,
    },
    { files: {}, args: ["--plugins=rtmp,./mine.ts"], url: "file:///srv/media/mine.ts", expected: 1 },
    { files: {}, args: ["--plugins=rtmp,/opt/mine.ts"], url: "file:///opt/mine.ts", expected: 1 },
  ];
  for (const { files, args, url, expected } of rows) {
    const { program, err } = await run(args, { files, modules: { [url]: module } });
    assertEquals(err, "sluice: started");
    assertEquals(program.startedPlugins, [["rtmp", "my-plugin"]]);
    assertEquals((program.started[0].myPlugin as { size: number }).size, expected);
  }
});

Deno.test("a plugin of one's own replaces one of the same name", async () => {
  const hls = definePlugin({ name: "hls", config: z.object({ mine: z.boolean().default(true) }), setup() {} });
  const { program } = await run(["--plugins", "./hls.ts"], {
    modules: { "file:///srv/media/hls.ts": { default: hls() } },
  });
  assertEquals(program.started[0].hls, { mine: true, enabled: true });
});

Deno.test("a command of its own gets its flags and arguments, and no settings", async () => {
  const { code, program } = await run(["echo", "--loud", "a.txt", "--voice", "x", "--word", "b", "--word=c"], {
    env: { SLUICE_A: "1" },
  });
  assertEquals(code, 0);
  const [{ args, flags, settings }] = program.echoed;
  assertEquals({ args, flags, settings }, {
    args: ["a.txt"],
    flags: { loud: true, voice: "x", word: ["b", "c"] },
    settings: undefined,
  });
});

Deno.test("a negative number is a value or an argument, and no flag", async () => {
  const { program } = await run(["echo", "--voice", "-1", "-2.5", "--word", "-.5"]);
  const [{ args, flags }] = program.echoed;
  assertEquals({ args, flags }, { args: ["-2.5"], flags: { voice: "-1", word: ["-.5"] } });
});

Deno.test("a switch may be said to be true or false", async () => {
  const { program } = await run(["echo", "--loud=false", "--voice=x=y"]);
  assertEquals(program.echoed[0].flags, { loud: false, voice: "x=y" });
});

Deno.test("what stands behind an unknown flag is its value, unless it is a flag", async () => {
  assertEquals((await run(["echo", "--vioce", "x", "a"])).err, "--vioce is not a known flag; did you mean --voice?");
  assertEquals((await run(["echo", "--vioce", "--lood"])).err.split("\n").length, 2);
});

Deno.test("help is shown for the word too", async () => {
  for (const args of [["help"], ["help", "echo"]]) {
    const { code, out } = await run(args);
    assertEquals([code, out], [0, (await run([...args.slice(1), "--help"])).out]);
  }
});

Deno.test("short flags stand for long ones, and behind -- everything is an argument", async () => {
  const { program } = await run(["echo", "-l", "--", "-l"]);
  assertEquals([program.echoed[0].flags.loud, program.echoed[0].args], [true, ["-l"]]);
});

Deno.test("the program's help lists commands, flags and every setting", async () => {
  const { code, out } = await run(["--help"]);
  assertEquals(code, 0);
  for (
    const text of ["start", "Say what was given", "--config FILE", "--http-port number", "--hls-segment-seconds number"]
  ) {
    assertStringIncludes(out, text);
  }
  assertStringIncludes(out, "Settings of hls:");
  assertStringIncludes(out, "Seconds of a segment (0.5 to 60; default 2)");
  assertStringIncludes(
    out.replace(/\s+/g, " "),
    "--http-port is SLUICE_HTTP_PORT in the environment and http.port in a file",
  );
});

Deno.test("a command's help lists its own flags, and settings only where they count", async () => {
  const { out } = await run(["echo", "-h"]);
  assertStringIncludes(out, "Usage: sluice echo [FLAGS] FILE");
  assertStringIncludes(out, "-l, --loud");
  assertStringIncludes(out, "    --voice NAME");
  assert(!out.includes("--http-port") && !out.includes("--config"));
  assertStringIncludes((await run(["start", "-h"])).out, "--http-port");
});

Deno.test("help is there even when the settings are wrong", async () => {
  assertEquals((await run(["--help", "--config", "missing.json", "--http-port", "x"])).code, 0);
});

for (const columns of [40, 60, 80, 110]) {
  Deno.test(`help fits a terminal of ${columns} columns`, async () => {
    const { out } = await run(["--help"], { columns });
    const long = out.split("\n").filter((line) => line.length > columns && !/^ {2}--\S+ \S+$/.test(line));
    assertEquals(long, []);
    assertMatch(out, /^ {2}--rtmp-port number/m);
  });
}

Deno.test("every plugin that has a factory has its settings in the help", async () => {
  const { out } = await run(["--help"]);
  for (const { name } of PLUGINS) assertStringIncludes(out, `--${name}-enabled`);
});
