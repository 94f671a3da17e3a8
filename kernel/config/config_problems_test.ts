import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ConfigError } from "./config.ts";
import { problems, resolve, type Sources } from "./testing.ts";

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
    sources: { file: '{ "plugins": ["full", "hls", "full"] }' },
    problem: "sluice.jsonc:1: plugins[2] names the full set a second time.",
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
