import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import {
  ConfigError,
  type ConfigSources,
  listedPlugins,
  parseConfigText,
  type PluginDeclaration,
  pluginSettings,
  resolveConfig,
} from "./config.ts";

const rtmp = {
  name: "rtmp",
  config: z.object({ port: z.int().min(0).max(65_535).default(1935).describe("Port of RTMP") }),
};
const hls = {
  name: "hls",
  config: z.object({
    segmentSeconds: z.number().min(0.5).max(60).default(2),
    names: z.array(z.string()).default([]),
  }),
};
const httpFlv = { name: "http-flv", config: z.object({ gzip: z.boolean().default(false) }) };
const forward = {
  name: "forward",
  enabledByDefault: false,
  config: z.object({
    targets: z.array(z.object({ url: z.url(), match: z.string().optional() })),
    apiKey: z.string().min(8).optional(),
    least: z.number().default(1),
    most: z.number().default(2),
  }).refine(({ least, most }) => least <= most, { path: ["least"], message: "must not be above forward.most" }),
};
const mine = { name: "my-plugin", from: "./my_plugin.ts", config: z.object({ size: z.int().default(1) }) };
const PLUGINS: PluginDeclaration[] = [rtmp, httpFlv, hls, forward, mine];

type Sources = Partial<Omit<ConfigSources, "file" | "denoJson">> & { file?: string; denoJson?: string };

function resolve({ file, denoJson, ...rest }: Sources) {
  return resolveConfig({
    plugins: PLUGINS,
    ...rest,
    ...(file !== undefined && { file: parseConfigText("sluice.jsonc", file) }),
    ...(denoJson !== undefined && { denoJson: parseConfigText("deno.json", denoJson) }),
  });
}

function problems(sources: Sources): readonly string[] {
  return assertThrows(() => resolve(sources), ConfigError).problems;
}

// Each source gives a name of its own; in every row all sources from some one on are there.
const PRECEDENCE = [
  { code: { dataDir: "code" } },
  { denoJson: '{ "sluice": { "dataDir": "deno.json" } }' },
  { file: '{ "dataDir": "file" }' },
  { env: { SLUICE_DATA_DIR: "environment" } },
  { flags: { "data-dir": "flag" } },
];

Deno.test("without any source every setting is its default", () => {
  const { config, origins, plugins } = resolve({});
  assertEquals(config.dataDir, "./data");
  assertEquals(config.http, { port: 8501, host: "::" });
  assertEquals(pluginSettings(config, rtmp), { port: 1935, enabled: true } as { port: number });
  assertEquals(origins.size, 0);
  assertEquals(plugins.map(({ name }) => name), ["rtmp", "http-flv", "hls", "my-plugin"]);
});

for (const [at, strongest] of PRECEDENCE.entries()) {
  const source = Object.keys(strongest)[0];
  Deno.test(`of several sources the strongest counts: ${source} over ${Object.keys(PRECEDENCE[at - 1] ?? { default: 0 })}`, () => {
    const sources: Sources = Object.assign({}, ...PRECEDENCE.slice(0, at + 1));
    const { config, origins } = resolve(sources);
    assertEquals(config.dataDir, origins.get("dataDir")?.source);
    assertEquals(
      config.dataDir,
      { code: "code", denoJson: "deno.json", env: "environment", flags: "flag" }[source] ?? source,
    );
  });
}

Deno.test("sources are merged by key, deeply, and lists are replaced", () => {
  const { config } = resolve({
    denoJson: '{ "sluice": { "limits": { "connections": 5, "headerSeconds": 7 }, "hls": { "names": ["a", "b"] } } }',
    file:
      '{ "limits": { "headerSeconds": 8 }, "hls": { "segmentSeconds": 3 }, "log": { "levels": { "a": "warn", "b": "off" } } }',
    env: { SLUICE_LOG_LEVELS: "b=debug,rtmp.session=error", SLUICE_HLS_NAMES: "c" },
  });
  assertEquals(config.limits.connections, 5);
  assertEquals(config.limits.headerSeconds, 8);
  assertEquals(config.log.levels, { a: "warn", b: "debug", "rtmp.session": "error" });
  assertEquals(pluginSettings(config, hls).names, ["c"]);
  assertEquals(pluginSettings(config, hls).segmentSeconds, 3);
});

