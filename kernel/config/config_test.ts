import { assertEquals } from "@std/assert";
import { z } from "zod";
import { listedPlugins, parseConfigText } from "./config.ts";
import { forward, hls, httpFlv, PLUGINS, pluginSettings, problems, resolve, rtmp, type Sources } from "./testing.ts";

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
    name: "the full set and one more",
    sources: { env: { SLUICE_PLUGINS: "full,./my_plugin.ts" } },
    running: ["rtmp", "http-flv", "hls", "my-plugin"],
  },
  {
    name: "the full set, whose members that the list names have their own places",
    sources: { file: '{ "plugins": ["./my_plugin.ts", "http-flv", "full", ["forward", { "targets": [] }]] }' },
    running: ["my-plugin", "http-flv", "rtmp", "hls", "forward"],
  },
  {
    name: "the full set with one switched on and one off",
    sources: { file: '{ "plugins": ["full"], "forward": { "targets": [] } }', flags: { forward: true, hls: false } },
    running: ["rtmp", "http-flv", "forward"],
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
