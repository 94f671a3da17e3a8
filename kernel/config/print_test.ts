import { assertEquals, assertMatch, assertNotMatch, assertThrows } from "@std/assert";
import { z } from "zod";
import { ConfigError, explainConfig, parseConfigText, printConfig, resolveConfig } from "./config.ts";

const plugins = [{
  name: "auth",
  config: z.object({
    keys: z.array(z.string()).default([]),
    jwtSecret: z.string().default(""),
    backend: z.string().optional(),
    pin: z.string().optional().meta({ secret: true }),
    byStream: z.record(z.string(), z.string()).default({}).meta({ secret: true }),
  }),
}];

const file = parseConfigText(
  "sluice.json",
  `{
    "auth": {
      "keys": ["s3cr3t-1", "s3cr3t-2"],
      "jwtSecret": "s3cr3t",
      "backend": "https://user:s3cr3t@host/check?token=s3cr3t",
      "pin": "s3cr3t",
      "byStream": { "live/cam": "s3cr3t" }
    }
  }`,
);

Deno.test("the settings in force are printed as JSON without secrets", () => {
  const text = printConfig(resolveConfig({ plugins, file }));
  assertMatch(text, /^((?!s3cr3t).)*$/s);
  assertEquals(JSON.parse(text).auth, {
    keys: ["***", "***"],
    jwtSecret: "***",
    backend: "https://***@host/check?***",
    pin: "***",
    byStream: "***",
    enabled: true,
  });
  assertEquals(JSON.parse(text).http, { port: 8501, host: "::" });
});

Deno.test("a secret that is not set is shown as not set", () => {
  const { auth } = JSON.parse(printConfig(resolveConfig({ plugins })));
  assertEquals(auth, { keys: [], jwtSecret: "", byStream: {}, enabled: true });
});

Deno.test("what is printed is a configuration file that gives the same settings", () => {
  const first = resolveConfig({ plugins, flags: { "http-port": "80", "log-levels": "a.b=off", plugins: "auth" } });
  const again = resolveConfig({ plugins, file: parseConfigText("printed.json", printConfig(first)) });
  assertEquals(again.config, first.config);
});

Deno.test("each setting that is not a default is explained by its origin, without secrets", () => {
  const resolved = resolveConfig({ plugins, file, env: { SLUICE_LOG_LEVELS: "a.b=off" }, flags: { "no-auth": true } });
  assertEquals(explainConfig(resolved), [
    "auth.keys = not in force (sluice.json:3: auth.keys)",
    "auth.jwtSecret = not in force (sluice.json:4: auth.jwtSecret)",
    "auth.backend = not in force (sluice.json:5: auth.backend)",
    "auth.pin = not in force (sluice.json:6: auth.pin)",
    "auth.byStream.live/cam = not in force (sluice.json:7: auth.byStream.live/cam)",
    'log.levels.a.b = "off" (SLUICE_LOG_LEVELS: a.b)',
    "auth.enabled = not in force (--no-auth)",
  ]);
  assertEquals(
    explainConfig(resolveConfig({ plugins, file }))[0],
    'auth.keys = ["***","***"] (sluice.json:3: auth.keys)',
  );
  assertMatch(explainConfig(resolveConfig({ plugins, file })).join("\n"), /^((?!s3cr3t).)*$/s);
});

for (
  const flags of [
    { "auth-by-stream": "s3cr3t" },
    { "auth-by-stream": '{ "live/cam": 53837 }' },
    { "auth-keys": "[53837]" },
  ]
) {
  Deno.test(`a secret that is given wrongly is not shown: ${Object.keys(flags)} ${Object.values(flags)}`, () => {
    const { message } = assertThrows(() => resolveConfig({ plugins, flags }), ConfigError, "***");
    assertNotMatch(message, /s3cr3t|53837/);
  });
}