Deno.test("a plugin's section may be called as the plugin or in camel case", () => {
  for (const key of ["http-flv", "httpFlv"]) {
    const { config } = resolve({ file: `{ "${key}": { "gzip": true } }` });
    assertEquals(pluginSettings(config, httpFlv).gzip, true);
  }
});

Deno.test("what code gave to a factory is weaker than the configuration in code", () => {
  const plugins = [{ ...hls, settings: { segmentSeconds: 4, names: ["factory"] } }];
  const { config } = resolve({ plugins, code: { hls: { segmentSeconds: 5 } } });
  assertEquals(config.hls, { segmentSeconds: 5, names: ["factory"], enabled: true });
});

Deno.test('a file holds settings bare or under "sluice", with comments, and may name its schema', () => {
  const bare = resolve({ file: '{ "$schema": "./schema.json", /* why */ "graceSeconds": 1, }' });
  const wrapped = resolve({ file: '{ "sluice": { "graceSeconds": 1 }, "tasks": {} }' });
  assertEquals(bare.config.graceSeconds, 1);
  assertEquals(wrapped.config.graceSeconds, 1);
});

Deno.test("deno.json without settings of ours says nothing", () => {
  assertEquals(resolve({ denoJson: '{ "tasks": {}, "http": 5 }' }).origins.size, 0);
});

Deno.test("PORT is the HTTP port, weaker than SLUICE_HTTP_PORT", () => {
  assertEquals(resolve({ env: { PORT: "9000" } }).config.http.port, 9000);
  assertEquals(resolve({ env: { PORT: "9000", SLUICE_HTTP_PORT: "9001" } }).config.http.port, 9001);
});

Deno.test("of http.port and http.ports the one from the stronger source counts", () => {
  const file = '{ "http": { "ports": [1, 2] } }';
  assertEquals(resolve({ file }).config.http.ports, [1, 2]);
  assertEquals(resolve({ file, env: { PORT: "9000" } }).config.http, { port: 9000, host: "::" });
  assertEquals(resolve({ file: '{ "http": { "port": 5 } }', flags: { "http-ports": "1,2" } }).config.http.ports, [
    1,
    2,
  ]);
});

Deno.test("an empty variable is an unset one, and variables of others are none of ours", () => {
  assertEquals(
    resolve({ env: { SLUICE_RTMP_PORT: "", PORT: "", HOME: "/", SLUICE_CONFIG: "x.json" } }).origins.size,
    0,
  );
});

Deno.test("variables by which Kubernetes announces a service called sluice are ignored", () => {
  const { config, origins } = resolve({
    env: {
      SLUICE_SERVICE_HOST: "10.0.0.1",
      SLUICE_SERVICE_PORT_HTTP: "80",
      SLUICE_PORT: "tcp://10.0.0.1:80",
      SLUICE_PORT_80_TCP_ADDR: "10.0.0.1",
      SLUICE_RTMP_SERVICE_HOST: "10.0.0.2",
      SLUICE_RTMP_PORT: "tcp://10.0.0.2:1935",
      SLUICE_HTTP_SERVICE_HOST: "10.0.0.3",
      SLUICE_HTTP_PORT: "tcp://10.0.0.3:80",
      PORT: "9000",
    },
  });
  assertEquals(config.http.port, 9000);
  assertEquals([...origins.keys()], ["http.port"]);
});

