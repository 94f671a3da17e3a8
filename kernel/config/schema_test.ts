import { assert, assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { assembleSchema, configJsonSchema, settingsKey } from "./schema.ts";
import { describeConfig } from "./settings.ts";
import { kernelConfigSchema } from "./kernel_config.ts";

const NAMES = [["hls", "hls"], ["http-flv", "httpFlv"], ["flv-record", "flvRecord"], ["mp4-2", "mp42"], [
  "myPlugin",
  "myPlugin",
]];

for (const [name, key] of NAMES) {
  Deno.test(`the plugin ${name} has its settings under ${key}`, () => assertEquals(settingsKey(name), key));
}

const httpFlv = {
  name: "http-flv",
  config: z.object({
    maxDelayMs: z.int().default(5).describe("Milliseconds"),
    burst: z.object({ size: z.number().default(2), on: z.boolean().default(true) }).default({ size: 3, on: false }),
    token: z.string().optional(),
  }),
};

Deno.test("every setting is described with its variable, flag, type, default and meaning", () => {
  const settings = describeConfig([httpFlv]).filter(({ path }) => path[0] === "httpFlv");
  assertEquals(settings.map(({ schema: _, ...setting }) => setting), [
    {
      path: ["httpFlv", "maxDelayMs"],
      env: "SLUICE_HTTP_FLV_MAX_DELAY_MS",
      flag: "http-flv-max-delay-ms",
      type: "number",
      default: 5,
      description: "Milliseconds",
      secret: false,
    },
    {
      path: ["httpFlv", "burst", "size"],
      env: "SLUICE_HTTP_FLV_BURST_SIZE",
      flag: "http-flv-burst-size",
      type: "number",
      default: 3,
      description: "",
      secret: false,
    },
    {
      path: ["httpFlv", "burst", "on"],
      env: "SLUICE_HTTP_FLV_BURST_ON",
      flag: "http-flv-burst-on",
      type: "true|false",
      default: false,
      description: "",
      secret: false,
    },
    {
      path: ["httpFlv", "token"],
      env: "SLUICE_HTTP_FLV_TOKEN",
      flag: "http-flv-token",
      type: "text",
      description: "",
      secret: true,
    },
    {
      path: ["httpFlv", "enabled"],
      env: "SLUICE_HTTP_FLV_ENABLED",
      flag: "http-flv-enabled",
      type: "true|false",
      default: true,
      description: "Run the plugin http-flv",
      secret: false,
    },
  ]);
});

Deno.test("every setting of the kernel has a description, and a default unless absence means something", () => {
  const settings = describeConfig([]);
  assertEquals(settings.filter(({ description }) => description === ""), []);
  assertEquals(settings.filter((setting) => setting.default === undefined).map(({ flag }) => flag), [
    "http-ports",
    "tls-cert",
    "tls-key",
    "tls-ports",
    "tls-redirect-to",
    "plugins",
  ]);
});

Deno.test("the variables and flags that people know are there", () => {
  const flags = new Map(describeConfig([httpFlv]).map(({ env, flag }) => [env, flag]));
  assertEquals(flags.get("SLUICE_HTTP_PORT"), "http-port");
  assertEquals(flags.get("SLUICE_DATA_DIR"), "data-dir");
  assertEquals(flags.get("SLUICE_LOG_LEVEL"), "log-level");
});

Deno.test("two plugins of one name, and one with a name of the kernel's, are refused", () => {
  assertThrows(
    () => assembleSchema(kernelConfigSchema, [httpFlv, { name: "httpFlv" }]),
    TypeError,
    'Cannot add the plugin "httpFlv": the settings key "httpFlv" is already taken',
  );
  assertThrows(() => assembleSchema(kernelConfigSchema, [{ name: "http" }]), TypeError, 'the settings key "http"');
});

Deno.test("two settings with one variable are refused", () => {
  const plugin = { name: "http", config: z.object({ flvToken: z.string(), flv: z.object({ token: z.string() }) }) };
  assertThrows(
    () => describeConfig([{ ...plugin, name: "x" }]),
    TypeError,
    "Cannot tell x.flvToken from x.flv.token: both are --x-flv-token",
  );
});

Deno.test("editors get a schema of all settings in both spellings, closed to unknown keys, with the plugins' names", () => {
  const schema = configJsonSchema([httpFlv]);
  assertEquals(schema.additionalProperties, false);
  assertEquals(schema.properties?.["http-flv"], schema.properties?.httpFlv);
  assertEquals(schema.properties?.httpFlv.additionalProperties, false);
  assertEquals(schema.properties?.httpFlv.properties?.burst.additionalProperties, false);
  assert(JSON.stringify(schema.properties?.plugins).includes('"enum":["http-flv"]'));
  assertEquals(schema.properties?.log.properties?.levels.additionalProperties, {
    type: "string",
    enum: ["debug", "info", "warn", "error", "off"],
  });
});