const SWITCHES: { name: string; sources: Sources; running: string[] }[] = [
  { name: "the full set", sources: {}, running: ["rtmp", "http-flv", "hls", "my-plugin"] },
  {
    name: "one switched off in a file",
    sources: { file: '{ "hls": { "enabled": false } }' },
    running: ["rtmp", "http-flv", "my-plugin"],
  },
  {
    name: "one switched off by --no-hls",
    sources: { flags: { "no-hls": true } },
    running: ["rtmp", "http-flv", "my-plugin"],
  },
  {
    name: "one switched off by --hls-enabled=false",
    sources: { flags: { "hls-enabled": "false" } },
    running: ["rtmp", "http-flv", "my-plugin"],
  },
  {
    name: "one switched off by a variable and on again by a flag",
    sources: { env: { SLUICE_HLS_ENABLED: "no" }, flags: { hls: true } },
    running: ["rtmp", "http-flv", "hls", "my-plugin"],
  },
  {
    name: "one switched on that is off by default",
    sources: { file: '{ "forward": { "enabled": true, "targets": [] } }' },
    running: ["rtmp", "http-flv", "hls", "forward", "my-plugin"],
  },
  {
    name: "a list, in its order",
    sources: { file: '{ "plugins": ["hls", "./my_plugin.ts", "httpFlv"] }' },
    running: ["hls", "my-plugin", "http-flv"],
  },
  { name: "a list in a variable", sources: { env: { SLUICE_PLUGINS: "hls, rtmp" } }, running: ["hls", "rtmp"] },
  { name: "an empty list", sources: { file: '{ "plugins": [] }' }, running: [] },
  {
    name: "a list with one that is off by default",
    sources: { file: '{ "plugins": ["rtmp", ["forward", { "targets": [] }]] }' },
    running: ["rtmp", "forward"],
  },
  {
    name: "a list with one switched off",
    sources: { file: '{ "plugins": ["rtmp", "hls"] }', flags: { "no-rtmp": true } },
    running: ["hls"],
  },
];

for (const { name, sources, running } of SWITCHES) {
  Deno.test(`what runs: ${name}`, () => {
    const { config, plugins } = resolve(sources);
    assertEquals(plugins.map((plugin) => plugin.name), running);
    assertEquals(config.plugins, plugins.map((plugin) => plugin.from ?? plugin.name));
    for (const plugin of plugins) assertEquals(pluginSettings(config, plugin).enabled, true);
  });
}

Deno.test("settings in the list of plugins are stronger than those beside it, and count as the file's", () => {
  const { config, origins } = resolve({
    file: `{
      "hls": { "segmentSeconds": 3, "names": ["a"] },
      "plugins": [["hls", { "segmentSeconds": 4 }], ["./my_plugin.ts", { "size": 7 }]]
    }`,
  });
  assertEquals(config.hls, { segmentSeconds: 4, names: ["a"], enabled: true });
  assertEquals(config.myPlugin, { size: 7, enabled: true });
  assertEquals(origins.get("hls.segmentSeconds")?.where, "sluice.jsonc:3: plugins[0][1].segmentSeconds");
  assertEquals(
    resolve({ file: '{ "plugins": [["hls", { "segmentSeconds": 4 }]] }', env: { SLUICE_HLS_SEGMENT_SECONDS: "5" } })
      .config.hls,
    {
      segmentSeconds: 5,
      names: [],
      enabled: true,
    },
  );
});

Deno.test("a plugin that does not run needs no settings, but what it has must be known", () => {
  assertEquals(resolve({ file: '{ "forward": { "apiKey": "short" } }' }).config.forward, undefined);
  assertEquals(problems({ file: '{ "forward": { "apikey": "" } }' }), [
    "sluice.jsonc:1: forward.apikey is not a setting; did you mean apiKey?",
  ]);
});

Deno.test("settled once more, the merged input gives the same settings, whatever plugins make of theirs", () => {
  const plugins = [
    { name: "times", config: z.object({ at: z.string().transform((text) => new Date(text)) }) },
    forward,
  ];
  const once = resolve({
    plugins,
    env: { SLUICE_TIMES_AT: "2026-01-01" },
    flags: { "http-port": "1", forward: true, "forward-targets": "[]" },
  });
  const twice = resolve({ plugins, code: once.input });
  assertEquals(twice.config, once.config);
  assertEquals((twice.config.times as { at: Date }).at, new Date("2026-01-01"));
});

Deno.test("the list of plugins can be known before the plugins are", () => {
  const file = parseConfigText("x.json", '{ "unknown": 1, "plugins": ["rtmp", ["./other.ts", { "a": 1 }]] }');
  assertEquals(listedPlugins({ plugins: PLUGINS, file }), { entries: ["rtmp", "./other.ts"], source: "file" });
  assertEquals(listedPlugins({ plugins: PLUGINS, file, flags: { plugins: "hls" } }), {
    entries: ["hls"],
    source: "flag",
  });
  assertEquals(listedPlugins({ plugins: PLUGINS }), undefined);
});

const SENTENCES: { sources: Sources; problem: string }[] = [
  {
    sources: { file: '{\n  "htpp": {}\n}' },
    problem: "sluice.jsonc:2: htpp is not a setting; did you mean http?",
  },
  {
    sources: { denoJson: '{\n  "sluice": {\n    "http": {\n      "prot": 1\n    }\n  }\n}' },
    problem: "deno.json:4: sluice.http.prot is not a setting; did you mean port?",
  },
  {
    sources: { file: '{ "port": 80 }' },
    problem: "sluice.jsonc:1: port is not a setting; did you mean http.port, tls.port or rtmp.port?",
  },
  {
    sources: { file: '{ "rtmp": { "chunk": 1 } }' },
    problem: "sluice.jsonc:1: rtmp.chunk is not a setting; known are port and enabled.",
  },
  {
    sources: { file: '{ "forward": { "targets": [{ "url": "rtmp://a/b", "mtach": "x" }] } }' },
    problem: "sluice.jsonc:1: forward.targets[0].mtach is not a setting; did you mean match?",
  },
  {
    sources: { file: '{ "plugins": [["hls", { "segmentSecond": 1 }]] }' },
    problem: "sluice.jsonc:1: plugins[0][1].segmentSecond is not a setting; did you mean segmentSeconds?",
  },
  {
    sources: { file: '{ "http": 8501 }' },
    problem: "sluice.jsonc:1: http is 8501, but must be an object of port, ports and host.",
  },
  {
    sources: { file: "[]" },
    problem: "sluice.jsonc is an empty list, but must be an object of settings.",
  },
  {
    sources: { denoJson: '{ "sluice": null }' },
    problem: "deno.json:1: sluice is null, but must be an object of settings.",
  },
  {
    sources: { file: '{ "sluice": {}, "http": {} }' },
    problem: 'sluice.jsonc:1: http stands beside "sluice", but must stand in it.',
  },
  {
    sources: { file: '{ "http": {},\n"http": {} }' },
    problem: "sluice.jsonc:2: http stands there a second time.",
  },
  {
    sources: { denoJson: '{ "tasks": {}, "tasks": {}, "sluice": { "graceSeconds": 1,\n"graceSeconds": 2 } }' },
    problem: "deno.json:2: sluice.graceSeconds stands there a second time.",
  },
  {
    sources: { file: '{ "http": { "port": 70000 } }' },
    problem: "sluice.jsonc:1: http.port is 70000, but must be a whole number from 0 to 65535.",
  },
  {
    sources: { file: '{ "http": { "port": "80" } }' },
    problem: 'sluice.jsonc:1: http.port is "80", but must be a whole number from 0 to 65535.',
  },
  {
    sources: { file: '{ "http": { "port": null } }' },
    problem: "sluice.jsonc:1: http.port is null, but must be a whole number from 0 to 65535.",
  },
  {
    sources: { file: '{ "dataDir": "" }' },
    problem: 'sluice.jsonc:1: dataDir is "", but must be text that is not empty.',
  },
  {
    sources: { file: '{ "republish": "allow" }' },
    problem: 'sluice.jsonc:1: republish is "allow", but must be "auto", "reject" or "takeover".',
  },
  {
    sources: { file: '{ "log": { "levels": { "rtmp": "loud" } } }' },
    problem: 'sluice.jsonc:1: log.levels.rtmp is "loud", but must be "debug", "info", "warn", "error" or "off".',
  },
  {
    sources: { file: '{\n"plugins": [\n"rtmp",\n"hsl"\n]}' },
    problem: 'sluice.jsonc:4: plugins[1] is "hsl", which is no plugin; did you mean hls?',
  },
  {
    sources: { file: '{ "plugins": ["./other.ts"] }' },
    problem:
      'sluice.jsonc:1: plugins[0] is "./other.ts", which is no plugin; known are rtmp, http-flv, hls, forward and ./my_plugin.ts.',
  },
  {
    sources: { file: '{ "plugins": ["rtmp", "hls", "rtmp"] }' },
    problem: "sluice.jsonc:1: plugins[2] names the plugin rtmp a second time.",
  },
  {
    sources: { file: '{ "plugins": [5] }' },
    problem: "sluice.jsonc:1: plugins[0] is 5, but must be a plugin's name, a path to one, or [name, settings].",
  },
  {
    sources: { file: '{ "plugins": "rtmp" }' },
    problem:
      `sluice.jsonc:1: plugins is "rtmp", but must be a list, each a plugin's name, a path to one, or [name, settings].`,
  },
  {
    sources: { file: '{ "plugins": ["rtmp"] }', flags: { hls: true } },
    problem: "--hls is true, but sluice.jsonc:1: plugins leaves the plugin hls out.",
  },
  {
    sources: { flags: { forward: true } },
    problem:
      "The setting forward.targets is missing; it must be a list, each an object of url and match (flag --forward-targets, environment SLUICE_FORWARD_TARGETS).",
  },
  {
    sources: { file: '{ "forward": { "enabled": true, "targets": [\n{ "match": "a" }] } }' },
    problem: "sluice.jsonc:2: forward.targets[0].url is missing; it must be a URL.",
  },
  {
    sources: { file: '{ "forward": { "enabled": true, "targets": [], "least": 3 } }' },
    problem: "sluice.jsonc:1: forward.least is 3, but must not be above forward.most.",
  },
  {
    sources: { file: '{ "forward": { "enabled": true, "targets": [], "apiKey": "s3cr3t" } }' },
    problem: "sluice.jsonc:1: forward.apiKey is ***, but must be text of at least 8 characters.",
  },
  {
    sources: { env: { SLUICE_RTMP_PORT: "abc" } },
    problem: 'SLUICE_RTMP_PORT is "abc", but must be a whole number from 0 to 65535.',
  },
  {
    sources: { env: { PORT: "tcp://10.0.0.1" } },
    problem: 'PORT is "tcp://10.0.0.1", but must be a whole number from 0 to 65535.',
  },
  {
    sources: { env: { SLUICE_HTTP_PORTS: "80,x" } },
    problem: 'SLUICE_HTTP_PORTS[1] is "x", but must be a whole number from 0 to 65535.',
  },
  {
    sources: { env: { SLUICE_LOG_LEVELS: "debug" } },
    problem: 'SLUICE_LOG_LEVELS is "debug", but must be a level for each part of the server, such as rtmp=debug.',
  },
  {
    sources: { env: { SLUICE_LOG_LEVELS: "rtmp=loud" } },
    problem: 'SLUICE_LOG_LEVELS: rtmp is "loud", but must be "debug", "info", "warn", "error" or "off".',
  },
  {
    sources: { env: { SLUICE_RMTP_PORT: "1935" } },
    problem: "SLUICE_RMTP_PORT is not a setting; did you mean SLUICE_RTMP_PORT?",
  },
  {
    sources: { env: { SLUICE_CONFG: "x" } },
    problem: "SLUICE_CONFG is not a setting; did you mean SLUICE_CONFIG?",
  },
  { sources: { env: { SLUICE_XYZZY: "1" } }, problem: "SLUICE_XYZZY is not a setting." },
  {
    sources: { flags: { "rtmp-port": "70000" } },
    problem: "--rtmp-port is 70000, but must be a whole number from 0 to 65535.",
  },
  {
    sources: { flags: { "rmtp-port": "1935" } },
    problem: "--rmtp-port is not a known flag; did you mean --rtmp-port?",
  },
  {
    sources: { flags: { port: "80" } },
    problem: "--port is not a known flag; did you mean --http-port, --tls-port or --rtmp-port?",
  },
  {
    sources: { flags: { "no-hsl": true } },
    problem: "--no-hsl is not a known flag; did you mean --no-hls?",
  },
  {
    sources: { flags: { "rtmp-port": true } },
    problem: "--rtmp-port needs a value: a whole number from 0 to 65535.",
  },
  {
    sources: { flags: { "http-flv-gzip": "maybe" } },
    problem: '--http-flv-gzip is "maybe", but must be true or false.',
  },
  {
    sources: { code: { hls: { segmentSeconds: 0 } } },
    problem: "code: hls.segmentSeconds is 0, but must be a number from 0.5 to 60.",
  },
];

for (const { sources, problem } of SENTENCES) {
  Deno.test(`problem: ${problem}`, () => assertEquals(problems(sources), [problem]));
}

Deno.test("all problems are reported at once", () => {
  const found = problems({ file: '{ "htpp": 1, "http": { "port": -1 } }', env: { SLUICE_X: "1" }, flags: { y: "1" } });
  assertEquals(found.length, 4);
});

Deno.test("a bad value that a stronger source replaces is no problem", () => {
  assertEquals(resolve({ file: '{ "http": { "port": -1 } }', env: { PORT: "80" } }).config.http.port, 80);
});

Deno.test("a key that means something to JavaScript is a key like any other", () => {
  assertEquals(problems({ file: '{ "__proto__": { "port": 1 } }' }).length, 1);
  assertEquals(problems({ file: '{ "http": { "constructor": 1 } }' }).length, 1);
  const { config } = resolve({ file: '{ "log": { "levels": { "constructor": "warn" } } }' });
  assertEquals(config.log.levels.constructor as unknown, "warn");
});

Deno.test("whatever a file holds, it is settled or refused in sentences of one line", () => {
  const keys = fc.constantFrom(
    "http",
    "hls",
    "plugins",
    "sluice",
    "port",
    "log",
    "levels",
    "targets",
    "forward",
    "enabled",
    "__proto__",
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(keys, tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, (json) => {
      try {
        resolve({ file: JSON.stringify(json) });
      } catch (error) {
        assert(error instanceof ConfigError, String(error));
        assert(error.problems.length > 0);
        for (const problem of error.problems) assert(/^\P{Cc}+[.?]$/u.test(problem), problem);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("TLS needs both files, and the PROXY protocol somebody to trust", () => {
  assertEquals(problems({ code: { tls: { cert: "a.pem" } } }).length, 1);
  assertEquals(problems({ code: { tls: { key: "a.pem" } } }).length, 1);
  assertEquals(problems({ code: { proxy: { protocol: "required" } } }), [
    "The setting proxy.trusted is missing; it must name the proxies that proxy.protocol is meant for (flag --proxy-trusted, environment SLUICE_PROXY_TRUSTED).",
  ]);
  assertEquals(problems({ code: { proxy: { trusted: ["10.0.0.0/33"] } } }), [
    'code: proxy.trusted[0] is "10.0.0.0/33", but must be an address or a network such as 10.0.0.0/8 or fd00::/8.',
  ]);
});
